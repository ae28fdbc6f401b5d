/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What I/O rings do in a process's name: the same files and sockets as by calls, and no call to see it by. A request is
 * noted when it is submitted, with what the call would have had for arguments; when it is complete it gives the event of
 * that call. Only current kernels have both tracepoints in this form.
 */
#ifndef PEREGRINE_IO_URING_H
#define PEREGRINE_IO_URING_H

#include "dispatch.h"
#include "dispatch-rare.h"
#include "uring-requests.h"

#define PF_IO_WORKER 0x10
#define FMODE_STREAM 0x200000
#define FILE_POINTER_BITS (~3ul)
#define OWN_POSITION (~0ull)

/* The file at a place of the ring's table, which says more of it in the lowest bits. NULL on kernels before 6.13. */
static __always_inline struct file *file_of_ring(struct io_ring_ctx *ring, u32 place)
{
	struct io_rsrc_node **nodes, *node = NULL;

	if (!bpf_core_field_exists(node->file_ptr) || place >= BPF_CORE_READ(ring, file_table.data.nr))
		return NULL;
	nodes = BPF_CORE_READ(ring, file_table.data.nodes);
	bpf_probe_read_kernel(&node, sizeof(node), &nodes[place]);
	return (void *)(BPF_CORE_READ(node, file_ptr) & FILE_POINTER_BITS);
}

/* What a request made that only the ring holds: its number, and the file. */
static __always_inline void find_made_file(struct call *c, struct request *r)
{
	u32 place;

	if (!r->file_slot || c->ret < 0)
		return;
	place = r->file_slot == ANY_SLOT ? c->ret : r->file_slot - 1;
	c->made = file_of_ring((void *)r->ring, place);
	c->ret = RING_FILES_FROM + place;
}

/* Sockets and pipes have no positions; other files have one of their own. */
static __always_inline bool has_position(struct call *c)
{
	struct file *file = c->file;

	return ARG3(c->regs) != OWN_POSITION && !(file && BPF_CORE_READ(file, f_mode) & FMODE_STREAM);
}

static __always_inline void emit_ring_transfer(struct call *c, u32 number)
{
	bool is_positioned = has_position(c);

	switch (number) {
	case NR_read:
	case NR_pread64:
		if (!interest_in(is_positioned ? NR_pread64 : NR_read))
			return;
		if (is_positioned)
			return emit_transfer(c, EVENT_pread, false, true);
		return emit_transfer(c, EVENT_read, false, false);
	case NR_write:
	case NR_pwrite64:
		if (!interest_in(is_positioned ? NR_pwrite64 : NR_write))
			return;
		if (is_positioned)
			return emit_transfer(c, EVENT_pwrite, true, true);
		return emit_transfer(c, EVENT_write, true, false);
	case NR_readv:
	case NR_preadv:
		if (!interest_in(is_positioned ? NR_preadv : NR_readv))
			return;
		if (is_positioned)
			return emit_readv(c, EVENT_preadv, true);
		return emit_readv(c, EVENT_readv, false);
	case NR_writev:
	case NR_pwritev:
		if (!interest_in(is_positioned ? NR_pwritev : NR_writev))
			return;
		if (is_positioned)
			return emit_writev(c, EVENT_pwritev, true);
		return emit_writev(c, EVENT_writev, false);
	}
}

/* The calls that requests stand for. */
static __always_inline void emit_request(struct call *c, u32 number)
{
	switch (number) {
	case NR_openat:
		return emit_openat(c, control.interest[NR_openat]);
	case NR_openat2:
		return emit_openat2(c, control.interest[NR_openat2]);
	case NR_close:
		return emit_close(c);
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
	case NR_bind:
		return emit_bind(c);
	case NR_sendto:
		return emit_sendto(c);
	case NR_sendmsg:
		return emit_sendmsg(c);
	case NR_recvfrom:
		return emit_recvfrom(c);
	case NR_recvmsg:
		return emit_recvmsg(c);
	case NR_splice:
		return emit_splice(c);
	case NR_dup:
		return emit_result_fd(c, EVENT_dup);
	case NR_epoll_wait:
		return emit_epoll_wait(c);
	case NR_pipe2:
		return emit_pipe(c, EVENT_pipe2, true);
	case NR_read:
	case NR_pread64:
	case NR_write:
	case NR_pwrite64:
	case NR_readv:
	case NR_preadv:
	case NR_writev:
	case NR_pwritev:
		return emit_ring_transfer(c, number);
	default:
		return emit_generic(c->tid, number);
	}
}

SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(peregrine_uring_submit, struct io_kiocb *kiocb)
{
	struct task_struct *task = current_task();
	struct request_key key = {(u64)kiocb, 0};
	struct request request = {};

	if (!is_watched(task))
		return 0;
	note_request(&request, kiocb, BPF_CORE_READ(kiocb, opcode));
	if (!request.number)
		return 0;
	request.kiocb = (u64)kiocb;
	request.ring = (u64)BPF_CORE_READ(kiocb, ctx);
	request.user_data = BPF_CORE_READ(kiocb, cqe.user_data);
	/* A thread of the kernel's that looks for requests does so for the process. */
	request.tid = task->flags & PF_IO_WORKER ? task->tgid : task->pid;
	bpf_map_update_elem(&requests, &key, &request, 0);
	if (request.is_multishot) {
		key = (struct request_key){request.ring, request.user_data};
		bpf_map_update_elem(&requests, &key, &request, 0);
	}
	return 0;
}

/* As a number: a pointer into a map is none. */
static __always_inline u64 kernel_address(void *pointer)
{
	u64 address = 0;

	bpf_probe_read_kernel(&address, sizeof(address), &pointer);
	return address;
}

/*
 * The buffer that a message was put into. Current kernels know it while they go on receiving; of a request that is over
 * only older ones do.
 */
static __always_inline u64 received_into(struct io_kiocb *kiocb)
{
	struct io_async_msghdr *state = BPF_CORE_READ(kiocb, async_data);
	struct io_sr_msg *message = (void *)kiocb;

	return state ? (u64)BPF_CORE_READ(state, msg.msg_iter.ubuf) : (u64)BPF_CORE_READ(message, buf);
}

/* What was copied or chosen between submission and completion. */
static __always_inline void complete_arguments(struct call *c, struct request *noted)
{
	struct io_rw *transfer = (void *)noted->kiocb;
	u64 *values = c->regs->values;

	if (noted->copy_length) {
		u64 copy = kernel_address(noted->copy);

		c->address_kind = IN_KERNEL;
		switch (noted->number) {
		case NR_openat2:
			values[2] = copy;
			break;
		case NR_bind:
			values[1] = copy;
			values[2] = noted->copy_length;
			break;
		case NR_sendto:
			values[4] = copy;
			values[5] = noted->copy_length;
			break;
		}
	}
	if (noted->takes_buffer && noted->number == NR_recvfrom)
		values[1] = received_into((void *)noted->kiocb);
	if (noted->takes_buffer && (noted->number == NR_read || noted->number == NR_pread64))
		values[1] = BPF_CORE_READ(transfer, addr);
	/* Several messages go where the ring says; its layout is not that of a message. */
	if (noted->is_multishot && noted->number == NR_recvmsg)
		values[1] = 0;
}

SEC("tp_btf/io_uring_complete")
int BPF_PROG(peregrine_uring_complete, void *ring, void *kiocb, struct io_uring_cqe *result)
{
	struct request_key key = {(u64)kiocb, 0}, other;
	struct arguments arguments;
	struct request *noted;
	struct io_kiocb *request;
	struct call c = {};
	u8 interest;

	if (!kiocb)
		key = (struct request_key){(u64)ring, result->user_data};
	noted = bpf_map_lookup_elem(&requests, &key);
	if (!noted)
		return 0;
	arguments = noted->arguments;
	c.regs = &arguments;
	c.ret = result->res;
	c.task = current_task();
	c.tid = noted->tid;
	request = (void *)noted->kiocb;
	c.file = BPF_CORE_READ(request, cmd.file);
	find_made_file(&c, noted);
	complete_arguments(&c, noted);
	interest = control.interest[noted->number & (SYSCALL_TABLE_SIZE - 1)];
	if (interest & INTEREST_KILL)
		judge_call(&c, noted->number);
	mark_if_made(&c, noted->number, interest);
	emit_request(&c, noted->number);
	mark_if_made(&c, noted->number, interest);
	if (!kiocb)
		return 0;
	other = (struct request_key){noted->ring, noted->user_data};
	if (noted->is_multishot)
		bpf_map_delete_elem(&requests, &other);
	bpf_map_delete_elem(&requests, &key);
	return 0;
}

#endif
