/* SPDX-License-Identifier: GPL-2.0 */
/* Socket calls, and the first bytes of messages. */
#ifndef PEREGRINE_SOCKETS_H
#define PEREGRINE_SOCKETS_H

#include "addresses.h"
#include "compat.h"

#define EINPROGRESS 115
#define SNAPSHOT_BYTES 80
#define CONTROL_BYTES 512

static __always_inline void emit_socket(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, socket))
		return;
	put_s64(&w, c->ret);
	put_u32(&w, ARG0(c->regs));
	put_u32(&w, ARG1(c->regs));
	put_u32(&w, ARG2(c->regs));
	put_u32(&w, wire_descriptor_flags(ARG1(c->regs)));
	record_end(&w);
}

static __always_inline void emit_bind(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, bind))
		return;
	put_s64(&w, c->ret);
	put_address(&w, ARG1(c->regs), address_length(c, ARG2(c->regs)));
	put_s64(&w, INT_ARG(c, 0));
	record_end(&w);
}

static __always_inline void emit_connect(struct call *c)
{
	struct sock *sock = c->ret == 0 || c->ret == -EINPROGRESS ? sock_of(first_file(c)) : NULL;
	struct writer w;

	if (!BEGIN(&w, connect))
		return;
	put_s64(&w, c->ret);
	put_tuple(&w, sock, OUTBOUND, ARG1(c->regs), address_length(c, ARG2(c->regs)));
	put_s64(&w, INT_ARG(c, 0));
	put_address(&w, ARG1(c->regs), address_length(c, ARG2(c->regs)));
	record_end(&w);
}

static __always_inline void emit_listen(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, listen))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_u32(&w, ARG1(c->regs));
	record_end(&w);
}

static __always_inline void emit_accept(struct call *c, u32 code, bool has_flags)
{
	struct sock *listener = sock_of(first_file(c));
	u32 length = 0, limit = 0;
	struct writer w;

	if (!record_begin(&w, code, has_flags ? PARAMS_accept4 : PARAMS_accept, c->tid))
		return;
	if (listener && c->ret >= 0) {
		length = BPF_CORE_READ(listener, sk_ack_backlog);
		limit = BPF_CORE_READ(listener, sk_max_ack_backlog);
	}
	put_s64(&w, c->ret);
	put_tuple(&w, sock_of(made_file(c)), INBOUND, 0, 0);
	put_u8(&w, limit ? (u64)length * 100 / limit : 0);
	put_u32(&w, length);
	put_u32(&w, limit);
	if (has_flags)
		put_u32(&w, wire_descriptor_flags(ARG3(c->regs)));
	record_end(&w);
}

static __always_inline void emit_shutdown(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, shutdown))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_u8(&w, ARG1(c->regs));
	record_end(&w);
}

static __always_inline void emit_socketpair(struct call *c)
{
	s32 fds[2] = {-1, -1};
	u64 source = 0, peer = 0;
	struct writer w;

	if (!BEGIN(&w, socketpair))
		return;
	if (c->ret == 0) {
		struct sock *sock;

		read_user(fds, sizeof(fds), (void *)ARG3(c->regs));
		sock = sock_of(file_of(c->task, fds[0]));
		if (sock && BPF_CORE_READ(sock, __sk_common.skc_family) == AF_UNIX) {
			source = (u64)sock;
			peer = (u64)BPF_CORE_READ((struct unix_sock *)sock, peer);
		}
	}
	put_s64(&w, c->ret);
	put_s64(&w, fds[0]);
	put_s64(&w, fds[1]);
	put_u64(&w, source);
	put_u64(&w, peer);
	put_u32(&w, ARG0(c->regs));
	put_u32(&w, ARG1(c->regs));
	put_u32(&w, ARG2(c->regs));
	record_end(&w);
}

/* Bytes that a call moved: what it returned, or, where it failed, what it was asked to send. */
static __always_inline u64 sent_bytes(struct call *c, u64 asked)
{
	return c->ret >= 0 && (u64)c->ret < asked ? (u64)c->ret : asked;
}

