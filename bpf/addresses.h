/* SPDX-License-Identifier: GPL-2.0 */
/* Socket addresses as the caller gave them, and both ends of a socket as the kernel holds them. */
#ifndef PEREGRINE_ADDRESSES_H
#define PEREGRINE_ADDRESSES_H

#include "call.h"
#include "flags.h"

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define S_IFMT 00170000
#define S_IFSOCK 0140000
#define UNIX_PATH_AT 2
#define UNIX_PATH_MAX 108

enum direction {
	OUTBOUND,
	INBOUND,
};

/* An address of any family that we know, as user space passes it. */
union address {
	u16 family;
	struct {
		u16 family;
		u16 port;
		u32 ip;
	} inet;
	struct {
		u16 family;
		u16 port;
		u32 flow;
		u64 ip[2];
	} inet6;
};

static __always_inline u16 host_order(u16 port)
{
	return __builtin_bswap16(port);
}

/* The socket behind an open file; NULL when it is none. */
static __always_inline struct sock *sock_of(struct file *file)
{
	struct socket *socket;

	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

/* An address's length as the call has it, and where its bytes are. */
static __always_inline u32 address_length(struct call *c, u64 length)
{
	return ((u32)length & ~IN_KERNEL) | c->address_kind;
}

static __always_inline void read_address(void *to, u32 size, u64 address, u32 length)
{
	if (length & IN_KERNEL)
		bpf_probe_read_kernel(to, size, (void *)address);
	else
		read_user(to, size, (void *)address);
}

/* Reads an address as the caller gave it; family 0 when there is none. */
static __always_inline union address given_address(u64 address, u32 length)
{
	u32 bytes = length & ~IN_KERNEL;
	union address copy = {};

	if (!address || bytes < 2)
		return copy;
	read_address(&copy.family, sizeof(copy.family), address, length);
	if (copy.family == AF_INET && bytes >= 8)
		read_address(&copy.inet, sizeof(copy.inet), address, length);
	else if (copy.family == AF_INET6 && bytes >= 24)
		read_address(&copy.inet6, sizeof(copy.inet6), address, length);
	else if (copy.family != AF_UNIX)
		copy.family = 0;
	return copy;
}

/* Bytes to read of a unix path, its NUL included. An abstract one ends where the address does, without a NUL. */
static __always_inline u32 unix_path_size(u32 length, char first)
{
	u32 size = length - UNIX_PATH_AT + (first ? 1 : 0);

	if (size > UNIX_PATH_MAX)
		size = UNIX_PATH_MAX;
	asm volatile("%0 &= 127" : "+r"(size));
	return size;
}

/* The path of a unix address, with its NUL; the leading NUL of an abstract one is left out. */
static __always_inline long read_unix_path(u8 *to, u64 address, u32 length)
{
	const char *path = (const char *)address + UNIX_PATH_AT;
	char first = 0;
	u32 size;

	read_address(&first, 1, (u64)path, length);
	size = unix_path_size(length & ~IN_KERNEL, first);
	if (length & IN_KERNEL)
		return read_kernel_text(to, size, first ? path : path + 1);
	return read_user_text(to, size, first ? path : path + 1);
}

/* Writes an address as the caller gave it. Returns the offset after it: `at` for none. */
__noinline u64 write_address(struct scratch *scratch, u64 at, u64 address, u32 length)
{
	union address from = given_address(address, length);
	long written;
	u8 *to;

	if (!scratch)
		return at;
	at = bounded(at);
	to = scratch->record + at;
	switch (from.family) {
	case AF_INET:
		to[0] = AF_INET;
		*(u32 *)(to + 1) = from.inet.ip;
		*(u16 *)(to + 5) = host_order(from.inet.port);
		return at + 7;
	case AF_INET6:
		to[0] = AF_INET6;
		*(u64 *)(to + 1) = from.inet6.ip[0];
		*(u64 *)(to + 9) = from.inet6.ip[1];
		*(u16 *)(to + 17) = host_order(from.inet6.port);
		return at + 19;
	case AF_UNIX:
		to[0] = AF_UNIX;
		to[1] = 0;
		written = (length & ~IN_KERNEL) <= UNIX_PATH_AT ? 1 : read_unix_path(to + 1, address, length);
		return written < 0 ? at : at + 1 + written;
	default:
		return at;
	}
}

static __always_inline void put_address(struct writer *w, u64 address, u32 length)
{
	put_written(w, write_address(w->scratch, w->at, address, length) - w->at);
}

/* Path that a unix socket is bound to; one NUL when it has none, or there is no socket. */
static __always_inline long read_bound_path(u8 *to, struct unix_sock *socket)
{
	struct unix_address *address = socket ? BPF_CORE_READ(socket, addr) : NULL;
	const char *path;
	char first = 0;

	to[0] = 0;
	if (!address)
		return 1;
	path = (const char *)address + bpf_core_field_offset(struct unix_address, name) + UNIX_PATH_AT;
	bpf_probe_read_kernel(&first, 1, path);
	return read_kernel_text(to, unix_path_size(BPF_CORE_READ(address, len), first), first ? path : path + 1);
}

struct ends {
	u64 sock;
	u64 peer; /* address of the call, which counts where the socket has none (datagrams) */
	u32 peer_length;
	u32 is_outbound;
};

/* A TCP connection that is over has given its number back, and still says what it was. */
static __always_inline u16 local_port_of(struct sock *sock)
{
	u16 port = BPF_CORE_READ(sock, __sk_common.skc_num);

	return port ?: host_order(BPF_CORE_READ((struct inet_sock *)sock, inet_sport));
}

static __always_inline u64 write_inet_tuple(u8 *to, u64 at, struct ends *ends)
{
	struct sock *sock = (void *)ends->sock;
	u32 local_ip = BPF_CORE_READ(sock, __sk_common.skc_rcv_saddr);
	u16 local_port = local_port_of(sock);
	u32 remote_ip = BPF_CORE_READ(sock, __sk_common.skc_daddr);
	u16 remote_port = host_order(BPF_CORE_READ(sock, __sk_common.skc_dport));

	if (!remote_port) {
		union address other = given_address(ends->peer, ends->peer_length);

		if (other.family == AF_INET) {
			remote_ip = other.inet.ip;
			remote_port = host_order(other.inet.port);
		}
	}
	to[0] = AF_INET;
	*(u32 *)(to + 1) = ends->is_outbound ? local_ip : remote_ip;
	*(u16 *)(to + 5) = ends->is_outbound ? local_port : remote_port;
	*(u32 *)(to + 7) = ends->is_outbound ? remote_ip : local_ip;
	*(u16 *)(to + 11) = ends->is_outbound ? remote_port : local_port;
	return at + 13;
}

static __always_inline u64 write_inet6_tuple(u8 *to, u64 at, struct ends *ends)
{
	struct sock *sock = (void *)ends->sock;
	u32 local_at = ends->is_outbound ? 1 : 19, remote_at = ends->is_outbound ? 19 : 1;
	u16 local_port = local_port_of(sock);
	u16 remote_port = host_order(BPF_CORE_READ(sock, __sk_common.skc_dport));
	struct in6_addr remote_ip;

	BPF_CORE_READ_INTO(&remote_ip, sock, __sk_common.skc_v6_daddr);
	if (!remote_port) {
		union address other = given_address(ends->peer, ends->peer_length);

		if (other.family == AF_INET6) {
			__builtin_memcpy(&remote_ip, other.inet6.ip, 16);
			remote_port = host_order(other.inet6.port);
		}
	}
	to[0] = AF_INET6;
	BPF_CORE_READ_INTO((struct in6_addr *)(to + local_at), sock, __sk_common.skc_v6_rcv_saddr);
	*(u16 *)(to + local_at + 16) = local_port;
	bpf_probe_read_kernel(to + remote_at, 16, &remote_ip);
	*(u16 *)(to + remote_at + 16) = remote_port;
	return at + 37;
}

static __always_inline u64 write_unix_tuple(u8 *to, u64 at, struct ends *ends)
{
	struct unix_sock *local = (void *)ends->sock;
	struct unix_sock *remote = (struct unix_sock *)BPF_CORE_READ(local, peer);
	long length;

	to[0] = AF_UNIX;
	*(u64 *)(to + 1) = (u64)(ends->is_outbound ? local : remote);
	*(u64 *)(to + 9) = (u64)(ends->is_outbound ? remote : local);
	if (ends->is_outbound && !remote && (ends->peer_length & ~IN_KERNEL) > UNIX_PATH_AT &&
	    given_address(ends->peer, ends->peer_length).family == AF_UNIX)
		length = read_unix_path(to + 17, ends->peer, ends->peer_length);
	else
		length = read_bound_path(to + 17, ends->is_outbound ? remote : local);
	return length < 0 ? at : at + 17 + length;
}

/* Writes both ends of a socket, the sender's first. Returns the offset after them: `at` for none. */
__noinline u64 write_tuple(struct scratch *scratch, u64 at, struct ends *ends)
{
	struct sock *sock;
	u16 family;
	u8 *to;

	if (!scratch || !ends || !ends->sock)
		return at;
	at = bounded(at);
	to = scratch->record + at;
	sock = (void *)ends->sock;
	family = BPF_CORE_READ(sock, __sk_common.skc_family);
	if (family == AF_INET)
		return write_inet_tuple(to, at, ends);
	if (family == AF_INET6)
		return write_inet6_tuple(to, at, ends);
	return family == AF_UNIX ? write_unix_tuple(to, at, ends) : at;
}

static __always_inline void put_tuple(struct writer *w, struct sock *sock, enum direction direction, u64 peer,
				      u32 peer_length)
{
	struct ends ends = {(u64)sock, peer, peer_length, direction == OUTBOUND};

	put_written(w, write_tuple(w->scratch, w->at, &ends) - w->at);
}

#endif
