/* SPDX-License-Identifier: GPL-2.0 */
/* Requests to I/O rings on their way: which call each stands for, with what arguments. */
#ifndef PEREGRINE_URING_REQUESTS_H
#define PEREGRINE_URING_REQUESTS_H

#include "call.h"
#include "uring-types.h"

/* Files that only the ring holds have no descriptor. They get numbers that no descriptor has, by their place. */
#define RING_FILES_FROM (1 << 20)
/* Room for an address of any family that we know. */
#define COPY_BYTES 112

/* A request on its way. */
struct request {
	struct arguments arguments;
	u64 kiocb;
	u64 ring;
	u64 user_data;
	u32 number; /* of the call that does the same */
	u32 tid;
	u32 file_slot; /* where the ring keeps a file that the request makes, plus one; 0: it gets a descriptor */
	u32 is_multishot;
	u32 takes_buffer; /* where its bytes go is chosen late */
	u32 copy_length; /* 0: nothing was copied */
	u8 copy[COPY_BYTES]; /* of what an argument points to: an address, or how to open */
};

/*
 * By the request's place in the kernel's memory. A request that completes several times does so by its ring and what the
 * caller calls it, and has an entry for either.
 */
struct request_key {
	u64 kiocb_or_ring;
	u64 user_data;
};

/* Bounded: a request that never ends is forgotten for newer ones. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct request_key);
	__type(value, struct request);
} requests SEC(".maps");

static __always_inline u8 interest_in(u32 number)
{
	return control.interest[number & (SYSCALL_TABLE_SIZE - 1)] & (INTEREST_EMIT | INTEREST_RARE | INTEREST_GENERIC);
}

/* Whether the request is to be noted as this call. */
static __always_inline bool stands_for(struct request *r, u32 number)
{
	if (!interest_in(number))
		return false;
	r->number = number;
	return true;
}

static __always_inline u64 path_of(struct filename *name)
{
	return (u64)BPF_CORE_READ(name, uptr);
}

static __always_inline u64 ring_fd(u32 fd, bool is_ring_file)
{
	return is_ring_file ? RING_FILES_FROM + fd : fd;
}

static __always_inline u64 request_fd(struct io_kiocb *kiocb)
{
	return ring_fd(BPF_CORE_READ(kiocb, cqe.fd), BPF_CORE_READ(kiocb, flags) & REQUEST_ON_RING_FILE);
}

static __always_inline void note_openat(struct request *r, struct io_kiocb *kiocb)
{
	struct io_open *open = (void *)kiocb;

	r->arguments.values[0] = BPF_CORE_READ(open, dfd);
	r->arguments.values[1] = path_of(BPF_CORE_READ(open, filename));
	/* The kernel adds this one. */
	r->arguments.values[2] = BPF_CORE_READ(open, how.flags) & ~(u64)O_LARGEFILE;
	r->arguments.values[3] = BPF_CORE_READ(open, how.mode);
	r->file_slot = BPF_CORE_READ(open, file_slot);
}

/* As openat, and how to open is in memory. */
static __always_inline void note_openat2(struct request *r, struct io_kiocb *kiocb)
{
	struct io_open *open = (void *)kiocb;
	u64 *how = (void *)r->copy;

	note_openat(r, kiocb);
	how[0] = r->arguments.values[2];
	how[1] = r->arguments.values[3];
	how[2] = BPF_CORE_READ(open, how.resolve);
	r->copy_length = 3 * sizeof(*how);
}

static __always_inline void note_close(struct request *r, struct io_kiocb *kiocb)
{
	struct io_close *close = (void *)kiocb;
	u32 slot = BPF_CORE_READ(close, file_slot);

	r->arguments.values[0] = slot ? RING_FILES_FROM + slot - 1 : BPF_CORE_READ(close, fd);
}

static __always_inline void note_unlink(struct request *r, struct io_kiocb *kiocb)
{
	struct io_unlink *unlink = (void *)kiocb;

	r->arguments.values[0] = BPF_CORE_READ(unlink, dfd);
	r->arguments.values[1] = path_of(BPF_CORE_READ(unlink, filename));
	r->arguments.values[2] = BPF_CORE_READ(unlink, flags);
}

static __always_inline void note_mkdir(struct request *r, struct io_kiocb *kiocb)
{
	struct io_mkdir *mkdir = (void *)kiocb;

	r->arguments.values[0] = BPF_CORE_READ(mkdir, dfd);
	r->arguments.values[1] = path_of(BPF_CORE_READ(mkdir, filename));
	r->arguments.values[2] = BPF_CORE_READ(mkdir, mode);
}

