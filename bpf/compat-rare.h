/* SPDX-License-Identifier: GPL-2.0 */
/* As compat.h, for the calls of `dispatch_rare`: arguments in two halves, packed ones, and results in memory. */
#ifndef PEREGRINE_COMPAT_RARE_H
#define PEREGRINE_COMPAT_RARE_H

#include "compat.h"

#define COMPAT_LSEEK 19
#define COMPAT_OLD_MMAP 90
#define COMPAT_IPC 117
#define COMPAT_LLSEEK 140
#define COMPAT_MMAP2 192
#define COMPAT_PAGE_SHIFT 12
#define MOST_ERRNO 4095

static __always_inline u64 joined(u64 low, u64 high)
{
	return (u32)low | high << 32;
}

/* The calls within the one that stands for semaphores, messages and shared memory. */
static __always_inline u32 ipc_call(u32 which)
{
	switch (which) {
	case 1:
		return NR_semop;
	case 2:
		return NR_semget;
	case 3:
		return NR_semctl;
	case 4:
		return GENERIC_semtimedop;
	case 11:
		return GENERIC_msgsnd;
	case 12:
		return GENERIC_msgrcv;
	case 13:
		return GENERIC_msgget;
	case 14:
		return GENERIC_msgctl;
	case 21:
		return GENERIC_shmat;
	case 22:
		return GENERIC_shmdt;
	case 23:
		return GENERIC_shmget;
	case 24:
		return GENERIC_shmctl;
	default:
		return NO_CALL;
	}
}

#define IPC_SEMOP 1
#define IPC_SEMCTL 3

static __always_inline u32 unpack_ipc(struct arguments *arguments)
{
	u32 which = arguments->values[0] & 0xffff, value = 0;
	u64 first = arguments->values[1], second = arguments->values[2], third = arguments->values[3];
	u64 pointer = arguments->values[4];

	arguments->values[0] = first;
	arguments->values[1] = which == IPC_SEMOP ? pointer : second;
	arguments->values[2] = which == IPC_SEMOP ? second : third;
	if (which == IPC_SEMCTL && !read_user(&value, sizeof(value), (void *)pointer))
		arguments->values[3] = value;
	return ipc_call(which);
}

static __always_inline void unpack_mmap(struct arguments *arguments)
{
	u32 packed[6] = {};

	read_user(packed, sizeof(packed), (void *)arguments->values[0]);
	for (int i = 0; i < 6; i++)
		arguments->values[i] = packed[i];
}

/* It says where the file stands now in memory, and zero. */
static __always_inline void unpack_llseek(struct call *c)
{
	u64 *values = c->regs->values;

	if (c->ret == 0)
		read_user(&c->ret, sizeof(c->ret), (void *)values[3]);
	values[1] = joined(values[2], values[1]);
	values[2] = values[4];
}

/* The machine's own number of a call, with its arguments and its result; NO_CALL where it has none. */
static __always_inline u32 translate_rare(struct call *c, u32 number)
{
	u64 *values = c->regs->values;

	/* Addresses may be of the upper half. */
	c->ret = (int)c->ret;
	if (c->ret < -MOST_ERRNO)
		c->ret = (u32)c->ret;
	switch (number) {
	case COMPAT_SOCKETCALL:
		c->narrow = NARROW_TIME;
		return unpack_socket_call(c->regs);
	case COMPAT_IPC:
		return unpack_ipc(c->regs);
	case COMPAT_LSEEK:
		values[1] = (s64)(s32)values[1];
		break;
	case COMPAT_OLD_MMAP:
		unpack_mmap(c->regs);
		break;
	case COMPAT_MMAP2:
		values[5] <<= COMPAT_PAGE_SHIFT;
		break;
	case COMPAT_LLSEEK:
		unpack_llseek(c);
		break;
	case 180: /* pread64 */
	case 181: /* pwrite64 */
	case 333: /* preadv */
	case 334: /* pwritev */
		values[3] = joined(values[3], values[4]);
		break;
	case 162: /* nanosleep */
	case 309: /* ppoll */
	case 366: /* setsockopt */
		c->narrow = NARROW_TIME;
		break;
	case 165: /* getresuid */
	case 171: /* getresgid */
		c->narrow = NARROW_IDS;
		break;
	case 187: /* sendfile */
		c->narrow = NARROW_OFFSET;
		break;
	}
	return control.compat_calls[number & (SYSCALL_TABLE_SIZE - 1)];
}

#endif
