/* SPDX-License-Identifier: GPL-2.0 */
/* An I/O ring without a library: one request at a time, and what completes. */
#ifndef RING_H
#define RING_H

#include <linux/io_uring.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Newer than some C headers. */
#define IORING_OP_READ_MULTISHOT 49
#define IORING_OP_FIXED_FD_INSTALL 54
#define IORING_OP_BIND 56
#define IORING_OP_LISTEN 57
#define IORING_OP_PIPE 62
#define ANY_SLOT (~0u)
#define RING_FILE(place) ((1 << 20) + (place))

static int ring;
static unsigned *sq_tail, *sq_mask, *sq_array, *sq_flags, *cq_head, *cq_tail, *cq_mask;
static struct io_uring_sqe *sqes;
static struct io_uring_cqe *cqes;

/* 0, or 2: this kernel has no rings for us. */
static int set_up(unsigned flags)
{
	struct io_uring_params params = {.flags = flags, .sq_thread_idle = 1000};
	size_t size;
	char *memory;

	ring = syscall(SYS_io_uring_setup, 8, &params);
	if (ring < 0)
		return 2;
	size = params.sq_off.array + params.sq_entries * 4;
	if (params.cq_off.cqes + params.cq_entries * sizeof(*cqes) > size)
		size = params.cq_off.cqes + params.cq_entries * sizeof(*cqes);
	memory = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
	sqes = mmap(0, params.sq_entries * sizeof(*sqes), PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
	sq_tail = (void *)(memory + params.sq_off.tail);
	sq_mask = (void *)(memory + params.sq_off.ring_mask);
	sq_array = (void *)(memory + params.sq_off.array);
	sq_flags = (void *)(memory + params.sq_off.flags);
	cq_head = (void *)(memory + params.cq_off.head);
	cq_tail = (void *)(memory + params.cq_off.tail);
	cq_mask = (void *)(memory + params.cq_off.ring_mask);
	cqes = (void *)(memory + params.cq_off.cqes);
	return 0;
}

static void submit(struct io_uring_sqe sqe)
{
	unsigned place = *sq_tail & *sq_mask;

	sqes[place] = sqe;
	sq_array[place] = place;
	__atomic_store_n(sq_tail, *sq_tail + 1, __ATOMIC_RELEASE);
	syscall(SYS_io_uring_enter, ring, 1, 0, IORING_ENTER_SQ_WAKEUP, 0, 0);
}

/* Waits for what completes next. */
static struct io_uring_cqe reap(void)
{
	struct io_uring_cqe completed;

	while (__atomic_load_n(cq_tail, __ATOMIC_ACQUIRE) == *cq_head)
		syscall(SYS_io_uring_enter, ring, 0, 1, IORING_ENTER_GETEVENTS, 0, 0);
	completed = cqes[*cq_head & *cq_mask];
	__atomic_store_n(cq_head, *cq_head + 1, __ATOMIC_RELEASE);
	return completed;
}

/* Submits one request, waits for it, and gives its result. */
static int request(struct io_uring_sqe sqe)
{
	submit(sqe);
	return reap().res;
}

#define SUBMIT(op, ...) submit((struct io_uring_sqe){.opcode = IORING_OP_##op, __VA_ARGS__})
#define REQUEST(op, ...) request((struct io_uring_sqe){.opcode = IORING_OP_##op, __VA_ARGS__})
#define ADDRESS(p) (uint64_t)(uintptr_t)(p)

#endif
