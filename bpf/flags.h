/* SPDX-License-Identifier: GPL-2.0 */
/* Linux's flag words in the wire's numbering (the flag tables of @peregrine/events). */
#ifndef PEREGRINE_FLAGS_H
#define PEREGRINE_FLAGS_H

#include "control.h"

/* Moves one bit to another place without a branch. Both are constants with one bit set. */
#define MOVE(word, from, to) \
	((from) > (to) ? ((word) & (from)) / ((from) / (to) ?: 1) : ((word) & (from)) * ((to) / (from)))

#define O_ACCMODE 3
#define O_CREAT 0100
#define O_EXCL 0200
#define O_TRUNC 01000
#define O_APPEND 02000
#define O_NONBLOCK 04000
#define O_DSYNC 010000
#define O_SYNC_BIT 04000000
#define O_CLOEXEC 02000000

#define WIRE_O_NONBLOCK (1 << 6)
#define WIRE_O_DIRECT (1 << 9)
#define WIRE_O_CLOEXEC (1 << 12)
#define WIRE_O_TMPFILE (1 << 13)
#define WIRE_O_CREATED (1 << 14)
#define WIRE_UPPER_LAYER (1 << 15)
#define WIRE_LOWER_LAYER (1 << 16)

static __always_inline u32 wire_open_flags(u64 flags)
{
	u32 access = (flags & O_ACCMODE) == 0 ? 1 : (flags & O_ACCMODE) == 1 ? 2 : (flags & O_ACCMODE) == 2 ? 3 : 0;

	return access | MOVE(flags, O_CREAT, 1 << 2) | MOVE(flags, O_APPEND, 1 << 3) | MOVE(flags, O_DSYNC, 1 << 4) |
	       MOVE(flags, O_EXCL, 1 << 5) | MOVE(flags, O_NONBLOCK, WIRE_O_NONBLOCK) |
	       MOVE(flags, O_SYNC_BIT, 1 << 7) | MOVE(flags, O_TRUNC, 1 << 8) | MOVE(flags, O_DIRECT, WIRE_O_DIRECT) |
	       MOVE(flags, O_DIRECTORY, 1 << 10) | MOVE(flags, O_LARGEFILE, 1 << 11) |
	       MOVE(flags, O_CLOEXEC, WIRE_O_CLOEXEC) | MOVE(flags, O_TMPFILE_BIT, WIRE_O_TMPFILE);
}

/* The mode argument counts only where the call may create a file. */
static __always_inline u32 wire_open_mode(u64 flags, u64 mode)
{
	return flags & (O_CREAT | O_TMPFILE_BIT) ? mode & 07777 : 0;
}

/* Flags of the calls that make descriptors: SOCK_, EFD_, IN_, SFD_, O_ share these three values. */
static __always_inline u32 wire_descriptor_flags(u64 flags)
{
	return MOVE(flags, O_NONBLOCK, WIRE_O_NONBLOCK) | MOVE(flags, O_CLOEXEC, WIRE_O_CLOEXEC) |
	       MOVE(flags, O_DIRECT, WIRE_O_DIRECT);
}

#define CLONE_VFORK 0x4000
#define CLONE_PARENT 0x8000
#define WIRE_CLONE_THREAD (1 << 13)
#define WIRE_CLONE_CHILD_IN_PIDNS (1 << 29)

