/* SPDX-License-Identifier: GPL-2.0 */
/* Register access and system call numbers of the machine: another architecture is another block here. */
#ifndef PEREGRINE_ARCH_H
#define PEREGRINE_ARCH_H

#if defined(__TARGET_ARCH_x86)

struct pt_regs {
	unsigned long bp, bx, r10, r9, r8, cx, dx, si, di, orig_ax, ip;
} __attribute__((preserve_access_index));

#define SYSCALL_NUMBER(regs) ((regs)->orig_ax)
#define INSTRUCTION(regs) ((regs)->ip)

/* Arguments of a call, and of one that came in through a 32-bit entry. */
#define REGISTER_ARGUMENTS(regs) {(regs)->di, (regs)->si, (regs)->dx, (regs)->r10, (regs)->r8, (regs)->r9}
#define COMPAT_ARGUMENTS(regs) \
	{(u32)(regs)->bx, (u32)(regs)->cx, (u32)(regs)->dx, (u32)(regs)->si, (u32)(regs)->di, (u32)(regs)->bp}

#define COMPAT_ARGUMENT0(regs) ((u32)(regs)->bx)

/* TS_COMPAT: the call came in through a 32-bit entry, its number is of another table. */
#define IS_COMPAT(task) ((task)->thread_info.status & 2)

/* Before the name of a call, the name of the kernel's function that does it. */
#define SYSCALL_ENTRY_PREFIX "__x64_sys_"

#define O_TMPFILE_BIT 020000000
#define O_DIRECTORY 0200000
#define O_DIRECT 040000
#define O_LARGEFILE 0100000

enum syscall_number {
	NR_read = 0,
	NR_write = 1,
	NR_open = 2,
	NR_close = 3,
	NR_stat = 4,
	NR_fstat = 5,
	NR_lstat = 6,
	NR_poll = 7,
	NR_lseek = 8,
	NR_mmap = 9,
	NR_mprotect = 10,
	NR_munmap = 11,
	NR_brk = 12,
	NR_ioctl = 16,
	NR_pread64 = 17,
	NR_pwrite64 = 18,
	NR_readv = 19,
	NR_writev = 20,
	NR_access = 21,
	NR_pipe = 22,
	NR_select = 23,
	NR_dup = 32,
	NR_dup2 = 33,
	NR_nanosleep = 35,
	NR_sendfile = 40,
	NR_socket = 41,
	NR_connect = 42,
	NR_accept = 43,
	NR_sendto = 44,
	NR_recvfrom = 45,
	NR_sendmsg = 46,
	NR_recvmsg = 47,
	NR_shutdown = 48,
	NR_bind = 49,
	NR_listen = 50,
	NR_getsockname = 51,
	NR_getpeername = 52,
	NR_socketpair = 53,
	NR_setsockopt = 54,
	NR_getsockopt = 55,
	NR_clone = 56,
	NR_fork = 57,
	NR_vfork = 58,
	NR_execve = 59,
	NR_kill = 62,
	NR_semget = 64,
	NR_semop = 65,
	NR_semctl = 66,
	NR_fcntl = 72,
	NR_flock = 73,
	NR_getdents = 78,
	NR_getcwd = 79,
	NR_chdir = 80,
	NR_fchdir = 81,
	NR_rename = 82,
	NR_mkdir = 83,
	NR_rmdir = 84,
	NR_creat = 85,
	NR_link = 86,
	NR_unlink = 87,
	NR_symlink = 88,
	NR_chmod = 90,
	NR_fchmod = 91,
	NR_chown = 92,
	NR_fchown = 93,
	NR_lchown = 94,
	NR_getrlimit = 97,
	NR_ptrace = 101,
	NR_getuid = 102,
	NR_getgid = 104,
	NR_setuid = 105,
	NR_setgid = 106,
	NR_geteuid = 107,
	NR_getegid = 108,
	NR_setpgid = 109,
	NR_setsid = 112,
	NR_setreuid = 113,
	NR_setregid = 114,
	NR_setresuid = 117,
	NR_getresuid = 118,
	NR_setresgid = 119,
	NR_getresgid = 120,
	NR_capset = 126,
	NR_mknod = 133,
	NR_mlock = 149,
	NR_munlock = 150,
	NR_mlockall = 151,
	NR_munlockall = 152,
	NR_prctl = 157,
	NR_setrlimit = 160,
	NR_chroot = 161,
	NR_mount = 165,
	NR_umount2 = 166,
	NR_init_module = 175,
	NR_delete_module = 176,
	NR_quotactl = 179,
	NR_tkill = 200,
	NR_futex = 202,
	NR_epoll_create = 213,
	NR_getdents64 = 217,
	NR_epoll_wait = 232,
	NR_tgkill = 234,
	NR_keyctl = 250,
	NR_inotify_init = 253,
	NR_openat = 257,
	NR_mkdirat = 258,
	NR_mknodat = 259,
	NR_fchownat = 260,
	NR_newfstatat = 262,
	NR_unlinkat = 263,
	NR_renameat = 264,
	NR_linkat = 265,
	NR_symlinkat = 266,
	NR_fchmodat = 268,
	NR_ppoll = 271,
	NR_unshare = 272,
	NR_splice = 275,
	NR_signalfd = 282,
	NR_timerfd_create = 283,
	NR_eventfd = 284,
	NR_accept4 = 288,
	NR_signalfd4 = 289,
	NR_eventfd2 = 290,
	NR_epoll_create1 = 291,
	NR_dup3 = 292,
	NR_pipe2 = 293,
	NR_inotify_init1 = 294,
	NR_preadv = 295,
	NR_pwritev = 296,
	NR_recvmmsg = 299,
	NR_prlimit64 = 302,
	NR_open_by_handle_at = 304,
	NR_sendmmsg = 307,
	NR_setns = 308,
	NR_process_vm_readv = 310,
	NR_process_vm_writev = 311,
	NR_finit_module = 313,
	NR_renameat2 = 316,
	NR_seccomp = 317,
	NR_memfd_create = 319,
	NR_bpf = 321,
	NR_execveat = 322,
	NR_userfaultfd = 323,
	NR_mlock2 = 325,
	NR_copy_file_range = 326,
	NR_io_uring_setup = 425,
	NR_io_uring_enter = 426,
	NR_io_uring_register = 427,
	NR_fsconfig = 431,
	NR_pidfd_open = 434,
	NR_clone3 = 435,
	NR_close_range = 436,
	NR_openat2 = 437,
	NR_pidfd_getfd = 438,
};

/* Calls without an event of their own that a 32-bit call may turn out to be. */
enum generic_number {
	GENERIC_shmget = 29,
	GENERIC_shmat = 30,
	GENERIC_shmctl = 31,
	GENERIC_shmdt = 67,
	GENERIC_msgget = 68,
	GENERIC_msgsnd = 69,
	GENERIC_msgrcv = 70,
	GENERIC_msgctl = 71,
	GENERIC_semtimedop = 220,
};

#else
#error "no register access for this architecture yet"
#endif

#endif