static __always_inline void note_rename(struct request *r, struct io_kiocb *kiocb)
{
	struct io_rename *rename = (void *)kiocb;

	r->arguments.values[0] = BPF_CORE_READ(rename, old_dfd);
	r->arguments.values[1] = path_of(BPF_CORE_READ(rename, oldpath));
	r->arguments.values[2] = BPF_CORE_READ(rename, new_dfd);
	r->arguments.values[3] = path_of(BPF_CORE_READ(rename, newpath));
	r->arguments.values[4] = BPF_CORE_READ(rename, flags);
}

static __always_inline void note_link(struct request *r, struct io_kiocb *kiocb)
{
	struct io_link *link = (void *)kiocb;

	r->arguments.values[0] = BPF_CORE_READ(link, old_dfd);
	r->arguments.values[1] = path_of(BPF_CORE_READ(link, oldpath));
	r->arguments.values[2] = BPF_CORE_READ(link, new_dfd);
	r->arguments.values[3] = path_of(BPF_CORE_READ(link, newpath));
	r->arguments.values[4] = BPF_CORE_READ(link, flags);
}

static __always_inline void note_symlink(struct request *r, struct io_kiocb *kiocb)
{
	struct io_link *link = (void *)kiocb;

	r->arguments.values[0] = path_of(BPF_CORE_READ(link, oldpath));
	r->arguments.values[1] = BPF_CORE_READ(link, new_dfd);
	r->arguments.values[2] = path_of(BPF_CORE_READ(link, newpath));
}

static __always_inline void note_socket(struct request *r, struct io_kiocb *kiocb)
{
	struct io_socket *socket = (void *)kiocb;

	r->arguments.values[0] = BPF_CORE_READ(socket, domain);
	r->arguments.values[1] = BPF_CORE_READ(socket, type);
	r->arguments.values[2] = BPF_CORE_READ(socket, protocol);
	r->file_slot = BPF_CORE_READ(socket, file_slot);
}

static __always_inline void note_connect(struct request *r, struct io_kiocb *kiocb)
{
	struct io_connect *connect = (void *)kiocb;

	r->arguments.values[0] = request_fd(kiocb);
	r->arguments.values[1] = (u64)BPF_CORE_READ(connect, addr);
	r->arguments.values[2] = BPF_CORE_READ(connect, addr_len);
}

static __always_inline void note_accept(struct request *r, struct io_kiocb *kiocb)
{
	struct io_accept *accept = (void *)kiocb;

	r->arguments.values[0] = request_fd(kiocb);
	r->arguments.values[3] = BPF_CORE_READ(accept, flags);
	r->file_slot = BPF_CORE_READ(accept, file_slot);
	r->is_multishot = BPF_CORE_READ(accept, iou_flags) & ACCEPT_MULTISHOT;
}

static __always_inline void note_listen(struct request *r, struct io_kiocb *kiocb)
{
	r->arguments.values[0] = request_fd(kiocb);
	r->arguments.values[1] = BPF_CORE_READ((struct io_listen *)kiocb, backlog);
}

static __always_inline void note_shutdown(struct request *r, struct io_kiocb *kiocb)
{
	r->arguments.values[0] = request_fd(kiocb);
	r->arguments.values[1] = BPF_CORE_READ((struct io_shutdown *)kiocb, how);
}

/* An address that the kernel has copied, for its copy is gone when the request is complete. */
static __always_inline void note_address(struct request *r, void *copy, u32 length)
{
	if (length && !bpf_probe_read_kernel(r->copy, sizeof(r->copy), copy))
		r->copy_length = length;
}

/*
 * The copy of bind's address stands alone or, on older kernels, in a larger structure. That one begins with a pointer,
 * whose lowest bits are not those of a family.
 */
static __always_inline void note_bind(struct request *r, struct io_kiocb *kiocb)
{
	u32 length = BPF_CORE_READ((struct io_bind *)kiocb, addr_len);
	void *copy = BPF_CORE_READ(kiocb, async_data);
	u16 family = 0;

	r->arguments.values[0] = request_fd(kiocb);
	bpf_probe_read_kernel(&family, sizeof(family), copy);
	if (family == 0 || family % 8 == 0)
		copy += bpf_core_field_offset(struct io_async_msghdr, addr);
	note_address(r, copy, length);
}

/* send, recv, and their like with a message. */
static __always_inline void note_message(struct request *r, struct io_kiocb *kiocb)
{
	struct io_sr_msg *message = (void *)kiocb;

	r->arguments.values[0] = request_fd(kiocb);
	r->arguments.values[1] = (u64)BPF_CORE_READ(message, buf);
	r->arguments.values[2] = (u32)BPF_CORE_READ(message, len);
}

