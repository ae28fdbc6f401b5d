/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Event types that the probe emits: name, code and number of parameters. A test compares the lines with the event
 * roster of @peregrine/events, which user space decodes by.
 */
#ifndef PEREGRINE_EVENTS_H
#define PEREGRINE_EVENTS_H

#define EVENT_TYPES(EVENT) \
	EVENT(open, 3, 6) \
	EVENT(close, 5, 2) \
	EVENT(socket, 19, 5) \
	EVENT(bind, 21, 3) \
	EVENT(connect, 23, 4) \
	EVENT(listen, 25, 3) \
	EVENT(sendto, 31, 5) \
	EVENT(recvfrom, 35, 5) \
	EVENT(shutdown, 37, 3) \
	EVENT(socketpair, 43, 8) \
	EVENT(sendmsg, 49, 5) \
	EVENT(recvmsg, 53, 6) \
	EVENT(creat, 59, 6) \
	EVENT(pipe, 61, 4) \
	EVENT(eventfd, 63, 3) \
	EVENT(chdir, 95, 2) \
	EVENT(fchdir, 97, 2) \
	EVENT(signalfd, 127, 4) \
	EVENT(kill, 129, 3) \
	EVENT(tkill, 131, 3) \
	EVENT(tgkill, 133, 4) \
	EVENT(timerfd_create, 137, 3) \
	EVENT(inotify_init, 139, 2) \
	EVENT(setrlimit, 143, 4) \
	EVENT(prlimit, 145, 7) \
	EVENT(fcntl, 151, 4) \
	EVENT(ptrace, 169, 5) \
	EVENT(rename, 175, 3) \
	EVENT(renameat, 177, 5) \
	EVENT(symlink, 179, 3) \
	EVENT(symlinkat, 181, 4) \
	EVENT(procexit, 186, 5) \
	EVENT(setresuid, 193, 4) \
	EVENT(setresgid, 195, 4) \
	EVENT(setuid, 199, 2) \
	EVENT(setgid, 201, 2) \
	EVENT(clone, 223, 21) \
	EVENT(fork, 225, 21) \
	EVENT(vfork, 227, 21) \
	EVENT(setns, 241, 3) \
	EVENT(accept, 247, 5) \
	EVENT(mount, 257, 5) \
	EVENT(chroot, 267, 2) \
	EVENT(setsid, 275, 1) \
	EVENT(mkdir, 277, 3) \
	EVENT(rmdir, 279, 2) \
	EVENT(unshare, 285, 2) \
	EVENT(execve, 293, 31) \
	EVENT(setpgid, 295, 3) \
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
	EVENT(execveat, 331, 30) \
	EVENT(clone3, 335, 21) \
	EVENT(open_by_handle_at, 337, 6) \
	EVENT(io_uring_setup, 339, 8) \
	EVENT(capset, 353, 4) \
	EVENT(dup2, 363, 3) \
	EVENT(dup3, 365, 4) \
	EVENT(dup, 367, 2) \
	EVENT(bpf, 369, 2) \
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
	EVENT(delete_module, 425, 3) \
	EVENT(setreuid, 427, 3) \
	EVENT(setregid, 429, 3) \
	EVENT(close_range, 451, 4)

#define EVENT_CODE(name, code, params) EVENT_##name = code,
enum event_code { EVENT_TYPES(EVENT_CODE) };

#define EVENT_PARAMS(name, code, params) PARAMS_##name = params,
enum event_params { EVENT_TYPES(EVENT_PARAMS) };

#endif
