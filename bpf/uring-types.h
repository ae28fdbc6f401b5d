/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel keeps of requests to I/O rings, of which only current kernels tell. */
#ifndef PEREGRINE_URING_TYPES_H
#define PEREGRINE_URING_TYPES_H

#include "kernel.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct io_cmd_data {
	struct file *file;
};

struct io_cqe {
	u64 user_data;
	s32 fd;
};

/* Since Linux 6.13. */
struct io_rsrc_node {
	unsigned long file_ptr;
};

struct io_rsrc_data {
	unsigned int nr;
	struct io_rsrc_node **nodes;
};

struct io_file_table {
	struct io_rsrc_data data;
};

struct io_ring_ctx {
	struct io_file_table file_table;
};

struct io_kiocb {
	struct io_cmd_data cmd;
	u8 opcode;
	u64 flags;
	struct io_cqe cqe;
	struct io_ring_ctx *ctx;
	void *async_data;
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
	int iou_flags;
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

struct io_bind {
	int addr_len;
};

struct kiocb {
	s64 ki_pos;
};

struct io_rw {
	struct kiocb kiocb;
	u64 addr;
	u32 len;
};

struct io_sr_msg {
	void *buf;
	int len;
	u16 flags;
};

/* Until Linux 6.13: the address that a message goes to is the caller's own. */
struct io_sr_msg___v612 {
	void *addr;
	int addr_len;
};

struct __kernel_sockaddr_storage {
	u16 ss_family;
};

struct iov_iter {
	void *ubuf;
};

struct msghdr {
	void *msg_name;
	int msg_namelen;
	struct iov_iter msg_iter;
};

struct io_async_msghdr {
	struct msghdr msg;
	struct __kernel_sockaddr_storage addr;
};

struct io_splice {
	u64 len;
	int splice_fd_in;
	unsigned int flags;
};

struct io_sync {
	int flags;
};

struct io_epoll_wait {
	int maxevents;
};

struct io_pipe {
	int *fds;
	int flags;
	int file_slot;
};

struct io_uring_cqe {
	u64 user_data;
	s32 res;
};

#pragma clang attribute pop

enum uring_operation {
	URING_READV = 1,
	URING_WRITEV = 2,
	URING_FSYNC = 3,
	URING_READ_FIXED = 4,
	URING_WRITE_FIXED = 5,
	URING_SYNC_FILE_RANGE = 8,
	URING_SENDMSG = 9,
	URING_RECVMSG = 10,
	URING_ACCEPT = 13,
	URING_CONNECT = 16,
	URING_FALLOCATE = 17,
	URING_OPENAT = 18,
	URING_CLOSE = 19,
	URING_STATX = 21,
	URING_READ = 22,
	URING_WRITE = 23,
	URING_FADVISE = 24,
	URING_MADVISE = 25,
	URING_SEND = 26,
	URING_RECV = 27,
	URING_OPENAT2 = 28,
	URING_EPOLL_CTL = 29,
	URING_SPLICE = 30,
	URING_TEE = 33,
	URING_SHUTDOWN = 34,
	URING_RENAMEAT = 35,
	URING_UNLINKAT = 36,
	URING_MKDIRAT = 37,
	URING_SYMLINKAT = 38,
	URING_LINKAT = 39,
	URING_FSETXATTR = 41,
	URING_SETXATTR = 42,
	URING_FGETXATTR = 43,
	URING_GETXATTR = 44,
	URING_SOCKET = 45,
	URING_SEND_ZC = 47,
	URING_SENDMSG_ZC = 48,
	URING_READ_MULTISHOT = 49,
	URING_WAITID = 50,
	URING_FUTEX_WAIT = 51,
	URING_FUTEX_WAKE = 52,
	URING_FUTEX_WAITV = 53,
	URING_FIXED_FD_INSTALL = 54,
	URING_FTRUNCATE = 55,
	URING_BIND = 56,
	URING_LISTEN = 57,
	URING_EPOLL_WAIT = 59,
	URING_READV_FIXED = 60,
	URING_WRITEV_FIXED = 61,
	URING_PIPE = 62,
};

/* Bits of a request's flags, which have kept their places. */
#define REQUEST_ON_RING_FILE (1 << 0)
#define REQUEST_TAKES_BUFFER (1 << 5)

/* A place in the table of a ring's files, plus one; this: any that is free. */
#define ANY_SLOT 0xffffffff
#define ACCEPT_MULTISHOT 1
#define RECEIVE_MULTISHOT 2
#define SPLICE_FROM_RING_FILE (1u << 31)
#define FSYNC_DATA_ONLY 1

#endif
