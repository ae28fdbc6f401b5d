/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes system calls through the 32-bit entry, from a 64-bit program whose data lie below 4 GiB, and prints for each the
 * event that must come of it, as `calls.c` does. Run in an empty folder. Arguments: nothing.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include "compat-call.h"
#include "say.h"

int main(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(0x7f000001)};
	uint32_t where, limit[2] = {1000, 0xffffffff}, arguments[4], vector[2], message[7] = {};
	long fd;

	map_low_memory();
	say("mkdir res=%ld path=d mode=448\n", compat_call(39, text("d"), 0700, 0, 0, 0));
	fd = compat_call(5, text("file"), 0102, 0600, 0, 0);
	say("open fd=%ld name=file flags=16391 mode=384\n", fd);
	say("openat fd=%ld dirfd=-100 name=nothing flags=1 mode=0\n", compat_call(295, -100, text("nothing"), 0, 0, 0));
	say("chown res=%ld path=file uid=4294967295 gid=0\n", compat_call(182, text("file"), 0xffff, 0, 0, 0));
	say("chown res=%ld path=file uid=70000 gid=0\n", compat_call(212, text("file"), 70000, 0, 0, 0));
	say("dup res=%ld oldfd=%ld\n", compat_call(41, fd, 0, 0, 0, 0), fd);
	say("close res=%ld fd=%ld\n", compat_call(6, fd, 0, 0, 0, 0), fd);
	say("setrlimit res=%ld cur=1000 max=-1 resource=4\n", compat_call(75, 4, put(limit, sizeof limit), 0, 0, 0));
	fd = socket_call(1, AF_INET, SOCK_DGRAM, 0, 0, 0);
	say("socket fd=%ld domain=2 type=2 proto=0\n", fd);
	where = put(&address, sizeof address);
	say("connect res=%ld fd=%ld addr=027f0000010900\n", socket_call(3, fd, where, sizeof address, 0, 0), fd);
	vector[0] = text("message");
	vector[1] = 7;
	message[2] = put(vector, sizeof vector);
	message[3] = 1;
	say("sendmsg res=%ld data=6d657373616765 fd=%ld size=7\n", compat_call(370, fd, put(message, sizeof message), 0, 0, 0), fd);
	say("sendto res=%d data=7365 fd=-1 size=2\n", (int)socket_call(9, -1, text("sent"), 2, 0, 0));
	arguments[0] = text("name");
	arguments[1] = text("first");
	arguments[2] = text("second");
	arguments[3] = 0;
	where = put(arguments, sizeof arguments);
	say("execve res=%ld exe=name args=first|second| filename=/nowhere\n", compat_call(11, text("/nowhere"), where, 0, 0, 0));
	say("unlink res=%ld path=file\n", compat_call(10, text("file"), 0, 0, 0, 0));
	say("umount2 res=%ld name=/nowhere flags=0\n", compat_call(22, text("/nowhere"), 5, 0, 0, 0));
	say("rmdir res=%ld path=d\n", compat_call(40, text("d"), 0, 0, 0, 0));
	return print_said(0);
}
