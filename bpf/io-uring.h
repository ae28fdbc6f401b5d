/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What I/O rings do in a process's name: the same files and sockets as by calls, and no call to see it by. A request is
 * noted when it is submitted, with what the call would have had for arguments; when it is complete it gives the event of
 * that call. Only current kernels have both tracepoints in this form.
 */
#ifndef PEREGRINE_IO_URING_H
#define PEREGRINE_IO_URING_H

#include "dispatch.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct io_cmd_data {
	struct file *file;
};

struct io_cqe {
	u64 user_data;
	s32 fd;
};

struct io_kiocb {
	struct io_cmd_data cmd;
	u8 opcode;
	u64 flags;
	struct io_cqe cqe;
};

struct filename {
	const char *uptr;
};

struct open_how {
	u64 flags;
	u64 mode;
	u64 resolve;
};

struct io_open {
	int dfd;
	u32 file_slot;
	struct filename *filename;
	struct open_how how;
};

struct io_close {
	int fd;
	u32 file_slot;
};

struct io_unlink {
	int dfd;
	int flags;
	struct filename *filename;
};

struct io_rename {
	int old_dfd;
	int new_dfd;
	struct filename *oldpath;
	struct filename *newpath;
	int flags;
};

struct io_mkdir {
	int dfd;
	u16 mode;
	struct filename *filename;
};

struct io_link {
	int old_dfd;
	int new_dfd;
	struct filename *oldpath;
	struct filename *newpath;
	int flags;
};

struct io_connect {
	void *addr;
	int addr_len;
};

struct io_accept {
	int flags;
	u32 file_slot;
};

struct io_socket {
	int domain;
	int type;
	int protocol;
	u32 file_slot;
};

struct io_shutdown {
	int how;
};

struct io_listen {
	int backlog;
};

struct io_uring_cqe {
	s32 res;
};

#pragma clang attribute pop

#define URING_ACCEPT 13
#define URING_CONNECT 16
#define URING_OPENAT 18
#define URING_CLOSE 19
#define URING_OPENAT2 28
#define URING_SHUTDOWN 34
#define URING_RENAMEAT 35
#define URING_UNLINKAT 36
#define URING_MKDIRAT 37
#define URING_SYMLINKAT 38
#define URING_LINKAT 39
#define URING_SOCKET 45
#define URING_LISTEN 57

/* Files that only the ring holds have no descriptor. They get numbers that no descriptor has, by their place. */
#define RING_FILES_FROM (1 << 20)
#define REQUEST_ON_RING_FILE 1

/* A request on its way. */
struct request {
	struct arguments arguments;
	u32 number; /* of the call that would do the same */
	u32 tid;
	u32 ring_file; /* what a new file's place in the ring makes its number; 0: it gets a descriptor */
	u32 padding;
};

/* Bounded: a request that never ends is forgotten for newer ones. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, struct request);
} requests SEC(".maps");

static __always_inline u64 path_of(struct filename *name)
{
	return (u64)BPF_CORE_READ(name, uptr);
}

static __always_inline u32 file_number(u32 slot)
{
	return slot ? RING_FILES_FROM + slot - 1 : 0;
}

static __always_inline u64 request_fd(struct io_kiocb *kiocb)
{
	u32 fd = BPF_CORE_READ(kiocb, cqe.fd);

	return BPF_CORE_READ(kiocb, flags) & REQUEST_ON_RING_FILE ? RING_FILES_FROM + fd : fd;
}

static __always_inline void note_open(struct request *r, struct io_kiocb *kiocb)
{
	struct io_open *open = (void *)kiocb;

	/* openat2 takes its flags in memory; here they are at hand, and what it adds to openat is lost. */
	r->number = NR_openat;
	r->arguments.values[0] = BPF_CORE_READ(open, dfd);
	r->arguments.values[1] = path_of(BPF_CORE_READ(open, filename));
	r->arguments.values[2] = BPF_CORE_READ(open, how.flags);
	r->arguments.values[3] = BPF_CORE_READ(open, how.mode);
	r->ring_file = file_number(BPF_CORE_READ(open, file_slot));
}

