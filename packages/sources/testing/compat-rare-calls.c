/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes the calls that few rules ask for through the 32-bit entry, and prints for each the event that must come of it:
 * between two calls of getpgid, which has no event type of its own. Run in an empty folder. Arguments: nothing.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include "compat-call.h"
#include "say.h"

static void files(void)
{
	uint32_t vectors[4], bytes, offset32, offset64[2] = {3, 0};
	long fd = open("file", O_RDWR | O_CREAT, 0600), other = open("other", O_RDWR | O_CREAT, 0600);

	say("write res=%ld data=68656c6c6f20776f726c64 fd=%ld size=11\n", compat_call(4, fd, text("hello world"), 11, 0, 0), fd);
	bytes = put((char[256]){}, 256);
	say("lseek res=%ld fd=%ld offset=1 whence=0\n", compat_call(19, fd, 1, 0, 0, 0), fd);
	say("lseek res=%ld fd=%ld offset=18446744073709551614 whence=2\n", compat_call(19, fd, -2, 2, 0, 0), fd);
	compat_call(140, fd, 1, 5, bytes, 0);
	say("lseek res=4294967301 fd=%ld offset=4294967301 whence=0\n", fd);
	say("pread res=%ld data=656c6c fd=%ld size=3 pos=1\n", compat_call(180, fd, bytes, 3, 1, 0), fd);
	say("pread res=%ld data=<none> fd=%ld size=3 pos=8589934593\n", compat_call(180, fd, bytes, 3, 1, 2), fd);
	vectors[0] = bytes;
	vectors[1] = 2;
	vectors[2] = bytes + 8;
	vectors[3] = 20;
	say("preadv res=%ld size=22 data=68656c6c6f20776f726c64 fd=%ld pos=0\n",
	    compat_call(333, fd, put(vectors, sizeof vectors), 2, 0, 0), fd);
	offset32 = 6;
	say("sendfile res=%ld offset=8 out_fd=%ld in_fd=%ld size=2\n",
	    compat_call(187, other, fd, put(&offset32, 4), 2, 0), other, fd);
	say("sendfile res=%ld offset=5 out_fd=%ld in_fd=%ld size=2\n",
	    compat_call(239, other, fd, put(offset64, 8), 2, 0), other, fd);
	say("stat res=%ld path=file\n", compat_call(195, text("file"), bytes, 0, 0, 0));
	say("lstat res=%ld path=nothing\n", compat_call(107, text("nothing"), bytes, 0, 0, 0));
	say("access res=%ld name=file mode=4\n", compat_call(33, text("file"), 4, 0, 0, 0));
}

static void sockets(void)
{
	int pair[2];
	uint32_t vector[2] = {text("first"), 5}, message[8] = {}, timeout[2] = {2, 500000}, size = 8, where;

	socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
	message[2] = put(vector, sizeof vector);
	message[3] = 1;
	where = put(message, sizeof message);
	compat_call(345, pair[0], where, 1, 0, 0);
	say("sendmmsg res=5 fd=%d size=5 data=6669727374\n", pair[0]);
	vector[0] = put("................", 16);
	vector[1] = 16;
	message[2] = put(vector, sizeof vector);
	compat_call(337, pair[1], put(message, sizeof message), 1, 0, 0);
	say("recvmmsg res=5 fd=%d size=5 data=6669727374 msgcontrol=<none>\n", pair[1]);
	say("setsockopt res=%ld fd=%d level=1 optname=20 val=0400f9029500000000 optlen=8\n",
	    compat_call(366, pair[0], SOL_SOCKET, SO_RCVTIMEO, put(timeout, 8), 8), pair[0]);
	say("getsockopt res=%ld fd=%d level=1 optname=20 val=0400f9029500000000 optlen=8\n",
	    socket_call(15, pair[0], SOL_SOCKET, SO_RCVTIMEO, put(timeout, 8), put(&size, 4)), pair[0]);
}

