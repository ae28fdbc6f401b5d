/* SPDX-License-Identifier: GPL-2.0 */
/* Calls on objects of the kernel's: locks, semaphores, I/O rings, file systems that are set up, keys, seccomp. */
#ifndef PEREGRINE_KERNEL_CALLS_H
#define PEREGRINE_KERNEL_CALLS_H

#include "call.h"
#include "flags.h"

static __always_inline void emit_futex(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, futex))
		return;
	put_s64(&w, c->ret);
	put_u64(&w, ARG0(c->regs));
	put_u16(&w, ARG1(c->regs));
	put_u64(&w, ARG2(c->regs) & 0xffffffff);
	record_end(&w);
}

static __always_inline void emit_seccomp(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, seccomp))
		return;
	put_s64(&w, c->ret);
	put_u64(&w, U32_ARG(c, 0));
	put_u64(&w, U32_ARG(c, 1));
	record_end(&w);
}

static __always_inline void emit_io_uring_enter(struct call *c)
{
	u32 mask = 0;
	struct writer w;

	if (!BEGIN(&w, io_uring_enter))
		return;
	if (ARG4(c->regs))
		read_user(&mask, sizeof(mask), (void *)ARG4(c->regs));
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_u32(&w, ARG1(c->regs));
	put_u32(&w, ARG2(c->regs));
	put_u32(&w, ARG3(c->regs) & 15);
	put_u32(&w, mask);
	record_end(&w);
}

static __always_inline void emit_io_uring_register(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, io_uring_register))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_u16(&w, ARG1(c->regs));
	put_u64(&w, ARG2(c->regs));
	put_u32(&w, ARG3(c->regs));
	record_end(&w);
}

#define FSCONFIG_SET_FLAG 0
#define FSCONFIG_SET_STRING 1
#define FSCONFIG_SET_BINARY 2
#define FSCONFIG_SET_PATH 3
#define FSCONFIG_SET_PATH_EMPTY 4
#define FSCONFIG_SET_FD 5

static __always_inline void emit_fsconfig(struct call *c)
{
	u32 command = ARG1(c->regs);
	bool is_text = command == FSCONFIG_SET_STRING || command == FSCONFIG_SET_PATH ||
		       command == FSCONFIG_SET_PATH_EMPTY;
	struct writer w;

	if (!BEGIN(&w, fsconfig))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_u32(&w, command);
	put_user_text(&w, command <= FSCONFIG_SET_FD ? ARG2(c->regs) : 0);
	put_user_bytes(&w, command == FSCONFIG_SET_BINARY ? ARG3(c->regs) : 0, U32_ARG(c, 4), 80);
	put_user_text(&w, is_text ? ARG3(c->regs) : 0);
	put_u32(&w, ARG4(c->regs));
	record_end(&w);
}

static __always_inline void emit_semget(struct call *c)
{
	u64 flags = ARG2(c->regs);
	struct writer w;

	if (!BEGIN(&w, semget))
		return;
	put_s64(&w, c->ret);
	put_u32(&w, ARG0(c->regs));
	put_u32(&w, ARG1(c->regs));
	put_u32(&w, (flags & 0777) | MOVE(flags, 01000, 0x2000) | MOVE(flags, 02000, 0x4000));
	record_end(&w);
}

/* The wire has a bit for each command. */
static __always_inline u16 wire_semaphore_command(u32 command)
{
	switch (command & ~0x100u) {
	case 0:
		return 0x4; /* IPC_RMID */
	case 1:
		return 0x2; /* IPC_SET */
	case 2:
		return 0x1; /* IPC_STAT */
	case 3:
		return 0x8; /* IPC_INFO */
	case 11:
		return 0x100; /* GETPID */
	case 12:
		return 0x200; /* GETVAL */
	case 13:
		return 0x40; /* GETALL */
	case 14:
		return 0x80; /* GETNCNT */
	case 15:
		return 0x400; /* GETZCNT */
	case 16:
		return 0x1000; /* SETVAL */
	case 17:
		return 0x800; /* SETALL */
	case 18:
		return 0x20; /* SEM_STAT */
	case 19:
		return 0x10; /* SEM_INFO */
	default:
		return 0;
	}
}