static __always_inline void note_send(struct request *r, struct io_kiocb *kiocb)
{
	struct io_sr_msg___v612 *old = (void *)kiocb;
	struct io_async_msghdr *copies = BPF_CORE_READ(kiocb, async_data);

	note_message(r, kiocb);
	if (bpf_core_field_exists(old->addr)) {
		r->arguments.values[4] = (u64)BPF_CORE_READ(old, addr);
		r->arguments.values[5] = BPF_CORE_READ(old, addr_len);
	} else if (copies && BPF_CORE_READ(copies, msg.msg_name)) {
		note_address(r, (void *)copies + bpf_core_field_offset(*copies, addr),
			     BPF_CORE_READ(copies, msg.msg_namelen));
	}
}

static __always_inline void note_receive(struct request *r, struct io_kiocb *kiocb)
{
	note_message(r, kiocb);
	r->is_multishot = BPF_CORE_READ((struct io_sr_msg *)kiocb, flags) & RECEIVE_MULTISHOT;
	r->takes_buffer = BPF_CORE_READ(kiocb, flags) & REQUEST_TAKES_BUFFER;
}

/* The read and write families. A position of -1 is the file's own. */
static __always_inline void note_transfer(struct request *r, struct io_kiocb *kiocb)
{
	struct io_rw *transfer = (void *)kiocb;

	r->arguments.values[0] = request_fd(kiocb);
	r->arguments.values[1] = BPF_CORE_READ(transfer, addr);
	r->arguments.values[2] = BPF_CORE_READ(transfer, len);
	r->arguments.values[3] = BPF_CORE_READ(transfer, kiocb.ki_pos);
	r->takes_buffer = BPF_CORE_READ(kiocb, flags) & REQUEST_TAKES_BUFFER;
}

static __always_inline void note_splice(struct request *r, struct io_kiocb *kiocb)
{
	struct io_splice *splice = (void *)kiocb;
	u32 flags = BPF_CORE_READ(splice, flags);

	r->arguments.values[0] = ring_fd(BPF_CORE_READ(splice, splice_fd_in), flags & SPLICE_FROM_RING_FILE);
	r->arguments.values[2] = request_fd(kiocb);
	r->arguments.values[4] = BPF_CORE_READ(splice, len);
	r->arguments.values[5] = flags;
}

static __always_inline void note_epoll_wait(struct request *r, struct io_kiocb *kiocb)
{
	r->arguments.values[0] = request_fd(kiocb);
	r->arguments.values[2] = BPF_CORE_READ((struct io_epoll_wait *)kiocb, maxevents);
}

static __always_inline void note_pipe(struct request *r, struct io_kiocb *kiocb)
{
	struct io_pipe *pipe = (void *)kiocb;

	r->arguments.values[0] = (u64)BPF_CORE_READ(pipe, fds);
	r->arguments.values[1] = BPF_CORE_READ(pipe, flags);
}

/* Either of the calls that read or write, whichever it turns out to be. */
static __always_inline bool stands_for_transfer(struct request *r, u32 plain, u32 positioned)
{
	return stands_for(r, positioned) || stands_for(r, plain);
}

static __always_inline u32 sync_call(struct io_kiocb *kiocb)
{
	return BPF_CORE_READ((struct io_sync *)kiocb, flags) & FSYNC_DATA_ONLY ? GENERIC_fdatasync : GENERIC_fsync;
}

/* Requests for what has no event of its own. */
static __always_inline u32 generic_call(struct io_kiocb *kiocb, u32 operation)
{
	switch (operation) {
	case URING_FSYNC:
		return sync_call(kiocb);
	case URING_SYNC_FILE_RANGE:
		return GENERIC_sync_file_range;
	case URING_FALLOCATE:
		return GENERIC_fallocate;
	case URING_STATX:
		return GENERIC_statx;
	case URING_FADVISE:
		return GENERIC_fadvise64;
	case URING_MADVISE:
		return GENERIC_madvise;
	case URING_EPOLL_CTL:
		return GENERIC_epoll_ctl;
	case URING_TEE:
		return GENERIC_tee;
	case URING_FSETXATTR:
		return GENERIC_fsetxattr;
	case URING_SETXATTR:
		return GENERIC_setxattr;
	case URING_FGETXATTR:
		return GENERIC_fgetxattr;
	case URING_GETXATTR:
		return GENERIC_getxattr;
	case URING_WAITID:
		return GENERIC_waitid;
	case URING_FTRUNCATE:
		return GENERIC_ftruncate;
	case URING_FUTEX_WAIT:
		return GENERIC_futex_wait;
	case URING_FUTEX_WAKE:
		return GENERIC_futex_wake;
	case URING_FUTEX_WAITV:
		return GENERIC_futex_waitv;
	default:
		return 0;
	}
}

