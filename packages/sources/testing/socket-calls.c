/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Talks over sockets of each family, and prints for each call the event that must come of it, with both ends as
 * getsockname and getpeername tell them. Run in an empty folder. Arguments: nothing.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "say-tuple.h"

static void say_hex(const void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		say("%02x", ((const unsigned char *)bytes)[i]);
}

static void say_tuple6(struct sockaddr_in6 *from, struct sockaddr_in6 *to)
{
	unsigned short ports[2] = {ntohs(from->sin6_port), ntohs(to->sin6_port)};

	say(" tuple=0a");
	say_hex(&from->sin6_addr, 16);
	say_hex(&ports[0], 2);
	say_hex(&to->sin6_addr, 16);
	say_hex(&ports[1], 2);
}

static void say_address6(struct sockaddr_in6 *address)
{
	unsigned short port = ntohs(address->sin6_port);

	say(" addr=0a");
	say_hex(&address->sin6_addr, 16);
	say_hex(&port, 2);
}

static struct sockaddr_in6 name6(int fd)
{
	struct sockaddr_in6 address = {};
	socklen_t size = sizeof address;

	getsockname(fd, (void *)&address, &size);
	return address;
}

static struct sockaddr_in name4(int fd)
{
	struct sockaddr_in address = {};
	socklen_t size = sizeof address;

	getsockname(fd, (void *)&address, &size);
	return address;
}

static void streams6(void)
{
	struct sockaddr_in6 server = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT}, client, refused = server;
	int listener = socket(AF_INET6, SOCK_STREAM, 0), from, accepted;
	char bytes[16];

	say("socket fd=%d domain=10 type=1\n", listener);
	say("bind res=0");
	bind(listener, (void *)&server, sizeof server);
	say_address6(&server);
	say(" fd=%d\n", listener);
	listen(listener, 5);
	say("listen res=0 fd=%d backlog=5\n", listener);
	server = name6(listener);
	from = socket(AF_INET6, SOCK_STREAM, 0);
	say("socket fd=%d domain=10 type=1\n", from);
	say("connect res=%ld", CALL(connect, from, &server, sizeof server));
	client = name6(from);
	say_tuple6(&client, &server);
	say(" fd=%d", from);
	say_address6(&server);
	accepted = accept(listener, 0, 0);
	say("\naccept fd=%d", accepted);
	say_tuple6(&client, &server);
	say(" queuepct=0 queuelen=0 queuemax=5\n");
	say("sendto res=%ld data=6869 fd=%d size=2", CALL(sendto, from, "hi", 2, 0, 0, 0), from);
	say_tuple6(&client, &server);
	say("\nrecvfrom res=%ld data=6869", CALL(recvfrom, accepted, bytes, 16, 0, 0, 0));
	say_tuple6(&client, &server);
	say(" fd=%d size=16\n", accepted);
	/* The other way. */
	say("sendto res=%ld data=796573 fd=%d size=3", CALL(sendto, accepted, "yes", 3, 0, 0, 0), accepted);
	say_tuple6(&server, &client);
	say("\n");
	from = socket(AF_INET6, SOCK_STREAM, 0);
	say("socket fd=%d domain=10 type=1\n", from);
	refused.sin6_port = htons(1);
	say("connect res=%ld tuple=<none> fd=%d", CALL(connect, from, &refused, sizeof refused), from);
	say_address6(&refused);
	say("\n");
}

static void mapped(void)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6}, server;
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, client;
	struct sockaddr_in6 mapped_client, mapped_server;
	int listener = socket(AF_INET6, SOCK_STREAM, 0), from, accepted;

	say("socket fd=%d domain=10 type=1\n", listener);
	bind(listener, (void *)&any, sizeof any);
	say("bind res=0");
	say_address6(&any);
	say(" fd=%d\n", listener);
	listen(listener, 5);
	say("listen res=0 fd=%d backlog=5\n", listener);
	server = name6(listener);
	to.sin_port = server.sin6_port;
	from = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	say("socket fd=%d domain=2 type=%d\n", from, SOCK_STREAM | SOCK_NONBLOCK);
	say("connect res=%ld", CALL(connect, from, &to, sizeof to));
	client = name4(from);
	say_tuple("tuple", &client, &to);
	say(" fd=%d\n", from);
	accepted = accept(listener, 0, 0);
	mapped_server = name6(accepted);
	mapped_client = mapped_server;
	mapped_client.sin6_port = client.sin_port;
	say("accept fd=%d", accepted);
	say_tuple6(&mapped_client, &mapped_server);
	say("\n");
}

