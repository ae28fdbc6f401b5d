/* SPDX-License-Identifier: GPL-2.0 */
/* File descriptors: close, copies, pipes, and the calls that make descriptors of other kinds. */
#ifndef PEREGRINE_DESCRIPTORS_H
#define PEREGRINE_DESCRIPTORS_H

#include "call.h"
#include "flags.h"

/* Result and a descriptor: close, fchdir, dup. False: the record is lost. */
static __always_inline bool try_result_fd(struct call *c, u32 code)
{
	struct writer w;

	if (!record_begin(&w, code, 2, c->tid))
		return false;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	return record_end(&w);
}

static __always_inline void emit_result_fd(struct call *c, u32 code)
{
	try_result_fd(c, code);
}

/* Result and a 32-bit number: unshare, userfaultfd, epoll_create and others. */
static __always_inline void emit_result_u32(struct call *c, u32 code, u32 value)
{
	struct writer w;

	if (!record_begin(&w, code, 2, c->tid))
		return;
	put_s64(&w, c->ret);
	put_u32(&w, value);
	record_end(&w);
}

static __always_inline void emit_result_u16(struct call *c, u32 code, u16 value)
{
	struct writer w;

	if (!record_begin(&w, code, 2, c->tid))
		return;
	put_s64(&w, c->ret);
	put_u16(&w, value);
	record_end(&w);
}

static __always_inline void emit_close_range(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, close_range))
		return;
	put_s64(&w, c->ret);
	put_u32(&w, ARG0(c->regs));
	put_u32(&w, ARG1(c->regs));
	put_u32(&w, ARG2(c->regs));
	record_end(&w);
}

static __always_inline void emit_dup2(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, dup2))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_s64(&w, INT_ARG(c, 1));
	record_end(&w);
}

static __always_inline void emit_dup3(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, dup3))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_s64(&w, INT_ARG(c, 1));
	put_u32(&w, wire_descriptor_flags(ARG2(c->regs)));
	record_end(&w);
}

static __always_inline void emit_fcntl(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, fcntl))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_u8(&w, wire_fcntl_command(ARG1(c->regs)));
	put_u64(&w, ARG2(c->regs));
	record_end(&w);
}

static __always_inline void emit_pipe(struct call *c, u32 code, bool has_flags)
{
	struct file *file;
	s32 fds[2] = {-1, -1};
	struct writer w;

	if (!record_begin(&w, code, has_flags ? PARAMS_pipe2 : PARAMS_pipe, c->tid))
		return;
	if (c->ret == 0)
		read_user(fds, sizeof(fds), (void *)ARG0(c->regs));
	file = file_of(c->task, fds[0]);
	put_s64(&w, c->ret);
	put_s64(&w, fds[0]);
	put_s64(&w, fds[1]);
	put_u64(&w, file ? BPF_CORE_READ(file, f_inode, i_ino) : 0);
	if (has_flags)
		put_u32(&w, wire_descriptor_flags(ARG1(c->regs)));
	record_end(&w);
}

static __always_inline void emit_eventfd(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, eventfd))
		return;
	put_s64(&w, c->ret);
	put_u64(&w, U32_ARG(c, 0));
	put_u32(&w, 0);
	record_end(&w);
}

static __always_inline void emit_eventfd2(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, eventfd2))
		return;
	put_s64(&w, c->ret);
	put_u16(&w, wire_descriptor_flags(ARG1(c->regs)));
	put_u64(&w, U32_ARG(c, 0));
	record_end(&w);
}

/* The mask is a pointer into user memory: the wire's field has always been 0. */
static __always_inline void emit_signalfd(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, signalfd))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_u32(&w, 0);
	put_u8(&w, 0);
	record_end(&w);
}

static __always_inline void emit_signalfd4(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, signalfd4))
		return;
	put_s64(&w, c->ret);
	put_u16(&w, wire_descriptor_flags(ARG3(c->regs)));
	put_s64(&w, INT_ARG(c, 0));
	put_u32(&w, 0);
	record_end(&w);
}

static __always_inline void emit_inotify_init(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, inotify_init))
		return;
	put_s64(&w, c->ret);
	put_u8(&w, 0);
	record_end(&w);
}

static __always_inline void emit_timerfd_create(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, timerfd_create))
		return;
	put_s64(&w, c->ret);
	put_u8(&w, 0);
	put_u8(&w, 0);
	record_end(&w);
}

static __always_inline void emit_memfd_create(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, memfd_create))
		return;
	put_s64(&w, c->ret);
	put_user_text(&w, ARG0(c->regs));
	put_u32(&w, ARG1(c->regs) & 7);
	record_end(&w);
}

static __always_inline void emit_pidfd_open(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, pidfd_open))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_u32(&w, MOVE(ARG1(c->regs), O_NONBLOCK, 1));
	record_end(&w);
}

static __always_inline void emit_pidfd_getfd(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, pidfd_getfd))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_s64(&w, INT_ARG(c, 1));
	put_u32(&w, ARG2(c->regs));
	record_end(&w);
}

static __always_inline void emit_io_uring_setup(struct call *c)
{
	struct {
		u32 sq_entries, cq_entries, flags, sq_thread_cpu, sq_thread_idle, features;
	} params = {};
	struct writer w;

	if (!BEGIN(&w, io_uring_setup))
		return;
	read_user(&params, sizeof(params), (void *)ARG1(c->regs));
	put_s64(&w, c->ret);
	put_u32(&w, ARG0(c->regs));
	put_u32(&w, params.sq_entries);
	put_u32(&w, params.cq_entries);
	/* The wire has a ring flag at 4 that set-up never has. */
	put_u32(&w, (params.flags & 3) | (params.flags & 0x7c) << 1);
	put_u32(&w, params.sq_thread_cpu);
	put_u32(&w, params.sq_thread_idle);
	put_u32(&w, params.features & 0x7ff);
	record_end(&w);
}

#endif
