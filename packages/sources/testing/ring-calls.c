/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Works with files and sockets through I/O rings, and prints for each request the event that must come of it, as
 * `calls.c` does: between two calls of getpgid. Run in an empty folder. Exit status 2: this kernel has no rings for us.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include "ring.h"
#include "say-tuple.h"

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static struct sockaddr_in name_of(int fd)
{
	struct sockaddr_in address = {};
	socklen_t size = sizeof address;

	getsockname(fd, (void *)&address, &size);
	return address;
}

static void paths(void)
{
	struct open_how_of_ours {
		uint64_t flags, mode, resolve;
	} how = {O_RDONLY, 0, 4 /* no symbolic links */};
	int fd;

	say("mkdirat res=%d dirfd=-100 path=d mode=448\n",
	    REQUEST(MKDIRAT, .fd = AT_FDCWD, .addr = ADDRESS("d"), .len = 0700));
	fd = REQUEST(OPENAT, .fd = AT_FDCWD, .addr = ADDRESS("file"), .len = 0600, .open_flags = O_RDWR | O_CREAT);
	say("openat fd=%d dirfd=-100 name=file mode=384\n", fd);
	say("openat2 fd=%d dirfd=-100 name=nothing flags=1 mode=0 resolve=4\n",
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
}

static void transfers(void)
{
	static char provided[2][16];
	char bytes[64] = {};
	struct iovec two[2] = {{"ab", 2}, {"cde", 3}}, buffer = {bytes, sizeof bytes};
	int fd = syscall(SYS_open, "data", O_RDWR | O_CREAT, 0600), ends[2];

	say("write res=%d data=68656c6c6f fd=%d size=5\n",
	    REQUEST(WRITE, .fd = fd, .addr = ADDRESS("hello"), .len = 5, .off = -1), fd);
	say("pwrite res=%d data=5859 fd=%d size=2 pos=3\n",
	    REQUEST(WRITE, .fd = fd, .addr = ADDRESS("XY"), .len = 2, .off = 3), fd);
	say("pread res=%d data=6c58 fd=%d size=2 pos=2\n",
	    REQUEST(READ, .fd = fd, .addr = ADDRESS(bytes), .len = 2, .off = 2), fd);
	say("read res=%d data=<none> fd=%d size=2\n",
	    REQUEST(READ, .fd = fd, .addr = ADDRESS(bytes), .len = 2, .off = -1), fd);
	say("read res=%d data=<none> fd=-9 size=2\n",
	    REQUEST(READ, .fd = -9, .addr = ADDRESS(bytes), .len = 2, .off = -1));
	say("pwritev res=%d data=6162636465 fd=%d size=5 pos=1\n",
	    REQUEST(WRITEV, .fd = fd, .addr = ADDRESS(two), .len = 2, .off = 1), fd);
	say("preadv res=%d size=64 data=686162636465 fd=%d pos=0\n",
	    REQUEST(READV, .fd = fd, .addr = ADDRESS(&buffer), .len = 1, .off = 0), fd);
	syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &buffer, 1);
	say("pread res=%d data=6861 fd=%d size=2 pos=0\n",
	    REQUEST(READ_FIXED, .fd = fd, .addr = ADDRESS(bytes), .len = 2, .off = 0, .buf_index = 0), fd);
	pipe(ends);
	say("splice res=%d fd_in=%d fd_out=%d size=4 flags=0\n",
	    REQUEST(SPLICE, .splice_fd_in = fd, .splice_off_in = 0, .fd = ends[1], .off = -1, .len = 4), fd, ends[1]);
	/* Whatever position is asked for, a pipe has none. */
	say("read res=%d data=68616263 fd=%d size=9\n",
	    REQUEST(READ, .fd = ends[0], .addr = ADDRESS(bytes), .len = 9, .off = 0), ends[0]);
	REQUEST(PROVIDE_BUFFERS, .fd = 2, .addr = ADDRESS(provided), .len = 16, .off = 0, .buf_group = 2);
	syscall(SYS_writev, ends[1], two, 2);
	/* The kernel chooses the buffer. */
	say("read res=%d data=6162636465 fd=%d size=9\n",
	    REQUEST(READ, .fd = ends[0], .flags = IOSQE_BUFFER_SELECT, .buf_group = 2, .len = 9, .off = 0), ends[0]);
	REQUEST(FSYNC, .fd = fd);
	say("syscall nativeID=74\n");
	REQUEST(FALLOCATE, .fd = fd, .addr = 100, .off = 0);
	say("syscall nativeID=285\n");
}