static __always_inline void note_close(struct request *r, struct io_kiocb *kiocb)
{
	struct io_close *close = (void *)kiocb;
	u32 slot = BPF_CORE_READ(close, file_slot);

	r->number = NR_close;
	r->arguments.values[0] = slot ? file_number(slot) : BPF_CORE_READ(close, fd);
}

static __always_inline void note_unlink(struct request *r, struct io_kiocb *kiocb)
{
	struct io_unlink *unlink = (void *)kiocb;

	r->number = NR_unlinkat;
	r->arguments.values[0] = BPF_CORE_READ(unlink, dfd);
	r->arguments.values[1] = path_of(BPF_CORE_READ(unlink, filename));
	r->arguments.values[2] = BPF_CORE_READ(unlink, flags);
}

static __always_inline void note_mkdir(struct request *r, struct io_kiocb *kiocb)
{
	struct io_mkdir *mkdir = (void *)kiocb;

	r->number = NR_mkdirat;
	r->arguments.values[0] = BPF_CORE_READ(mkdir, dfd);
	r->arguments.values[1] = path_of(BPF_CORE_READ(mkdir, filename));
	r->arguments.values[2] = BPF_CORE_READ(mkdir, mode);
}

static __always_inline void note_rename(struct request *r, struct io_kiocb *kiocb)
{
	struct io_rename *rename = (void *)kiocb;

	r->number = NR_renameat2;
	r->arguments.values[0] = BPF_CORE_READ(rename, old_dfd);
	r->arguments.values[1] = path_of(BPF_CORE_READ(rename, oldpath));
	r->arguments.values[2] = BPF_CORE_READ(rename, new_dfd);
	r->arguments.values[3] = path_of(BPF_CORE_READ(rename, newpath));
	r->arguments.values[4] = BPF_CORE_READ(rename, flags);
}

static __always_inline void note_link(struct request *r, struct io_kiocb *kiocb)
{
	struct io_link *link = (void *)kiocb;

	r->number = NR_linkat;
	r->arguments.values[0] = BPF_CORE_READ(link, old_dfd);
	r->arguments.values[1] = path_of(BPF_CORE_READ(link, oldpath));
	r->arguments.values[2] = BPF_CORE_READ(link, new_dfd);
	r->arguments.values[3] = path_of(BPF_CORE_READ(link, newpath));
	r->arguments.values[4] = BPF_CORE_READ(link, flags);
}

static __always_inline void note_symlink(struct request *r, struct io_kiocb *kiocb)
{
	struct io_link *link = (void *)kiocb;

	r->number = NR_symlinkat;
	r->arguments.values[0] = path_of(BPF_CORE_READ(link, oldpath));
	r->arguments.values[1] = BPF_CORE_READ(link, new_dfd);
	r->arguments.values[2] = path_of(BPF_CORE_READ(link, newpath));
}

static __always_inline void note_socket(struct request *r, struct io_kiocb *kiocb)
{
	struct io_socket *socket = (void *)kiocb;

	r->number = NR_socket;
	r->arguments.values[0] = BPF_CORE_READ(socket, domain);
	r->arguments.values[1] = BPF_CORE_READ(socket, type);
	r->arguments.values[2] = BPF_CORE_READ(socket, protocol);
	r->ring_file = file_number(BPF_CORE_READ(socket, file_slot));
}

static __always_inline void note_connect(struct request *r, struct io_kiocb *kiocb)
{
	struct io_connect *connect = (void *)kiocb;

	r->number = NR_connect;
	r->arguments.values[0] = request_fd(kiocb);
	r->arguments.values[1] = (u64)BPF_CORE_READ(connect, addr);
	r->arguments.values[2] = BPF_CORE_READ(connect, addr_len);
}

static __always_inline void note_accept(struct request *r, struct io_kiocb *kiocb)
{
	struct io_accept *accept = (void *)kiocb;

	r->number = NR_accept4;
	r->arguments.values[0] = request_fd(kiocb);
	r->arguments.values[3] = BPF_CORE_READ(accept, flags);
	r->ring_file = file_number(BPF_CORE_READ(accept, file_slot));
}