static __always_inline void emit_semctl(struct call *c)
{
	u32 command = ARG2(c->regs);
	struct writer w;

	if (!BEGIN(&w, semctl))
		return;
	put_s64(&w, c->ret);
	put_u32(&w, ARG0(c->regs));
	put_u32(&w, ARG1(c->regs));
	put_u16(&w, wire_semaphore_command(command));
	put_u32(&w, (command & ~0x100u) == 16 ? ARG3(c->regs) : 0);
	record_end(&w);
}

struct user_sembuf {
	u16 number;
	s16 operation;
	s16 flags;
};

static __always_inline u16 wire_semaphore_flags(u64 flags)
{
	return MOVE(flags, 04000, 1) | MOVE(flags, 0x1000, 2);
}

/* The first two operations. */
static __always_inline void emit_semop(struct call *c)
{
	struct user_sembuf operations[2] = {};
	u64 count = U32_ARG(c, 2);
	struct writer w;

	if (!BEGIN(&w, semop))
		return;
	if (count > 0)
		read_user(&operations[0], sizeof(operations[0]), (void *)ARG1(c->regs));
	if (count > 1)
		read_user(&operations[1], sizeof(operations[1]), (void *)(ARG1(c->regs) + sizeof(operations[0])));
	put_s64(&w, c->ret);
	put_u32(&w, count);
	put_u16(&w, operations[0].number);
	put_u16(&w, operations[0].operation);
	put_u16(&w, wire_semaphore_flags((u16)operations[0].flags));
	put_u16(&w, operations[1].number);
	put_u16(&w, operations[1].operation);
	put_u16(&w, wire_semaphore_flags((u16)operations[1].flags));
	put_u32(&w, ARG0(c->regs));
	record_end(&w);
}

#define KEYCTL_JOIN_SESSION_KEYRING 1
#define KEYCTL_SEARCH 10
#define KEYCTL_PKEY_QUERY 24
#define KEYCTL_PKEY_ENCRYPT 25
#define KEYCTL_PKEY_VERIFY 28
#define KEYCTL_RESTRICT_KEYRING 29
#define VARIANT_NUMBER 0
#define VARIANT_TEXT 1

/* Which of the arguments 2 to 5 of an operation are texts, as bits. */
static __always_inline u32 keyctl_texts(u32 operation)
{
	switch (operation) {
	case KEYCTL_JOIN_SESSION_KEYRING:
		return 1 << 2;
	case KEYCTL_PKEY_QUERY:
		return 1 << 4;
	case KEYCTL_PKEY_ENCRYPT ... KEYCTL_PKEY_VERIFY:
		return 1 << 3;
	case KEYCTL_SEARCH:
	case KEYCTL_RESTRICT_KEYRING:
		return 1 << 3 | 1 << 4;
	default:
		return 0;
	}
}

/* A number, or the text that it points to. */
static __always_inline void put_number_or_text(struct writer *w, u64 value, bool is_text)
{
	u8 *to = w->record + w->at;
	long length = -1;

	if (is_text && value)
		length = read_user_text(to + 1, LONGEST_TEXT, (void *)value);
	if (length < 0) {
		to[0] = VARIANT_NUMBER;
		*(u64 *)(to + 1) = value;
		put_written(w, 9);
	} else {
		to[0] = VARIANT_TEXT;
		put_written(w, 1 + length);
	}
}

static __always_inline void emit_keyctl(struct call *c)
{
	u32 operation = ARG0(c->regs), texts = keyctl_texts(operation);
	struct writer w;

	if (!BEGIN(&w, keyctl))
		return;
	put_s64(&w, c->ret);
	put_u32(&w, operation);
	put_number_or_text(&w, ARG1(c->regs), texts & 1 << 2);
	put_number_or_text(&w, ARG2(c->regs), texts & 1 << 3);
	put_number_or_text(&w, ARG3(c->regs), texts & 1 << 4);
	put_number_or_text(&w, ARG4(c->regs), texts & 1 << 5);
	record_end(&w);
}

#endif
