/* SPDX-License-Identifier: GPL-2.0 */
/* Calls that change a process's memory. */
#ifndef PEREGRINE_MEMORY_H
#define PEREGRINE_MEMORY_H

#include "call.h"
#include "task.h"

/* The wire numbers protection bits as Linux does, up to PROT_SEM; the two beside it are moved. */
static __always_inline u32 wire_protection(u64 protection)
{
	return (protection & 15) | MOVE(protection, 0x01000000, 1 << 4) | MOVE(protection, 0x02000000, 1 << 5);
}

static __always_inline u32 wire_map_flags(u64 flags)
{
	return (flags & 3) | MOVE(flags, 0x10, 1 << 2) | MOVE(flags, 0x20, 1 << 3) | MOVE(flags, 0x40, 1 << 4) |
	       MOVE(flags, 0x4000, 1 << 6) | MOVE(flags, 0x8000, 1 << 7) | MOVE(flags, 0x10000, 1 << 8) |
	       MOVE(flags, 0x100, 1 << 9) | MOVE(flags, 0x800, 1 << 10) | MOVE(flags, 0x1000, 1 << 11) |
	       MOVE(flags, 0x2000, 1 << 14);
}

static __always_inline void emit_brk(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, brk))
		return;
	put_u64(&w, c->ret);
	put_memory_sizes(&w, c->task->mm);
	put_u64(&w, ARG0(c->regs));
	record_end(&w);
}

static __always_inline void emit_mmap(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, mmap))
		return;
	put_s64(&w, c->ret);
	put_memory_sizes(&w, c->task->mm);
	put_u64(&w, ARG0(c->regs));
	put_u64(&w, ARG1(c->regs));
	put_u32(&w, wire_protection(ARG2(c->regs)));
	put_u32(&w, wire_map_flags(ARG3(c->regs)));
	put_s64(&w, INT_ARG(c, 4));
	put_u64(&w, ARG5(c->regs));
	record_end(&w);
}

static __always_inline void emit_munmap(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, munmap))
		return;
	put_s64(&w, c->ret);
	put_memory_sizes(&w, c->task->mm);
	put_u64(&w, ARG0(c->regs));
	put_u64(&w, ARG1(c->regs));
	record_end(&w);
}

static __always_inline void emit_mprotect(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, mprotect))
		return;
	put_s64(&w, c->ret);
	put_u64(&w, ARG0(c->regs));
	put_u64(&w, ARG1(c->regs));
	put_u32(&w, wire_protection(ARG2(c->regs)));
	record_end(&w);
}

/* mlock, munlock. */
static __always_inline void emit_range(struct call *c, u32 code)
{
	struct writer w;

	if (!record_begin(&w, code, PARAMS_mlock, c->tid))
		return;
	put_s64(&w, c->ret);
	put_u64(&w, ARG0(c->regs));
	put_u64(&w, ARG1(c->regs));
	record_end(&w);
}

static __always_inline void emit_mlock2(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, mlock2))
		return;
	put_s64(&w, c->ret);
	put_u64(&w, ARG0(c->regs));
	put_u64(&w, ARG1(c->regs));
	put_u32(&w, ARG2(c->regs) & 1);
	record_end(&w);
}

#endif