static __always_inline void note_listen(struct request *r, struct io_kiocb *kiocb)
{
	r->number = NR_listen;
	r->arguments.values[0] = request_fd(kiocb);
	r->arguments.values[1] = BPF_CORE_READ((struct io_listen *)kiocb, backlog);
}

static __always_inline void note_shutdown(struct request *r, struct io_kiocb *kiocb)
{
	r->number = NR_shutdown;
	r->arguments.values[0] = request_fd(kiocb);
	r->arguments.values[1] = BPF_CORE_READ((struct io_shutdown *)kiocb, how);
}

static __always_inline void note_request(struct request *r, struct io_kiocb *kiocb)
{
	switch (BPF_CORE_READ(kiocb, opcode)) {
	case URING_OPENAT:
	case URING_OPENAT2:
		return note_open(r, kiocb);
	case URING_CLOSE:
		return note_close(r, kiocb);
	case URING_UNLINKAT:
		return note_unlink(r, kiocb);
	case URING_MKDIRAT:
		return note_mkdir(r, kiocb);
	case URING_RENAMEAT:
		return note_rename(r, kiocb);
	case URING_LINKAT:
		return note_link(r, kiocb);
	case URING_SYMLINKAT:
		return note_symlink(r, kiocb);
	case URING_SOCKET:
		return note_socket(r, kiocb);
	case URING_CONNECT:
		return note_connect(r, kiocb);
	case URING_ACCEPT:
		return note_accept(r, kiocb);
	case URING_LISTEN:
		return note_listen(r, kiocb);
	case URING_SHUTDOWN:
		return note_shutdown(r, kiocb);
	}
}

/* The calls that requests stand for. */
static __always_inline void emit_request(struct call *c, u32 number)
{
	switch (number) {
	case NR_openat:
		return emit_openat(c, control.interest[NR_openat]);
	case NR_close:
		return emit_result_fd(c, EVENT_close);
	case NR_unlinkat:
		return emit_at_number(c, EVENT_unlinkat, ARG2(c->regs) & 0x200);
	case NR_mkdirat:
		return emit_at_number(c, EVENT_mkdirat, U32_ARG(c, 2));
	case NR_renameat2:
		return emit_two_paths_at(c, EVENT_renameat2, true, U32_ARG(c, 4));
	case NR_linkat:
		return emit_two_paths_at(c, EVENT_linkat, true, ARG4(c->regs) & 0x1400);
	case NR_symlinkat:
		return emit_symlinkat(c);
	case NR_socket:
		return emit_socket(c);
	case NR_connect:
		return emit_connect(c);
	case NR_accept4:
		return emit_accept(c, EVENT_accept4, true);
	case NR_listen:
		return emit_listen(c);
	case NR_shutdown:
		return emit_shutdown(c);
	}
}

SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(peregrine_uring_submit, struct io_kiocb *kiocb)
{
	struct task_struct *task = current_task();
	struct request request = {};
	u64 key = (u64)kiocb;

	if (!is_watched(task))
		return 0;
	note_request(&request, kiocb);
	if (!request.number || !(control.interest[request.number & (SYSCALL_TABLE_SIZE - 1)] & INTEREST_EMIT))
		return 0;
	request.tid = CURRENT_TID;
	bpf_map_update_elem(&requests, &key, &request, 0);
	return 0;
}

SEC("tp_btf/io_uring_complete")
int BPF_PROG(peregrine_uring_complete, void *ring, void *kiocb, struct io_uring_cqe *result)
{
	struct request *noted, request;
	u64 key = (u64)kiocb;
	struct call c;

	noted = key ? bpf_map_lookup_elem(&requests, &key) : NULL;
	if (!noted)
		return 0;
	request = *noted;
	bpf_map_delete_elem(&requests, &key);
	c.regs = &request.arguments;
	c.ret = result->res;
	if (request.ring_file && c.ret >= 0)
		c.ret = request.ring_file;
	c.task = current_task();
	c.tid = request.tid;
	emit_request(&c, request.number);
	return 0;
}

#endif
