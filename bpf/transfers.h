/* SPDX-License-Identifier: GPL-2.0 */
/* Calls that move data: the read and write families, several messages at once, other processes' memory. */
#ifndef PEREGRINE_TRANSFERS_H
#define PEREGRINE_TRANSFERS_H

#include "sockets.h"

/* The bytes that a call moved, in one buffer: none where it failed to read, what was asked where it failed to write. */
static __always_inline void put_read_bytes(struct writer *w, struct call *c, u64 buffer)
{
	put_user_bytes(w, buffer, c->ret > 0 ? c->ret : 0, SNAPSHOT_BYTES);
}

static __always_inline void put_vectors(struct writer *w, u64 vectors, u64 count, u64 bytes)
{
	put_written(w, write_message(w->scratch, w->at, vectors, count, bytes) - w->at);
}

/* read, write, pread64, pwrite64. */
static __always_inline void emit_transfer(struct call *c, u32 code, bool is_write, bool has_position)
{
	struct writer w;

	if (!record_begin(&w, code, has_position ? PARAMS_pread : PARAMS_read, c->tid))
		return;
	put_s64(&w, c->ret);
	if (is_write)
		put_user_bytes(&w, ARG1(c->regs), sent_bytes(c, ARG2(c->regs)), SNAPSHOT_BYTES);
	else
		put_read_bytes(&w, c, ARG1(c->regs));
	put_s64(&w, INT_ARG(c, 0));
	put_u32(&w, ARG2(c->regs));
	if (has_position)
		put_u64(&w, ARG3(c->regs));
	record_end(&w);
}

/* readv, preadv. */
static __always_inline void emit_readv(struct call *c, u32 code, bool has_position)
{
	struct writer w;

	if (!record_begin(&w, code, has_position ? PARAMS_preadv : PARAMS_readv, c->tid))
		return;
	put_s64(&w, c->ret);
	put_u32(&w, message_size(ARG1(c->regs), U32_ARG(c, 2)));
	put_vectors(&w, ARG1(c->regs), U32_ARG(c, 2), c->ret > 0 ? c->ret : 0);
	put_s64(&w, INT_ARG(c, 0));
	if (has_position)
		put_u64(&w, ARG3(c->regs));
	record_end(&w);
}

/* writev, pwritev. */
static __always_inline void emit_writev(struct call *c, u32 code, bool has_position)
{
	u64 size = message_size(ARG1(c->regs), U32_ARG(c, 2));
	struct writer w;

	if (!record_begin(&w, code, has_position ? PARAMS_pwritev : PARAMS_writev, c->tid))
		return;
	put_s64(&w, c->ret);
	put_vectors(&w, ARG1(c->regs), U32_ARG(c, 2), sent_bytes(c, size));
	put_s64(&w, INT_ARG(c, 0));
	put_u32(&w, size);
	if (has_position)
		put_u64(&w, ARG3(c->regs));
	record_end(&w);
}

static __always_inline u64 user_offset(struct call *c, u64 address)
{
	u64 offset = 0;

	if (address)
		read_user(&offset, c->narrow & NARROW_OFFSET ? 4 : 8, (void *)address);
	return offset;
}

static __always_inline void emit_sendfile(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, sendfile))
		return;
	put_s64(&w, c->ret);
	put_u64(&w, user_offset(c, ARG2(c->regs)));
	put_s64(&w, INT_ARG(c, 0));
	put_s64(&w, INT_ARG(c, 1));
	put_u64(&w, ARG3(c->regs));
	record_end(&w);
}

static __always_inline void emit_splice(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, splice))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_s64(&w, INT_ARG(c, 2));
	put_u64(&w, ARG4(c->regs));
	put_u32(&w, ARG5(c->regs) & 15);
	record_end(&w);
}

static __always_inline void emit_copy_file_range(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, copy_file_range))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 2));
	put_u64(&w, user_offset(c, ARG3(c->regs)));
	put_s64(&w, INT_ARG(c, 0));
	put_u64(&w, user_offset(c, ARG1(c->regs)));
	put_u64(&w, ARG4(c->regs));
	record_end(&w);
}

