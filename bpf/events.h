/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Event types that the probe emits: name, code and number of parameters. A test compares the lines with the event
 * roster of @peregrine/events, which user space decodes by.
 */
#ifndef PEREGRINE_EVENTS_H
#define PEREGRINE_EVENTS_H

#define EVENT_TYPES(EVENT) \
	EVENT(syscall, 1, 2) \
	EVENT(open, 3, 6) \
	EVENT(close, 5, 2) \
	EVENT(read, 7, 4) \
	EVENT(write, 9, 4) \
	EVENT(socket, 19, 5) \
	EVENT(bind, 21, 3) \
	EVENT(connect, 23, 4) \
	EVENT(listen, 25, 3) \
	EVENT(sendto, 31, 5) \
	EVENT(recvfrom, 35, 5) \
	EVENT(shutdown, 37, 3) \
	EVENT(getsockname, 39, 0) \
	EVENT(getpeername, 41, 0) \
	EVENT(socketpair, 43, 8) \
	EVENT(setsockopt, 45, 6) \
	EVENT(getsockopt, 47, 6) \
	EVENT(sendmsg, 49, 5) \
	EVENT(sendmmsg, 51, 5) \
	EVENT(recvmsg, 53, 6) \
	EVENT(recvmmsg, 55, 6) \
	EVENT(creat, 59, 6) \
	EVENT(pipe, 61, 4) \
	EVENT(eventfd, 63, 3) \
	EVENT(futex, 65, 4) \
	EVENT(stat, 67, 2) \
	EVENT(lstat, 69, 2) \
	EVENT(fstat, 71, 2) \
	EVENT(epoll_wait, 79, 2) \
	EVENT(poll, 81, 3) \
	EVENT(select, 85, 1) \
	EVENT(lseek, 87, 4) \
	EVENT(getcwd, 93, 2) \
	EVENT(chdir, 95, 2) \
	EVENT(fchdir, 97, 2) \
	EVENT(pread, 113, 5) \
	EVENT(pwrite, 115, 5) \
	EVENT(readv, 117, 4) \
	EVENT(writev, 119, 4) \
	EVENT(preadv, 121, 5) \
	EVENT(pwritev, 123, 5) \
	EVENT(signalfd, 127, 4) \
	EVENT(kill, 129, 3) \
	EVENT(tkill, 131, 3) \
	EVENT(tgkill, 133, 4) \
	EVENT(nanosleep, 135, 2) \
	EVENT(timerfd_create, 137, 3) \
	EVENT(inotify_init, 139, 2) \
	EVENT(getrlimit, 141, 4) \
	EVENT(setrlimit, 143, 4) \
	EVENT(prlimit, 145, 7) \
	EVENT(fcntl, 151, 4) \
	EVENT(switch, 152, 6) \
	EVENT(brk, 159, 5) \
	EVENT(mmap, 161, 10) \
	EVENT(munmap, 165, 6) \
	EVENT(splice, 167, 5) \
	EVENT(ptrace, 169, 5) \
	EVENT(ioctl, 171, 4) \
	EVENT(rename, 175, 3) \
	EVENT(renameat, 177, 5) \
	EVENT(symlink, 179, 3) \
	EVENT(symlinkat, 181, 4) \
	EVENT(procexit, 186, 5) \
	EVENT(sendfile, 189, 5) \
	EVENT(quotactl, 191, 18) \
	EVENT(setresuid, 193, 4) \
	EVENT(setresgid, 195, 4) \
	EVENT(setuid, 199, 2) \
	EVENT(setgid, 201, 2) \
	EVENT(getuid, 203, 1) \
	EVENT(geteuid, 205, 1) \
	EVENT(getgid, 207, 1) \
	EVENT(getegid, 209, 1) \
	EVENT(getresuid, 211, 4) \
	EVENT(getresgid, 213, 4) \
	EVENT(clone, 223, 21) \
	EVENT(fork, 225, 21) \
	EVENT(vfork, 227, 21) \
	EVENT(signaldeliver, 232, 3) \
	EVENT(getdents, 237, 2) \
	EVENT(getdents64, 239, 2) \
	EVENT(setns, 241, 3) \
	EVENT(flock, 243, 3) \
	EVENT(accept, 247, 5) \
	EVENT(semop, 251, 9) \
	EVENT(semctl, 253, 5) \
	EVENT(ppoll, 255, 4) \
	EVENT(mount, 257, 5) \
	EVENT(semget, 263, 4) \
	EVENT(access, 265, 3) \
	EVENT(chroot, 267, 2) \
	EVENT(setsid, 275, 1) \
	EVENT(mkdir, 277, 3) \
	EVENT(rmdir, 279, 2) \
	EVENT(unshare, 285, 2) \
	EVENT(page_fault, 290, 3) \
	EVENT(execve, 293, 31) \
	EVENT(setpgid, 295, 3) \
	EVENT(seccomp, 299, 3) \
	EVENT(unlink, 301, 2) \
	EVENT(unlinkat, 303, 4) \
	EVENT(mkdirat, 305, 4) \
	EVENT(openat, 307, 7) \
	EVENT(link, 309, 3) \
	EVENT(linkat, 311, 6) \
	EVENT(fchmodat, 313, 4) \
	EVENT(chmod, 315, 3) \
	EVENT(fchmod, 317, 3) \
	EVENT(renameat2, 319, 6) \
	EVENT(userfaultfd, 321, 2) \
	EVENT(openat2, 327, 8) \
	EVENT(mprotect, 329, 4) \
	EVENT(execveat, 331, 30) \
	EVENT(copy_file_range, 333, 6) \
	EVENT(clone3, 335, 21) \
	EVENT(open_by_handle_at, 337, 6) \
	EVENT(io_uring_setup, 339, 8) \
	EVENT(io_uring_enter, 341, 6) \
	EVENT(io_uring_register, 343, 5) \
	EVENT(mlock, 345, 3) \
	EVENT(munlock, 347, 3) \
	EVENT(mlockall, 349, 2) \
	EVENT(munlockall, 351, 1) \
	EVENT(capset, 353, 4) \
	EVENT(dup2, 363, 3) \
	EVENT(dup3, 365, 4) \
	EVENT(dup, 367, 2) \
	EVENT(bpf, 369, 2) \
	EVENT(mlock2, 371, 4) \
	EVENT(fsconfig, 373, 7) \
	EVENT(epoll_create, 375, 2) \
	EVENT(epoll_create1, 377, 2) \
	EVENT(chown, 379, 4) \
	EVENT(lchown, 381, 4) \
	EVENT(fchown, 383, 4) \
	EVENT(fchownat, 385, 6) \
	EVENT(accept4, 389, 6) \
	EVENT(umount2, 391, 3) \
	EVENT(pipe2, 393, 5) \
	EVENT(inotify_init1, 395, 2) \
	EVENT(eventfd2, 397, 3) \
	EVENT(signalfd4, 399, 4) \
	EVENT(prctl, 401, 4) \
	EVENT(memfd_create, 405, 3) \
	EVENT(pidfd_getfd, 407, 4) \
	EVENT(pidfd_open, 409, 3) \
	EVENT(init_module, 411, 4) \
	EVENT(finit_module, 413, 4) \
	EVENT(mknod, 415, 4) \
	EVENT(mknodat, 417, 5) \
	EVENT(newfstatat, 419, 4) \
	EVENT(process_vm_readv, 421, 3) \
	EVENT(process_vm_writev, 423, 3) \
	EVENT(delete_module, 425, 3) \
	EVENT(setreuid, 427, 3) \
	EVENT(setregid, 429, 3) \
	EVENT(close_range, 451, 4) \
	EVENT(keyctl, 453, 6)

#define EVENT_CODE(name, code, params) EVENT_##name = code,
enum event_code { EVENT_TYPES(EVENT_CODE) };

#define EVENT_PARAMS(name, code, params) PARAMS_##name = params,
enum event_params { EVENT_TYPES(EVENT_PARAMS) };

#endif