/* Files that have a place in the ring and no descriptor. */
static void ring_files(void)
{
	int none[8] = {-1, -1, -1, -1, -1, -1, -1, -1}, fd;
	char bytes[8];
	struct stat s;

	syscall(SYS_io_uring_register, ring, IORING_REGISTER_FILES, none, 8);
	stat("data", &s);
	REQUEST(OPENAT, .fd = AT_FDCWD, .addr = ADDRESS("data"), .open_flags = O_RDONLY, .file_index = 3);
	say("openat fd=%d dirfd=-100 name=data ino=%lu\n", RING_FILE(2), s.st_ino);
	say("pread res=%d data=6861 fd=%d size=2 pos=0\n",
	    REQUEST(READ, .fd = 2, .flags = IOSQE_FIXED_FILE, .addr = ADDRESS(bytes), .len = 2, .off = 0), RING_FILE(2));
	fd = REQUEST(OPENAT, .fd = AT_FDCWD, .addr = ADDRESS("data"), .open_flags = O_RDONLY, .file_index = ANY_SLOT);
	say("openat fd=%d dirfd=-100 name=data ino=%lu\n", RING_FILE(fd), s.st_ino);
	fd = REQUEST(FIXED_FD_INSTALL, .fd = 2, .flags = IOSQE_FIXED_FILE);
	say("dup res=%d oldfd=%d\n", fd, RING_FILE(2));
	say("close res=%d fd=%d\n", REQUEST(CLOSE, .file_index = 3), RING_FILE(2));
}

static void datagrams(void)
{
	struct sockaddr_in from, to = loopback(9);
	int fd, kept;

	fd = REQUEST(SOCKET, .fd = AF_INET, .off = SOCK_DGRAM, .len = 0);
	say("socket fd=%d domain=2 type=2 proto=0\n", fd);
	from = loopback(0);
	say("bind res=%d addr=027f0000010000 fd=%d\n",
	    REQUEST(BIND, .fd = fd, .addr = ADDRESS(&from), .addr2 = sizeof from), fd);
	from = name_of(fd);
	say("sendto res=%d data=68656c6c6f fd=%d size=5",
	    REQUEST(SEND, .fd = fd, .addr = ADDRESS("hello"), .len = 5, .addr2 = ADDRESS(&to), .addr_len = sizeof to), fd);
	say_tuple("tuple", &from, &to);
	say("\n");
	say("connect res=%d fd=%d addr=027f0000010900\n",
	    REQUEST(CONNECT, .fd = fd, .addr = ADDRESS(&to), .off = sizeof to), fd);
	say("shutdown res=%d fd=%d how=2\n", REQUEST(SHUTDOWN, .fd = fd, .len = SHUT_RDWR), fd);
	/* Both ends of a socket that has no descriptor. */
	kept = REQUEST(SOCKET, .fd = AF_INET, .off = SOCK_DGRAM, .len = 0, .file_index = ANY_SLOT);
	REQUEST(CONNECT, .fd = kept, .flags = IOSQE_FIXED_FILE, .addr = ADDRESS(&to), .off = sizeof to);
	fd = REQUEST(FIXED_FD_INSTALL, .fd = kept, .flags = IOSQE_FIXED_FILE);
	from = name_of(fd);
	say("socket fd=%d domain=2 type=2 proto=0\n", RING_FILE(kept));
	say("connect res=0");
	say_tuple("tuple", &from, &to);
	say(" fd=%d\n", RING_FILE(kept));
	say("dup res=%d oldfd=%d\n", fd, RING_FILE(kept));
}

