/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes that stand still for a scan: of many shapes, with descriptors of all kinds. `standing FOLDER` prints `ready`
 * when all are there, and ends when its standard input does.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int ready[2];

static void stand(void)
{
	write(ready[1], "x", 1);
	for (;;)
		pause();
}

static void *stand_named(void *name)
{
	prctl(PR_SET_NAME, name);
	stand();
	return 0;
}

static int children;

/* A child that does something and then stands; it ends with its parent. */
#define CHILD(what) \
	if (children++, !fork()) { \
		prctl(PR_SET_PDEATHSIG, SIGKILL); \
		what; \
		stand(); \
	}

static int in4(int type, int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, type, 0);

	if (port)
		connect(fd, (void *)&address, sizeof address);
	else
		bind(fd, (void *)&address, sizeof address);
	return fd;
}

static int in6(int type, int port)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = port, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int fd = socket(AF_INET6, type, 0);

	if (port)
		connect(fd, (void *)&address, sizeof address);
	else
		bind(fd, (void *)&address, sizeof address);
	return fd;
}

static int port_of(int fd)
{
	struct sockaddr_in6 address;
	socklen_t length = sizeof address;

	return getsockname(fd, (void *)&address, &length) ? 0 : address.sin6_port;
}

static int unix_at(const char *path, int is_client)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int length = strlen(path) + 1, fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(address.sun_path, path, length);
	/* `@` stands for the NUL of an abstract name, which has no other at its end. */
	if (path[0] == '@')
		address.sun_path[0] = 0, length--;
	length += offsetof(struct sockaddr_un, sun_path);
	if (is_client)
		connect(fd, (void *)&address, length);
	else if (!bind(fd, (void *)&address, length))
		listen(fd, 4);
	return fd;
}

static void open_sockets(void)
{
	int server4 = in4(SOCK_STREAM, 0), server6 = in6(SOCK_STREAM, 0), pair[2];

	listen(server4, 4);
	listen(server6, 4);
	in4(SOCK_STREAM, port_of(server4));
	accept(server4, 0, 0);
	in6(SOCK_STREAM, port_of(server6));
	accept(server6, 0, 0);
	in4(SOCK_DGRAM, port_of(in4(SOCK_DGRAM, 0)));
	in6(SOCK_DGRAM, port_of(in6(SOCK_DGRAM, 0)));
	socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	socket(AF_INET, SOCK_STREAM, 0);
	socket(AF_INET6, SOCK_DGRAM, 0);
	socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	socket(AF_PACKET, SOCK_RAW, 0);
	socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
	unix_at("bound socket", 0);
	unix_at("bound socket", 1);
	unix_at("@abstract one", 0);
}

static void open_things(void)
{
	sigset_t none;
	int pipes[2], epoll = epoll_create1(0), ring[32] = {};

	sigemptyset(&none);
	open("file", O_RDWR | O_CREAT | O_APPEND, 0600);
	open("file", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	open("gone", O_WRONLY | O_CREAT, 0600);
	unlink("gone");
	open(".", O_RDONLY | O_DIRECTORY);
	open("file", O_PATH);
	open(".", O_RDWR | O_TMPFILE, 0600);
	mkfifo("fifo", 0600);
	open("fifo", O_RDWR);
	open("/dev/null", O_WRONLY);
	open("/proc/self/ns/net", O_RDONLY);
	pipe2(pipes, O_CLOEXEC);
	eventfd(1, 0);
	signalfd(-1, &none, 0);
	timerfd_create(CLOCK_MONOTONIC, 0);
	inotify_init1(IN_CLOEXEC);
	memfd_create("a memfd", 0);
	syscall(SYS_pidfd_open, getpid(), 0);
	syscall(SYS_userfaultfd, O_CLOEXEC);
	syscall(SYS_io_uring_setup, 4, ring);
	dup2(epoll, 500);
	open_sockets();
}

static void in_new_pid_namespace(void)
{
	if (unshare(CLONE_NEWPID))
		exit(1);
	if (!fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!fork())
			stand();
		stand();
	}
}

static void as_memfd(const char *self)
{
	char *arguments[] = {"anonymous", 0}, *environment[] = {0};
	int from = open(self, O_RDONLY), to = memfd_create("program", 0);
	char buffer[65536], path[64];
	ssize_t count;

	while ((count = read(from, buffer, sizeof buffer)) > 0)
		write(to, buffer, count);
	snprintf(path, sizeof path, "/proc/self/fd/%d", to);
	dup2(ready[1], 9);
	execve(path, arguments, environment);
	exit(1);
}

static void *outlive_main(void *unused)
{
	/* When the main thread is a zombie, this one says so. */
	usleep(100000);
	stand();
	return unused;
}

int main(int count, char **arguments)
{
	struct rlimit files = {1000, 2000};
	pthread_t thread;
	char go;

	if (!strcmp(arguments[0], "anonymous")) {
		ready[1] = 9;
		stand();
	}
	if (count < 2 || chdir(arguments[1]))
		return 1;
	pipe(ready);
	CHILD(open_things());
	CHILD(pthread_create(&thread, 0, stand_named, "second thread");
	      pthread_create(&thread, 0, stand_named, "third"))
	CHILD(mkdir("root", 0700); mkdir("root/inner", 0700); chroot("root"); chdir("/inner"));
	CHILD(mkdir("left", 0700); chdir("left"); rmdir("../left"));
	CHILD(setsid(); setrlimit(RLIMIT_NOFILE, &files); setresgid(7, 8, 9); setresuid(4, 5, 6));
	CHILD(setpgid(0, 0); unshare(CLONE_NEWNET); in4(SOCK_STREAM, 0));
	CHILD(as_memfd(arguments[2]));
	CHILD(pthread_create(&thread, 0, outlive_main, 0); syscall(SYS_exit, 0));
	CHILD(memset(arguments[0], 'T', strlen(arguments[0]) + strlen(arguments[1]) + 2); prctl(PR_SET_NAME, "a) b ("));
	CHILD(in_new_pid_namespace());
	/* Two more threads, and two more processes in the namespace. */
	children += 4;
	for (int i = 0; i < children; i++)
		read(ready[0], &go, 1);
	printf("ready\n");
	fflush(stdout);
	read(0, &go, 1);
	kill(0, SIGKILL);
	return 0;
}