static void datagrams4(void)
{
	struct sockaddr_in server = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, any, seen;
	int to = socket(AF_INET, SOCK_DGRAM, 0), from = socket(AF_INET, SOCK_DGRAM, 0);
	struct iovec out = {"message", 7}, in;
	struct msghdr sent = {&server, sizeof server, &out, 1}, received = {&seen, sizeof seen, &in, 1};
	socklen_t size = sizeof seen;
	char bytes[16];

	in = (struct iovec){bytes, sizeof bytes};
	say("socket fd=%d domain=2 type=2\nsocket fd=%d domain=2 type=2\n", to, from);
	bind(to, (void *)&server, sizeof server);
	server = name4(to);
	say("bind res=0 addr=027f0000010000 fd=%d\n", to);
	say("sendto res=%ld data=6869 fd=%d size=2", CALL(sendto, from, "hi", 2, 0, &server, sizeof server), from);
	any = name4(from);
	say_tuple("tuple", &any, &server);
	say("\nrecvfrom res=%ld data=6869", CALL(recvfrom, to, bytes, 16, 0, &seen, &size));
	say_tuple("tuple", &seen, &server);
	say(" fd=%d size=16\n", to);
	say("sendmsg res=%ld data=6d657373616765 fd=%d size=7", CALL(sendmsg, from, &sent, 0), from);
	say_tuple("tuple", &any, &server);
	memset(&seen, 0, sizeof seen);
	say("\nrecvmsg res=%ld size=7 data=6d657373616765", CALL(recvmsg, to, &received, 0));
	say_tuple("tuple", &seen, &server);
	say(" msgcontrol=<none> fd=%d\n", to);
	say("connect res=%ld", CALL(connect, from, &server, sizeof server));
	any = name4(from);
	say_tuple("tuple", &any, &server);
	say(" fd=%d\n", from);
}

static void datagrams6(void)
{
	struct sockaddr_in6 server = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT}, any, seen;
	int to = socket(AF_INET6, SOCK_DGRAM, 0), from = socket(AF_INET6, SOCK_DGRAM, 0);
	socklen_t size = sizeof seen;
	char bytes[16];

	say("socket fd=%d domain=10 type=2\nsocket fd=%d domain=10 type=2\n", to, from);
	say("bind res=0");
	bind(to, (void *)&server, sizeof server);
	say_address6(&server);
	say(" fd=%d\n", to);
	server = name6(to);
	say("sendto res=%ld data=6869 fd=%d size=2", CALL(sendto, from, "hi", 2, 0, &server, sizeof server), from);
	any = name6(from);
	say_tuple6(&any, &server);
	say("\nrecvfrom res=%ld data=6869", CALL(recvfrom, to, bytes, 16, 0, &seen, &size));
	say_tuple6(&seen, &server);
	say(" fd=%d size=16\n", to);
}

/* The kernel's addresses of both sockets are there; which they are nobody here knows. */
static void unix_datagrams(void)
{
	struct sockaddr_un server = {AF_UNIX, "box"}, hidden = {AF_UNIX, "\0secret"};
	int to = socket(AF_UNIX, SOCK_DGRAM, 0), from = socket(AF_UNIX, SOCK_DGRAM, 0), other;
	char bytes[16];

	say("socket fd=%d domain=1 type=2\nsocket fd=%d domain=1 type=2\n", to, from);
	bind(to, (void *)&server, sizeof server);
	say("bind res=0 addr=01626f7800 fd=%d\n", to);
	say("sendto res=%ld data=6869 fd=%d size=2 tuple=01<kernel><none>626f7800\n",
	    CALL(sendto, from, "hi", 2, 0, &server, sizeof server), from);
	say("recvfrom res=%ld data=6869 tuple=01<none><kernel>626f7800 fd=%d size=16\n",
	    CALL(recvfrom, to, bytes, 16, 0, 0, 0), to);
	say("connect res=%ld tuple=01<kernel><kernel>626f7800 fd=%d addr=01626f7800\n",
	    CALL(connect, from, &server, sizeof server), from);
	other = socket(AF_UNIX, SOCK_STREAM, 0);
	say("socket fd=%d domain=1 type=1\n", other);
	bind(other, (void *)&hidden, offsetof(struct sockaddr_un, sun_path) + 7);
	say("bind res=0 addr=0173656372657400 fd=%d\n", other);
	listen(other, 1);
	say("listen res=0 fd=%d backlog=1\n", other);
	from = socket(AF_UNIX, SOCK_STREAM, 0);
	say("socket fd=%d domain=1 type=1\n", from);
	say("connect res=%ld tuple=01<kernel><kernel>73656372657400 fd=%d\n",
	    CALL(connect, from, &hidden, offsetof(struct sockaddr_un, sun_path) + 7), from);
	to = accept(other, 0, 0);
	say("accept fd=%d tuple=01<kernel><kernel>73656372657400\n", to);
}

int main(void)
{
	streams6();
	mapped();
	datagrams4();
	datagrams6();
	unix_datagrams();
	return print_said(0);
}