static void messages(int from, int to)
{
	char bytes[64];
	struct iovec vector = {"message", 7}, buffer = {bytes, sizeof bytes};
	struct msghdr sent = {.msg_iov = &vector, .msg_iovlen = 1}, received = {.msg_iov = &buffer, .msg_iovlen = 1};

	say("sendmsg res=%d data=6d657373616765 fd=%d size=7\n", REQUEST(SENDMSG, .fd = from, .addr = ADDRESS(&sent)), from);
	say("recvmsg res=%d size=7 data=6d657373616765 msgcontrol=<none> fd=%d\n",
	    REQUEST(RECVMSG, .fd = to, .addr = ADDRESS(&received)), to);
	say("sendto res=%d data=706c61696e fd=%d size=5\n", REQUEST(SEND, .fd = from, .addr = ADDRESS("plain"), .len = 5),
	    from);
	say("recvfrom res=%d data=706c61696e fd=%d size=64\n",
	    REQUEST(RECV, .fd = to, .addr = ADDRESS(bytes), .len = sizeof bytes), to);
}

#define CONNECTED 1
#define SENT 2
#define ACCEPTED 7
#define RECEIVED 8

static struct sockaddr_in server, client;
static int listener, from, accepted;

/* Two things complete, in whichever order: what was asked for, and one more time what completes many times. */
static void say_both(const char *data)
{
	for (int i = 0; i < 2; i++) {
		struct io_uring_cqe completed = reap();

		switch (completed.user_data) {
		case CONNECTED:
			client = name_of(from);
			say("connect res=%d fd=%d\n", completed.res, from);
			break;
		case SENT:
			say("sendto res=%d fd=%d\n", completed.res, from);
			break;
		case ACCEPTED:
			client = name_of(from);
			accepted = completed.res;
			say("accept4 fd=%d", accepted);
			say_tuple("tuple", &client, &server);
			say(" queuelen=0 queuemax=5 flags=0\n");
			break;
		case RECEIVED:
			say("recvfrom res=%d data=%s", completed.res, data);
			say_tuple("tuple", &client, &server);
			say(" fd=%d\n", accepted);
			break;
		}
	}
}

/* One request that completes many times: for each connection, for each piece of data. */
static void multishots(void)
{
	static char buffers[4][32];

	server = loopback(0);
	listener = REQUEST(SOCKET, .fd = AF_INET, .off = SOCK_STREAM, .len = 0);
	say("socket fd=%d domain=2 type=1 proto=0\n", listener);
	say("bind res=%d addr=027f0000010000 fd=%d\n",
	    REQUEST(BIND, .fd = listener, .addr = ADDRESS(&server), .addr2 = sizeof server), listener);
	say("listen res=%d fd=%d backlog=5\n", REQUEST(LISTEN, .fd = listener, .len = 5), listener);
	server = name_of(listener);
	SUBMIT(ACCEPT, .fd = listener, .ioprio = IORING_ACCEPT_MULTISHOT, .user_data = ACCEPTED);
	for (int i = 0; i < 2; i++) {
		from = REQUEST(SOCKET, .fd = AF_INET, .off = SOCK_STREAM, .len = 0);
		say("socket fd=%d domain=2 type=1 proto=0\n", from);
		SUBMIT(CONNECT, .fd = from, .addr = ADDRESS(&server), .off = sizeof server, .user_data = CONNECTED);
		say_both("");
	}
	messages(from, accepted);
	REQUEST(PROVIDE_BUFFERS, .fd = 4, .addr = ADDRESS(buffers), .len = 32, .off = 0, .buf_group = 1);
	SUBMIT(RECV, .fd = accepted, .ioprio = IORING_RECV_MULTISHOT, .flags = IOSQE_BUFFER_SELECT, .buf_group = 1,
	       .user_data = RECEIVED);
	SUBMIT(SEND, .fd = from, .addr = ADDRESS("first"), .len = 5, .user_data = SENT);
	say_both("6669727374");
	SUBMIT(SEND, .fd = from, .addr = ADDRESS("second"), .len = 6, .user_data = SENT);
	say_both("7365636f6e64");
}

/* A thread of the kernel's looks for requests. */
static void polled_ring(void)
{
	if (set_up(IORING_SETUP_SQPOLL))
		return;
	say("mkdirat res=%d dirfd=-100 path=polled mode=448\n",
	    REQUEST(MKDIRAT, .fd = AT_FDCWD, .addr = ADDRESS("polled"), .len = 0700));
}

int main(void)
{
	int status = set_up(0);

	if (status)
		return status;
	syscall(SYS_getpgid, 0);
	paths();
	transfers();
	ring_files();
	datagrams();
	multishots();
	polled_ring();
	syscall(SYS_getpgid, 0);
	return print_said(0);
}