static __always_inline void emit_sendto(struct call *c)
{
	struct sock *sock = sock_of(first_file(c));
	struct writer w;

	if (!BEGIN(&w, sendto))
		return;
	put_s64(&w, c->ret);
	put_user_bytes(&w, ARG1(c->regs), sent_bytes(c, ARG2(c->regs)), SNAPSHOT_BYTES);
	put_s64(&w, INT_ARG(c, 0));
	put_u32(&w, ARG2(c->regs));
	put_tuple(&w, sock, OUTBOUND, ARG4(c->regs), address_length(c, ARG5(c->regs)));
	record_end(&w);
}

static __always_inline void emit_recvfrom(struct call *c)
{
	u64 peer = ARG4(c->regs);
	struct sock *sock = c->ret >= 0 ? sock_of(first_file(c)) : NULL;
	u32 peer_length = 0;
	struct writer w;

	if (!BEGIN(&w, recvfrom))
		return;
	if (peer && c->ret >= 0)
		read_user(&peer_length, sizeof(peer_length), (void *)ARG5(c->regs));
	put_s64(&w, c->ret);
	put_user_bytes(&w, ARG1(c->regs), c->ret > 0 ? c->ret : 0, SNAPSHOT_BYTES);
	put_tuple(&w, sock, INBOUND, peer, peer_length);
	put_s64(&w, INT_ARG(c, 0));
	put_u32(&w, ARG2(c->regs));
	record_end(&w);
}

#define VECTORS_COUNTED 16

/* Bytes that the first vectors of a message hold together. */
__noinline u64 message_size(u64 vectors, u64 count)
{
	u64 size = 0;

	for (u32 i = 0; i < VECTORS_COUNTED; i++) {
		struct iovec vector = {};

		if (i >= count || read_user_vector(&vector, vectors, i))
			break;
		size += vector.iov_len;
	}
	return size;
}

/* Writes the first of `bytes` that a message moved. Returns the offset after them. */
__noinline u64 write_message(struct scratch *scratch, u64 start, u64 vectors, u64 count, u64 bytes)
{
	if (!scratch)
		return start;
	if (bytes > SNAPSHOT_BYTES)
		bytes = SNAPSHOT_BYTES;
	scratch->at = start;
	for (u32 i = 0; i < VECTORS_COUNTED; i++) {
		volatile u64 *at = &scratch->at;
		struct iovec vector = {};
		u64 length = bytes - (*at - start);

		if (i >= count || read_user_vector(&vector, vectors, i))
			break;
		if (length > vector.iov_len)
			length = vector.iov_len;
		asm volatile("" : "+r"(length));
		if (!length)
			continue;
		if (length > SNAPSHOT_BYTES ||
		    read_user(scratch->record + bounded(*at), length, vector.iov_base))
			break;
		*at += length;
	}
	return scratch->at;
}

static __always_inline void put_message(struct writer *w, struct user_msghdr *message, u64 bytes)
{
	put_written(w, write_message(w->scratch, w->at, (u64)message->msg_iov, message->msg_iovlen, bytes) - w->at);
}

static __always_inline void emit_sendmsg(struct call *c)
{
	struct sock *sock = sock_of(first_file(c));
	struct user_msghdr message = {};
	struct writer w;
	u64 size;

	if (!BEGIN(&w, sendmsg))
		return;
	read_user_message(&message, ARG1(c->regs));
	size = message_size((u64)message.msg_iov, message.msg_iovlen);
	put_s64(&w, c->ret);
	put_message(&w, &message, sent_bytes(c, size));
	put_s64(&w, INT_ARG(c, 0));
	put_u32(&w, size);
	put_tuple(&w, sock, OUTBOUND, (u64)message.msg_name, message.msg_namelen);
	record_end(&w);
}

static __always_inline void emit_recvmsg(struct call *c)
{
	bool has_data = c->ret >= 0;
	struct sock *sock = has_data ? sock_of(first_file(c)) : NULL;
	struct user_msghdr message = {};
	struct writer w;

	if (!BEGIN(&w, recvmsg))
		return;
	if (has_data && ARG1(c->regs))
		read_user_message(&message, ARG1(c->regs));
	put_s64(&w, c->ret);
	put_u32(&w, has_data ? c->ret : 0);
	put_message(&w, &message, has_data ? c->ret : 0);
	put_tuple(&w, sock, INBOUND, (u64)message.msg_name, message.msg_namelen);
	put_user_bytes(&w, (u64)message.msg_control, message.msg_controllen, CONTROL_BYTES);
	put_s64(&w, INT_ARG(c, 0));
	record_end(&w);
}

#endif
