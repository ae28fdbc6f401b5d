/* SPDX-License-Identifier: GPL-2.0 */
/* arm64: registers, flags, numbers of calls. */
#ifndef PEREGRINE_ARCH_ARM64_H
#define PEREGRINE_ARCH_ARM64_H

struct thread_info {
	unsigned long flags;
} __attribute__((preserve_access_index));

struct pt_regs {
	unsigned long regs[31];
	unsigned long pc;
	unsigned long orig_x0;
	int syscallno;
} __attribute__((preserve_access_index));

#define SYSCALL_NUMBER(regs) ((u32)(regs)->syscallno)
#define INSTRUCTION(regs) ((regs)->pc)

/* The first argument's register holds the result by then. */
#define REGISTER_ARGUMENTS(regs) \
	{(regs)->orig_x0, (regs)->regs[1], (regs)->regs[2], (regs)->regs[3], (regs)->regs[4], (regs)->regs[5]}
#define COMPAT_ARGUMENTS(regs) \
	{(u32)(regs)->orig_x0, (u32)(regs)->regs[1], (u32)(regs)->regs[2], (u32)(regs)->regs[3], \
	 (u32)(regs)->regs[4], (u32)(regs)->regs[5]}
#define COMPAT_ARGUMENT0(regs) ((u32)(regs)->orig_x0)

/* TIF_32BIT: the whole program is one of 32 bits. */
#define IS_COMPAT(task) ((task)->thread_info.flags & 1ul << 22)

#define SYSCALL_ENTRY_PREFIX "__arm64_sys_"

#define O_TMPFILE_BIT 020000000
#define O_DIRECTORY 040000
#define O_DIRECT 0200000
#define O_LARGEFILE 0400000

/* Beyond every table: no call has such a number. */
#define ABSENT_CALL 0x1000

enum syscall_number {
	NR_getcwd = 17,
	NR_eventfd2 = 19,
	NR_epoll_create1 = 20,
	NR_dup = 23,
	NR_dup3 = 24,
	NR_fcntl = 25,
	NR_inotify_init1 = 26,
	NR_ioctl = 29,
	NR_flock = 32,
	NR_mknodat = 33,
	NR_mkdirat = 34,
	NR_unlinkat = 35,
	NR_symlinkat = 36,
	NR_linkat = 37,
	NR_renameat = 38,
	NR_umount2 = 39,
	NR_mount = 40,
	NR_chdir = 49,
	NR_fchdir = 50,
	NR_chroot = 51,
	NR_fchmod = 52,
	NR_fchmodat = 53,
	NR_fchownat = 54,
	NR_fchown = 55,
	NR_openat = 56,
	NR_close = 57,
	NR_pipe2 = 59,
	NR_quotactl = 60,
	NR_getdents64 = 61,
	NR_lseek = 62,
	NR_read = 63,
	NR_write = 64,
	NR_readv = 65,
	NR_writev = 66,
	NR_pread64 = 67,
	NR_pwrite64 = 68,
	NR_preadv = 69,
	NR_pwritev = 70,
	NR_sendfile = 71,
	NR_ppoll = 73,
	NR_signalfd4 = 74,
	NR_splice = 76,
	NR_newfstatat = 79,
	NR_fstat = 80,
	NR_timerfd_create = 85,
	NR_capset = 91,
	NR_unshare = 97,
	NR_futex = 98,
	NR_nanosleep = 101,
	NR_init_module = 105,
	NR_delete_module = 106,
	NR_ptrace = 117,
	NR_kill = 129,
	NR_tkill = 130,
	NR_tgkill = 131,
	NR_setregid = 143,
	NR_setgid = 144,
	NR_setreuid = 145,
	NR_setuid = 146,
	NR_setresuid = 147,
	NR_getresuid = 148,
	NR_setresgid = 149,
	NR_getresgid = 150,
	NR_setpgid = 154,
	NR_setsid = 157,
	NR_getrlimit = 163,
	NR_setrlimit = 164,
	NR_prctl = 167,
	NR_getuid = 174,
	NR_geteuid = 175,
	NR_getgid = 176,
	NR_getegid = 177,
	NR_semget = 190,
	NR_semctl = 191,
	NR_semop = 193,
	NR_socket = 198,
	NR_socketpair = 199,
	NR_bind = 200,
	NR_listen = 201,
	NR_accept = 202,
	NR_connect = 203,
	NR_getsockname = 204,
	NR_getpeername = 205,
	NR_sendto = 206,
	NR_recvfrom = 207,
	NR_setsockopt = 208,
	NR_getsockopt = 209,
	NR_shutdown = 210,
	NR_sendmsg = 211,
	NR_recvmsg = 212,
	NR_brk = 214,
	NR_munmap = 215,
	NR_keyctl = 219,
	NR_clone = 220,
	NR_execve = 221,
	NR_mmap = 222,
	NR_mprotect = 226,
	NR_mlock = 228,
	NR_munlock = 229,
	NR_mlockall = 230,
	NR_munlockall = 231,
	NR_accept4 = 242,
	NR_recvmmsg = 243,
	NR_prlimit64 = 261,
	NR_open_by_handle_at = 265,
	NR_setns = 268,
	NR_sendmmsg = 269,
	NR_process_vm_readv = 270,
	NR_process_vm_writev = 271,
	NR_finit_module = 273,
	NR_renameat2 = 276,
	NR_seccomp = 277,
	NR_memfd_create = 279,
	NR_bpf = 280,
	NR_execveat = 281,
	NR_userfaultfd = 282,
	NR_mlock2 = 284,
	NR_copy_file_range = 285,
	NR_io_uring_setup = 425,
	NR_io_uring_enter = 426,
	NR_io_uring_register = 427,
	NR_fsconfig = 431,
	NR_pidfd_open = 434,
	NR_clone3 = 435,
	NR_close_range = 436,
	NR_openat2 = 437,
	NR_pidfd_getfd = 438,

