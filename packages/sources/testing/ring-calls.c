/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Works with files and sockets through an I/O ring alone, and prints for each request the event that must come of it, as
 * `calls.c` does. Run in an empty folder. Exit status 2: this kernel has no rings for us.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include "say.h"

static int ring;
static unsigned *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_mask;
static struct io_uring_sqe *sqes;
static struct io_uring_cqe *cqes;

static int set_up(void)
{
	struct io_uring_params params = {};
	size_t size;
	char *memory;

	ring = syscall(SYS_io_uring_setup, 4, &params);
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
	cq_head = (void *)(memory + params.cq_off.head);
	cq_mask = (void *)(memory + params.cq_off.ring_mask);
	cqes = (void *)(memory + params.cq_off.cqes);
	return 0;
}

/* Submits one request, waits for it, and gives its result. */
static int request(struct io_uring_sqe sqe)
{
	unsigned place = *sq_tail & *sq_mask;
	int result;

	sqes[place] = sqe;
	sq_array[place] = place;
	__atomic_store_n(sq_tail, *sq_tail + 1, __ATOMIC_RELEASE);
	syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, 0, 0);
	result = cqes[*cq_head & *cq_mask].res;
	__atomic_store_n(cq_head, *cq_head + 1, __ATOMIC_RELEASE);
	return result;
}

#define REQUEST(op, ...) request((struct io_uring_sqe){.opcode = IORING_OP_##op, __VA_ARGS__})
#define ADDRESS(p) (uint64_t)(uintptr_t)(p)

int main(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(0x7f000001)};
	struct open_how_of_ours {
		uint64_t flags, mode, resolve;
	} how = {O_RDONLY};
	int fd, status = set_up();

	if (status)
		return status;
	say("mkdirat res=%d dirfd=-100 path=d mode=448\n",
	    REQUEST(MKDIRAT, .fd = AT_FDCWD, .addr = ADDRESS("d"), .len = 0700));
	fd = REQUEST(OPENAT, .fd = AT_FDCWD, .addr = ADDRESS("file"), .len = 0600, .open_flags = O_RDWR | O_CREAT);
	say("openat fd=%d dirfd=-100 name=file mode=384\n", fd);
	say("openat fd=%d dirfd=-100 name=nothing mode=0\n",
	    REQUEST(OPENAT2, .fd = AT_FDCWD, .addr = ADDRESS("nothing"), .len = sizeof how, .off = ADDRESS(&how)));
	say("close res=%d fd=%d\n", REQUEST(CLOSE, .fd = fd), fd);
	say("linkat res=%d olddir=-100 oldpath=file newdir=-100 newpath=linked flags=0\n",
	    REQUEST(LINKAT, .fd = AT_FDCWD, .len = AT_FDCWD, .addr = ADDRESS("file"), .addr2 = ADDRESS("linked")));
	say("symlinkat res=%d target=file linkdirfd=-100 linkpath=soft\n",
	    REQUEST(SYMLINKAT, .fd = AT_FDCWD, .addr = ADDRESS("file"), .addr2 = ADDRESS("soft")));
	say("renameat2 res=%d olddirfd=-100 oldpath=linked newdirfd=-100 newpath=moved flags=1\n",
	    REQUEST(RENAMEAT, .fd = AT_FDCWD, .len = AT_FDCWD, .addr = ADDRESS("linked"), .addr2 = ADDRESS("moved"),
		    .rename_flags = 1));
	say("unlinkat res=%d dirfd=-100 name=d flags=512\n",
	    REQUEST(UNLINKAT, .fd = AT_FDCWD, .addr = ADDRESS("d"), .unlink_flags = 0x200));
	fd = REQUEST(SOCKET, .fd = AF_INET, .off = SOCK_DGRAM, .len = 0);
	say("socket fd=%d domain=2 type=2 proto=0\n", fd);
	say("connect res=%d fd=%d addr=027f0000010900\n",
	    REQUEST(CONNECT, .fd = fd, .addr = ADDRESS(&address), .off = sizeof address), fd);
	say("shutdown res=%d fd=%d how=2\n", REQUEST(SHUTDOWN, .fd = fd, .len = SHUT_RDWR), fd);
	return print_said(0);
}