static void waits(void)
{
	int ends[2];
	struct pollfd fds[1];
	/* The kernel writes back what is left of a valid time. */
	uint32_t moment[2] = {0, 1000}, invalid[2] = {1, 2000000000}, invalid64[4] = {1, 0, 2000000007, 0}, where;

	pipe(ends);
	fds[0] = (struct pollfd){ends[1], POLLOUT, 0};
	where = put(fds, sizeof fds);
	say("poll res=%ld fds=0100%02x000000000000000400 timeout=7\n", compat_call(168, where, 1, 7, 0, 0), ends[1]);
	say("ppoll res=%ld fds=0100%02x000000000000000400 timeout=3000000000 sigmask=0\n",
	    compat_call(309, where, 1, put(invalid, 8), 0, 0), ends[1]);
	say("ppoll res=%ld fds=0100%02x000000000000000400 timeout=3000000007 sigmask=0\n",
	    compat_call(414, where, 1, put(invalid64, 16), 0, 0), ends[1]);
	say("nanosleep res=%ld interval=1000\n", compat_call(162, put(moment, 8), 0, 0, 0, 0));
}

static void ids_and_memory(void)
{
	uint32_t ids = put("............", 12), packed[6] = {0, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0};
	uint32_t value = 5, number;
	long page, set, fd = open("file", O_RDWR);
	uint16_t operation[3] = {0, 1, IPC_NOWAIT};

	say("getuid uid=%ld\n", compat_call(199, 0, 0, 0, 0, 0));
	say("getresuid res=%ld ruid=0 euid=0 suid=0\n", compat_call(209, ids, ids + 4, ids + 8, 0, 0));
	say("getresgid res=%ld rgid=0 egid=0 sgid=0\n", compat_call(171, ids, ids + 2, ids + 4, 0, 0));
	page = (uint32_t)compat_call(90, put(packed, sizeof packed), 0, 0, 0, 0);
	say("mmap res=%ld addr=0 length=8192 prot=1 flags=10 fd=-1 offset=0\n", page);
	say("munmap res=%ld addr=%ld length=8192\n", compat_call(91, page, 8192, 0, 0, 0), page);
	page = (uint32_t)compat_call6(192, 0, 4096, PROT_READ, MAP_PRIVATE, fd, 3);
	say("mmap res=%ld addr=0 length=4096 prot=1 flags=2 fd=%ld offset=12288\n", page, fd);
	set = compat_call(117, 2, IPC_PRIVATE, 1, IPC_CREAT | 0600, 0);
	say("semget res=%ld key=0 nsems=1 semflg=8576\n", set);
	number = put(&value, 4);
	say("semctl res=%ld semid=%ld semnum=0 cmd=4096 val=5\n", compat_call(117, 3, set, 0, SETVAL, number), set);
	number = put(operation, 6);
	say("semop res=%ld nsops=1 sem_num_0=0 sem_op_0=1 sem_flg_0=1 semid=%ld\n", compat_call(117, 1, set, 1, 0, number), set);
	say("semctl res=%ld semid=%ld semnum=0 cmd=4 val=0\n", compat_call(394, set, 0, IPC_RMID, 0, 0), set);
}

/* Calls without an event of their own: the wire's id, and the number in this machine's table. */
static void others(void)
{
	compat_call(20, 0, 0, 0, 0, 0);
	say("syscall ID=16 nativeID=39\n");
	compat_call(117, 23, IPC_PRIVATE, 0, 0, 0);
	say("syscall nativeID=29\n");
	compat_call(395, IPC_PRIVATE, 0, 0, 0, 0);
	say("syscall nativeID=29\n");
}

int main(void)
{
	map_low_memory();
	syscall(SYS_getpgid, 0);
	files();
	sockets();
	waits();
	ids_and_memory();
	others();
	syscall(SYS_getpgid, 0);
	return print_said(0);
}