	/* Calls that this architecture never had. */
	NR_open = ABSENT_CALL + 0,
	NR_stat = ABSENT_CALL + 1,
	NR_lstat = ABSENT_CALL + 2,
	NR_poll = ABSENT_CALL + 3,
	NR_access = ABSENT_CALL + 4,
	NR_pipe = ABSENT_CALL + 5,
	NR_select = ABSENT_CALL + 6,
	NR_dup2 = ABSENT_CALL + 7,
	NR_fork = ABSENT_CALL + 8,
	NR_vfork = ABSENT_CALL + 9,
	NR_getdents = ABSENT_CALL + 10,
	NR_rename = ABSENT_CALL + 11,
	NR_mkdir = ABSENT_CALL + 12,
	NR_rmdir = ABSENT_CALL + 13,
	NR_creat = ABSENT_CALL + 14,
	NR_link = ABSENT_CALL + 15,
	NR_unlink = ABSENT_CALL + 16,
	NR_symlink = ABSENT_CALL + 17,
	NR_chmod = ABSENT_CALL + 18,
	NR_chown = ABSENT_CALL + 19,
	NR_lchown = ABSENT_CALL + 20,
	NR_mknod = ABSENT_CALL + 21,
	NR_epoll_create = ABSENT_CALL + 22,
	NR_epoll_wait = ABSENT_CALL + 23,
	NR_inotify_init = ABSENT_CALL + 24,
	NR_signalfd = ABSENT_CALL + 25,
	NR_eventfd = ABSENT_CALL + 26,
};

/* Calls without an event of their own that a 32-bit call, or a request to an I/O ring, may turn out to be. */
enum generic_number {
	GENERIC_setxattr = 5,
	GENERIC_fsetxattr = 7,
	GENERIC_getxattr = 8,
	GENERIC_fgetxattr = 10,
	GENERIC_epoll_ctl = 21,
	GENERIC_ftruncate = 46,
	GENERIC_fallocate = 47,
	GENERIC_tee = 77,
	GENERIC_fsync = 82,
	GENERIC_fdatasync = 83,
	GENERIC_sync_file_range = 84,
	GENERIC_waitid = 95,
	GENERIC_msgget = 186,
	GENERIC_msgctl = 187,
	GENERIC_msgrcv = 188,
	GENERIC_msgsnd = 189,
	GENERIC_semtimedop = 192,
	GENERIC_shmget = 194,
	GENERIC_shmctl = 195,
	GENERIC_shmat = 196,
	GENERIC_shmdt = 197,
	GENERIC_fadvise64 = 223,
	GENERIC_madvise = 233,
	GENERIC_statx = 291,
	GENERIC_futex_waitv = 449,
	GENERIC_futex_wake = 454,
	GENERIC_futex_wait = 455,
};

#endif