/* One of the messages of sendmmsg or recvmmsg. */
struct user_mmsghdr {
	struct user_msghdr message;
	u64 flags;
	u32 length;
	u32 pad;
};

#define COMPAT_MMSGHDR_BYTES 32
#define COMPAT_MMSGHDR_LENGTH_AT 28

static __always_inline void read_user_messages(struct user_mmsghdr *to, u64 messages, u32 index)
{
	u64 address = messages + (u64)index * (is_compat() ? COMPAT_MMSGHDR_BYTES : sizeof(*to));

	if (is_compat()) {
		read_user_message(&to->message, address);
		read_user(&to->length, sizeof(to->length), (void *)(address + COMPAT_MMSGHDR_LENGTH_AT));
	} else {
		read_user(to, sizeof(*to), (void *)address);
	}
}

#define MESSAGES_EMITTED 8

/*
 * The `index`-th message that was moved; when the call failed, only the first, with what was asked. Not inline, and given
 * what it needs of the call instead of the call: the stack of sys_exit has no room for more.
 */
static __noinline int emit_sent_message(struct arguments *arguments, s64 ret, u32 tid, u32 index)
{
	struct call c = {.regs = arguments, .ret = ret, .task = current_task(), .tid = tid};
	struct user_mmsghdr header = {};
	struct writer w;
	u64 size;

	if (!arguments || !record_begin(&w, EVENT_sendmmsg, PARAMS_sendmmsg, tid))
		return 0;
	read_user_messages(&header, ARG1(arguments), index);
	size = ret > 0 ? header.length : message_size((u64)header.message.msg_iov, header.message.msg_iovlen);
	put_s64(&w, ret > 0 ? header.length : ret);
	put_s64(&w, INT_ARG(&c, 0));
	put_u32(&w, size);
	put_message(&w, &header.message, size);
	put_tuple(&w, sock_of(first_file(&c)), OUTBOUND, (u64)header.message.msg_name,
		  header.message.msg_namelen);
	record_end(&w);
	return 0;
}

static __noinline int emit_received_message(struct arguments *arguments, s64 ret, u32 tid, u32 index)
{
	struct call c = {.regs = arguments, .ret = ret, .task = current_task(), .tid = tid};
	struct user_mmsghdr header = {};
	bool has_data = ret > 0;
	struct writer w;

	if (!arguments || !record_begin(&w, EVENT_recvmmsg, PARAMS_recvmmsg, tid))
		return 0;
	if (has_data)
		read_user_messages(&header, ARG1(arguments), index);
	put_s64(&w, has_data ? header.length : ret);
	put_s64(&w, INT_ARG(&c, 0));
	put_u32(&w, header.length);
	put_message(&w, &header.message, header.length);
	put_tuple(&w, has_data ? sock_of(first_file(&c)) : NULL, INBOUND, (u64)header.message.msg_name,
		  header.message.msg_namelen);
	put_user_bytes(&w, (u64)header.message.msg_control, header.message.msg_controllen, CONTROL_BYTES);
	record_end(&w);
	return 0;
}

static __always_inline void emit_messages(struct call *c, bool is_sent)
{
	for (u32 i = 0; i < MESSAGES_EMITTED; i++) {
		if (i > 0 && (long)i >= c->ret)
			break;
		if (is_sent)
			emit_sent_message(c->regs, c->ret, c->tid, i);
		else
			emit_received_message(c->regs, c->ret, c->tid, i);
	}
}

/* process_vm_readv, process_vm_writev: the bytes on this side. */
static __always_inline void emit_process_vm(struct call *c, u32 code)
{
	struct writer w;

	if (!record_begin(&w, code, PARAMS_process_vm_readv, c->tid))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_vectors(&w, ARG1(c->regs), ARG2(c->regs), c->ret > 0 ? c->ret : 0);
	record_end(&w);
}

#endif
