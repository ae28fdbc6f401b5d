/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls through a 32-bit entry: which call of the machine's own table each is, and the layouts of what its arguments point
 * to. Arguments are 32 bits wide, ids of the oldest calls 16.
 */
#ifndef PEREGRINE_COMPAT_H
#define PEREGRINE_COMPAT_H

#include "call.h"

#define COMPAT_UMOUNT 22
#define COMPAT_SOCKETCALL 102
#define NO_CALL 0xffff

/* The calls of sockets within the one that stands for them all. */
static __always_inline u32 socket_call(u32 which)
{
	switch (which) {
	case 1:
		return NR_socket;
	case 2:
		return NR_bind;
	case 3:
		return NR_connect;
	case 4:
		return NR_listen;
	case 5:
		return NR_accept;
	case 6:
		return NR_getsockname;
	case 7:
		return NR_getpeername;
	case 8:
		return NR_socketpair;
	case 9:
	case 11:
		return NR_sendto;
	case 10:
	case 12:
		return NR_recvfrom;
	case 13:
		return NR_shutdown;
	case 14:
		return NR_setsockopt;
	case 15:
		return NR_getsockopt;
	case 16:
		return NR_sendmsg;
	case 17:
		return NR_recvmsg;
	case 18:
		return NR_accept4;
	case 19:
		return NR_recvmmsg;
	case 20:
		return NR_sendmmsg;
	default:
		return NO_CALL;
	}
}

/* send and recv have no address. */
#define SOCKETCALL_SEND 9
#define SOCKETCALL_RECV 10

static __always_inline u32 unpack_socket_call(struct arguments *arguments)
{
	u32 which = arguments->values[0];
	u32 packed[6] = {};

	read_user(packed, sizeof(packed), (void *)arguments->values[1]);
	for (int i = 0; i < 6; i++)
		arguments->values[i] = packed[i];
	if (which == SOCKETCALL_SEND || which == SOCKETCALL_RECV)
		arguments->values[4] = arguments->values[5] = 0;
	return socket_call(which);
}

/* Ids of 16 bits, of which the greatest means none. */
static __always_inline void widen_ids(struct arguments *arguments, int first, int last)
{
	for (int i = first; i <= last; i++) {
		u64 id = arguments->values[i] & 0xffff;

		arguments->values[i] = id == 0xffff ? 0xffffffff : id;
	}
}

static __always_inline void widen_old_ids(struct arguments *arguments, u32 number)
{
	switch (number) {
	case 16: /* lchown */
	case 95: /* fchown */
	case 182: /* chown */
		return widen_ids(arguments, 1, 2);
	case 23: /* setuid */
	case 46: /* setgid */
		return widen_ids(arguments, 0, 0);
	case 70: /* setreuid */
	case 71: /* setregid */
		return widen_ids(arguments, 0, 1);
	case 164: /* setresuid */
	case 170: /* setresgid */
		return widen_ids(arguments, 0, 2);
	case COMPAT_UMOUNT: /* it has no flags */
		arguments->values[1] = 0;
		return;
	}
}

#define COMPAT_GETSOCKOPT 365

/* Which of the values that a call points to are narrower. */
static __always_inline u32 compat_narrowness(u64 number)
{
	return number == COMPAT_SOCKETCALL || number == COMPAT_GETSOCKOPT ? NARROW_TIME : 0;
}

/* The machine's own number of a call, and its arguments; NO_CALL where it has none. */
static __always_inline u32 translate_compat(struct arguments *arguments, u64 number)
{
	if (number == COMPAT_SOCKETCALL)
		return unpack_socket_call(arguments);
	widen_old_ids(arguments, number);
	return control.compat_calls[number & (SYSCALL_TABLE_SIZE - 1)];
}

static __always_inline bool is_compat(void)
{
	return IS_COMPAT(bpf_get_current_task_btf());
}

/* A pointer of the caller's. */
static __always_inline long read_user_pointer(u64 *to, u64 vector, u32 index)
{
	u32 size = is_compat() ? 4 : 8;

	*to = 0;
	return read_user(to, size, (void *)(vector + (u64)size * index));
}

static __always_inline long read_user_vector(struct iovec *to, u64 vectors, u32 index)
{
	u32 narrow[2] = {};
	long error;

	if (!is_compat())
		return read_user(to, sizeof(*to), (void *)(vectors + (u64)index * sizeof(*to)));
	error = read_user(narrow, sizeof(narrow), (void *)(vectors + (u64)index * sizeof(narrow)));
	to->iov_base = (void *)(u64)narrow[0];
	to->iov_len = narrow[1];
	return error;
}

static __always_inline void read_user_message(struct user_msghdr *to, u64 address)
{
	u32 narrow[6] = {};

	if (!is_compat()) {
		read_user(to, sizeof(*to), (void *)address);
		return;
	}
	read_user(narrow, sizeof(narrow), (void *)address);
	to->msg_name = (void *)(u64)narrow[0];
	to->msg_namelen = narrow[1];
	to->msg_iov = (void *)(u64)narrow[2];
	to->msg_iovlen = narrow[3];
	to->msg_control = (void *)(u64)narrow[4];
	to->msg_controllen = narrow[5];
}

/* Seconds and their fractions. Zero, or an error that has been counted. */
static __always_inline long read_user_time(s64 *to, u64 address, bool is_narrow)
{
	s32 narrow[2] = {};
	long error;

	if (!is_narrow)
		return read_user(to, 2 * sizeof(*to), (void *)address);
	error = read_user(narrow, sizeof(narrow), (void *)address);
	to[0] = narrow[0];
	to[1] = narrow[1];
	return error;
}

/* A resource limit, where the greatest number means none. */
static __always_inline void read_user_limit(s64 *to, u64 address)
{
	u32 narrow[2] = {};

	if (!is_compat()) {
		read_user(to, 2 * sizeof(*to), (void *)address);
		return;
	}
	read_user(narrow, sizeof(narrow), (void *)address);
	to[0] = narrow[0] == 0xffffffff ? -1 : (s64)narrow[0];
	to[1] = narrow[1] == 0xffffffff ? -1 : (s64)narrow[1];
}

#endif