static __always_inline u32 wire_clone_flags(u64 flags)
{
	return MOVE(flags, 0x100, 1 << 15) /* VM */ | MOVE(flags, 0x200, 1 << 1) /* FS */ |
	       MOVE(flags, 0x400, 1 << 0) /* FILES */ | MOVE(flags, 0x800, 1 << 11) /* SIGHAND */ |
	       MOVE(flags, 0x2000, 1 << 10) /* PTRACE */ | MOVE(flags, CLONE_VFORK, 1 << 27) |
	       MOVE(flags, CLONE_PARENT, 1 << 8) | MOVE(flags, 0x10000, 1 << 13) /* THREAD */ |
	       MOVE(flags, 0x20000, 1 << 5) /* NEWNS */ | MOVE(flags, 0x40000, 1 << 12) /* SYSVSEM */ |
	       MOVE(flags, 0x80000, 1 << 25) /* SETTLS */ | MOVE(flags, 0x100000, 1 << 9) /* PARENT_SETTID */ |
	       MOVE(flags, 0x200000, 1 << 23) /* CHILD_CLEARTID */ | MOVE(flags, 0x800000, 1 << 14) /* UNTRACED */ |
	       MOVE(flags, 0x1000000, 1 << 24) /* CHILD_SETTID */ |
	       MOVE(flags, 0x2000000, 1 << 28) /* NEWCGROUP */ | MOVE(flags, 0x4000000, 1 << 7) /* NEWUTS */ |
	       MOVE(flags, 0x8000000, 1 << 3) /* NEWIPC */ | MOVE(flags, 0x10000000, 1 << 20) /* NEWUSER */ |
	       MOVE(flags, 0x20000000, 1 << 6) /* NEWPID */ | MOVE(flags, 0x40000000, 1 << 4) /* NEWNET */ |
	       MOVE(flags, 0x80000000UL, 1 << 2) /* IO */;
}

static __always_inline u8 wire_fcntl_command(u64 command)
{
	switch ((u32)command) {
	case 0 ... 4: /* DUPFD to SETFL */
		return command + 1;
	case 5: /* GETLK */
		return 6;
	case 6: /* SETLK */
	case 7: /* SETLKW */
		return command + 2;
	case 8: /* SETOWN */
		return 10;
	case 9: /* GETOWN */
		return 12;
	case 10: /* SETSIG */
		return 13;
	case 11: /* GETSIG */
		return 15;
	case 15: /* SETOWN_EX */
	case 16: /* GETOWN_EX */
		return command + 6;
	case 36 ... 38: /* OFD_GETLK to OFD_SETLKW */
		return command - 6;
	case 1024: /* SETLEASE */
	case 1025: /* GETLEASE */
		return command - 1001;
	case 1026: /* NOTIFY */
		return 27;
	case 1029: /* CANCELLK */
		return 25;
	case 1030: /* DUPFD_CLOEXEC */
		return 26;
	case 1031: /* SETPIPE_SZ */
	case 1032: /* GETPIPE_SZ */
		return command - 1003;
	default:
		return 0;
	}
}

static __always_inline u16 wire_ptrace_request(u64 request)
{
	switch ((u32)request) {
	case 0 ... 9: /* TRACEME to SINGLESTEP */
		return request + 1;
	case 12 ... 15: /* GETREGS to SETFPREGS */
		return request + 14;
	case 16: /* ATTACH */
	case 17: /* DETACH */
		return request - 5;
	case 18: /* GETFPXREGS */
	case 19: /* SETFPXREGS */
		return request + 12;
	case 21: /* OLDSETOPTIONS */
		return 32;
	case 24: /* SYSCALL */
		return 13;
	case 25: /* GET_THREAD_AREA */
	case 26: /* SET_THREAD_AREA */
		return request + 8;
	case 30: /* ARCH_PRCTL */
		return 35;
	case 31 ... 33: /* SYSEMU to SINGLEBLOCK */
		return request + 5;
	case 0x4200 ... 0x420b: /* SETOPTIONS to SETSIGMASK */
		return request - 0x4200 + 14;
	default:
		return 0;
	}
}

/* Device numbers as stat(2) gives them, from the kernel's 12 and 20 bits. */
static __always_inline u32 wire_device(u32 device)
{
	u32 major = device >> 20, minor = device & 0xfffff;

	return (minor & 0xff) | (major << 8) | ((minor & ~0xffU) << 12);
}

#endif
