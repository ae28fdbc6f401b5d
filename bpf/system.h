/* SPDX-License-Identifier: GPL-2.0 */
/* Identity, signals, limits, namespaces, tracing, modules, and other calls that change what a task may do. */
#ifndef PEREGRINE_SYSTEM_H
#define PEREGRINE_SYSTEM_H

#include "compat.h"
#include "flags.h"

#define PR_SET_NAME 15
#define PR_GET_NAME 16
#define PR_GET_CHILD_SUBREAPER 37
#define PTRACE_PEEKTEXT 1
#define PTRACE_PEEKUSR 3
#define WIRE_PTRACE_CONT 8
#define WIRE_PTRACE_SINGLESTEP 10
#define WIRE_PTRACE_DETACH 12
#define WIRE_PTRACE_SYSCALL 13
#define VARIANT_POINTER 0
#define VARIANT_SIGNAL 1
#define SNAPSHOT_MODULE_BYTES 80

/* Result and ids: set*uid and set*gid. */
static __always_inline void emit_ids(struct call *c, u32 code, u32 count)
{
	struct writer w;

	if (!record_begin(&w, code, 1 + count, c->tid))
		return;
	put_s64(&w, c->ret);
	put_u32(&w, ARG0(c->regs));
	if (count > 1)
		put_u32(&w, ARG1(c->regs));
	if (count > 2)
		put_u32(&w, ARG2(c->regs));
	record_end(&w);
}

static __always_inline void emit_setsid(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, setsid))
		return;
	put_s64(&w, c->ret);
	record_end(&w);
}

static __always_inline void emit_setpgid(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, setpgid))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_s64(&w, INT_ARG(c, 1));
	record_end(&w);
}

/* The sets as they stand after the call. */
static __always_inline void emit_capset(struct call *c)
{
	const struct cred *cred = c->task->cred;
	struct writer w;

	if (!BEGIN(&w, capset))
		return;
	put_s64(&w, c->ret);
	put_u64(&w, CAPABILITIES(cred, cap_inheritable));
	put_u64(&w, CAPABILITIES(cred, cap_permitted));
	put_u64(&w, CAPABILITIES(cred, cap_effective));
	record_end(&w);
}

/* Result, a target, a signal: kill, tkill. */
static __always_inline void emit_kill(struct call *c, u32 code)
{
	struct writer w;

	if (!record_begin(&w, code, 3, c->tid))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_u8(&w, ARG1(c->regs));
	record_end(&w);
}

static __always_inline void emit_tgkill(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, tgkill))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_s64(&w, INT_ARG(c, 1));
	put_u8(&w, ARG2(c->regs));
	record_end(&w);
}

static __always_inline void emit_setrlimit(struct call *c)
{
	s64 limit[2] = {};
	struct writer w;

	if (!BEGIN(&w, setrlimit))
		return;
	read_user_limit(limit, ARG1(c->regs));
	put_s64(&w, c->ret);
	put_s64(&w, limit[0]);
	put_s64(&w, limit[1]);
	put_u8(&w, ARG0(c->regs));
	record_end(&w);
}

static __always_inline void emit_prlimit(struct call *c)
{
	s64 new_limit[2] = {}, old_limit[2] = {};
	struct writer w;

	if (!BEGIN(&w, prlimit))
		return;
	if (ARG2(c->regs))
		read_user(new_limit, sizeof(new_limit), (void *)ARG2(c->regs));
	if (ARG3(c->regs) && c->ret == 0)
		read_user(old_limit, sizeof(old_limit), (void *)ARG3(c->regs));
	put_s64(&w, c->ret);
	put_s64(&w, new_limit[0]);
	put_s64(&w, new_limit[1]);
	put_s64(&w, old_limit[0]);
	put_s64(&w, old_limit[1]);
	put_s64(&w, INT_ARG(c, 0));
	put_u8(&w, ARG1(c->regs));
	record_end(&w);
}

static __always_inline void emit_setns(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, setns))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_u32(&w, wire_clone_flags(U32_ARG(c, 1)));
	record_end(&w);
}

/* A value that is a pointer or plain number, or, for the requests that resume a task, a signal. */
static __always_inline void emit_ptrace(struct call *c)
{
	u64 request = U32_ARG(c, 0), data = ARG3(c->regs);
	u16 wire_request = wire_ptrace_request(request);
	struct writer w;

	if (!BEGIN(&w, ptrace))
		return;
	put_s64(&w, c->ret);
	if (c->ret < 0) {
		put_empty(&w);
		put_empty(&w);
	} else {
		u8 *to = w.record + w.at;

		to[0] = VARIANT_POINTER;
		*(u64 *)(to + 1) = ARG2(c->regs);
		put_written(&w, 9);
		to = w.record + w.at;
		if (wire_request == WIRE_PTRACE_CONT || wire_request == WIRE_PTRACE_SINGLESTEP ||
		    wire_request == WIRE_PTRACE_DETACH || wire_request == WIRE_PTRACE_SYSCALL) {
			to[0] = VARIANT_SIGNAL;
			to[1] = data;
			put_written(&w, 2);
		} else {
			if (request >= PTRACE_PEEKTEXT && request <= PTRACE_PEEKUSR)
				read_user_pointer(&data, ARG3(c->regs), 0);
			to[0] = VARIANT_POINTER;
			*(u64 *)(to + 1) = data;
			put_written(&w, 9);
		}
	}
	put_u16(&w, wire_request);
	put_s64(&w, INT_ARG(c, 1));
	record_end(&w);
}

static __always_inline void emit_prctl(struct call *c)
{
	u32 option = U32_ARG(c, 0);
	u64 argument = ARG1(c->regs);
	struct writer w;

	if (!BEGIN(&w, prctl))
		return;
	put_s64(&w, c->ret);
	put_u32(&w, option);
	if (option == PR_SET_NAME || option == PR_GET_NAME) {
		put_user_text(&w, argument);
		put_s64(&w, 0);
	} else {
		s64 value = argument;

		if (option == PR_GET_CHILD_SUBREAPER) {
			s32 flag = 0;

			read_user(&flag, sizeof(flag), (void *)argument);
			value = flag;
		}
		put_empty(&w);
		put_s64(&w, value);
	}
	record_end(&w);
}

static __always_inline void emit_init_module(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, init_module))
		return;
	put_s64(&w, c->ret);
	put_user_bytes(&w, ARG0(c->regs), ARG1(c->regs), SNAPSHOT_MODULE_BYTES);
	put_u64(&w, ARG1(c->regs));
	put_user_text(&w, ARG2(c->regs));
	record_end(&w);
}

static __always_inline void emit_finit_module(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, finit_module))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_user_text(&w, ARG1(c->regs));
	put_u32(&w, ARG2(c->regs) & 7);
	record_end(&w);
}

static __always_inline void emit_delete_module(struct call *c)
{
	u32 flags = U32_ARG(c, 1);

	struct writer w;

	if (!BEGIN(&w, delete_module))
		return;
	put_s64(&w, c->ret);
	put_user_text(&w, ARG0(c->regs));
	put_u32(&w, MOVE(flags, O_NONBLOCK, 2) | MOVE(flags, O_TRUNC, 1));
	record_end(&w);
}

#endif