/* Which call the request stands for, if anybody wants to know; `r->number` is 0 otherwise. */
static __always_inline void note_request(struct request *r, struct io_kiocb *kiocb, u32 operation)
{
	u32 generic;

	switch (operation) {
	case URING_OPENAT:
		if (stands_for(r, NR_openat))
			note_openat(r, kiocb);
		return;
	case URING_OPENAT2:
		if (stands_for(r, NR_openat2))
			note_openat2(r, kiocb);
		return;
	case URING_CLOSE:
		if (stands_for(r, NR_close))
			note_close(r, kiocb);
		return;
	case URING_UNLINKAT:
		if (stands_for(r, NR_unlinkat))
			note_unlink(r, kiocb);
		return;
	case URING_MKDIRAT:
		if (stands_for(r, NR_mkdirat))
			note_mkdir(r, kiocb);
		return;
	case URING_RENAMEAT:
		if (stands_for(r, NR_renameat2))
			note_rename(r, kiocb);
		return;
	case URING_LINKAT:
		if (stands_for(r, NR_linkat))
			note_link(r, kiocb);
		return;
	case URING_SYMLINKAT:
		if (stands_for(r, NR_symlinkat))
			note_symlink(r, kiocb);
		return;
	case URING_SOCKET:
		if (stands_for(r, NR_socket))
			note_socket(r, kiocb);
		return;
	case URING_CONNECT:
		if (stands_for(r, NR_connect))
			note_connect(r, kiocb);
		return;
	case URING_ACCEPT:
		if (stands_for(r, NR_accept4))
			note_accept(r, kiocb);
		return;
	case URING_BIND:
		if (stands_for(r, NR_bind))
			note_bind(r, kiocb);
		return;
	case URING_LISTEN:
		if (stands_for(r, NR_listen))
			note_listen(r, kiocb);
		return;
	case URING_SHUTDOWN:
		if (stands_for(r, NR_shutdown))
			note_shutdown(r, kiocb);
		return;
	case URING_SEND:
	case URING_SEND_ZC:
		if (stands_for(r, NR_sendto))
			note_send(r, kiocb);
		return;
	case URING_SENDMSG:
	case URING_SENDMSG_ZC:
		if (stands_for(r, NR_sendmsg))
			note_message(r, kiocb);
		return;
	case URING_RECV:
		if (stands_for(r, NR_recvfrom))
			note_receive(r, kiocb);
		return;
	case URING_RECVMSG:
		if (stands_for(r, NR_recvmsg))
			note_receive(r, kiocb);
		return;
	case URING_READ:
	case URING_READ_FIXED:
		if (stands_for_transfer(r, NR_read, NR_pread64))
			note_transfer(r, kiocb);
		return;
	case URING_READ_MULTISHOT:
		if (stands_for_transfer(r, NR_read, NR_pread64))
			note_transfer(r, kiocb);
		r->is_multishot = true;
		return;
	case URING_WRITE:
	case URING_WRITE_FIXED:
		if (stands_for_transfer(r, NR_write, NR_pwrite64))
			note_transfer(r, kiocb);
		return;
	case URING_READV:
	case URING_READV_FIXED:
		if (stands_for_transfer(r, NR_readv, NR_preadv))
			note_transfer(r, kiocb);
		return;
	case URING_WRITEV:
	case URING_WRITEV_FIXED:
		if (stands_for_transfer(r, NR_writev, NR_pwritev))
			note_transfer(r, kiocb);
		return;
	case URING_SPLICE:
		if (stands_for(r, NR_splice))
			note_splice(r, kiocb);
		return;
	case URING_FIXED_FD_INSTALL:
		/* A descriptor for a file that so far only the ring held. */
		if (stands_for(r, NR_dup))
			r->arguments.values[0] = request_fd(kiocb);
		return;
	case URING_EPOLL_WAIT:
		if (stands_for(r, NR_epoll_wait))
			note_epoll_wait(r, kiocb);
		return;
	case URING_PIPE:
		/* One whose ends the ring keeps is told of by nothing that has a number. */
		if (!BPF_CORE_READ((struct io_pipe *)kiocb, file_slot) && stands_for(r, NR_pipe2))
			note_pipe(r, kiocb);
		return;
	default:
		generic = generic_call(kiocb, operation);
		if (generic)
			stands_for(r, generic);
	}
}

#endif
