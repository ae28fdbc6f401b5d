/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes one of each system call that the probe covers, and prints for each the event that must come of it:
 * `name parameter=value ...`, as the test renders it. Run in an empty folder. Arguments: nothing.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include "say-tuple.h"

static struct stat stat_of(int fd)
{
	struct stat s = {};

	if (fd >= 0)
		fstat(fd, &s);
	return s;
}

static unsigned device(struct stat *s)
{
	return (minor(s->st_dev) & 0xff) | major(s->st_dev) << 8 | (minor(s->st_dev) & ~0xffu) << 12;
}

/* The event has the path of what was opened; a file system may have no handles. */
static void open_by_handle(void)
{
	struct {
		struct file_handle head;
		char bytes[128];
	} handle = {.head.handle_bytes = 128};
	char folder[4096];
	int mount, fd;
	struct stat s;

	if (name_to_handle_at(AT_FDCWD, "d/i", &handle.head, &mount, 0))
		return;
	fd = CALL(open_by_handle_at, AT_FDCWD, &handle, O_RDONLY);
	s = stat_of(fd);
	say("open_by_handle_at fd=%d mountfd=-100 flags=1 path=%s/d/i dev=%u ino=%lu\n", fd, getcwd(folder, sizeof folder),
	    device(&s), s.st_ino);
}

static void files(void)
{
	struct {
		uint64_t flags, mode, resolve;
	} how = {O_RDONLY | O_DIRECTORY, 0, 4};
	struct stat s;
	int fd, other;
	long r;

	r = CALL(mkdir, "d", 0750);
	say("mkdir res=%ld path=d mode=488\n", r);
	r = CALL(mkdir, "d", 0750);
	say("mkdir res=-17 path=d mode=488\n");
	r = CALL(mkdirat, AT_FDCWD, "d/e", 0700);
	say("mkdirat res=%ld dirfd=-100 path=d/e mode=448\n", r);
	fd = CALL(openat, AT_FDCWD, "d/f", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	s = stat_of(fd);
	say("openat fd=%d dirfd=-100 name=d/f flags=%d mode=416 dev=%u ino=%lu\n", fd, 3 | 4 | 32 | 4096 | 16384, device(&s), s.st_ino);
	other = CALL(open, "d/f", O_WRONLY | O_APPEND | O_TRUNC | O_NONBLOCK, 0777);
	say("open fd=%d name=d/f flags=%d mode=0 dev=%u ino=%lu\n", other, 2 | 8 | 256 | 64, device(&s), s.st_ino);
	CALL(close, other);
	say("close res=0 fd=%d\n", other);
	CALL(close, 999);
	say("close res=-9 fd=999\n");
	other = CALL(creat, "d/g", 0604);
	s = stat_of(other);
	say("creat fd=%d name=d/g mode=388 dev=%u ino=%lu creat_flags=0\n", other, device(&s), s.st_ino);
	CALL(close, other);
	say("close res=0 fd=%d\n", other);
	other = CALL(openat2, AT_FDCWD, "d", &how, sizeof how);
	s = stat_of(other);
	say("openat2 fd=%d dirfd=-100 name=d flags=%d mode=0 resolve=4 dev=%u ino=%lu\n", other, 1 | 1024, device(&s), s.st_ino);
	CALL(openat, other, "missing", O_RDONLY);
	say("openat fd=-2 dirfd=%d name=missing flags=1 mode=0 dev=0 ino=0\n", other);
	CALL(openat, AT_FDCWD, (char *)8, O_RDONLY);
	say("openat fd=-14 dirfd=-100 name=<none> flags=1 mode=0 dev=0 ino=0\n");
	r = CALL(mknod, "d/p", S_IFIFO | 0600, 0);
	say("mknod res=%ld path=d/p mode=4480 dev=0\n", r);
	r = CALL(mknodat, other, "c", S_IFCHR | 0666, makedev(1, 3));
	say("mknodat res=%ld dirfd=%d path=c mode=8630 dev=1048579\n", r, other);
	r = CALL(link, "d/f", "d/l");
	say("link res=%ld oldpath=d/f newpath=d/l\n", r);
	r = CALL(linkat, AT_FDCWD, "d/f", other, "l2", AT_SYMLINK_FOLLOW);
	say("linkat res=%ld olddir=-100 oldpath=d/f newdir=%d newpath=l2 flags=1024\n", r, other);
	r = CALL(symlink, "target", "d/s");
	say("symlink res=%ld target=target linkpath=d/s\n", r);
	r = CALL(symlinkat, "target", other, "s2");
	say("symlinkat res=%ld target=target linkdirfd=%d linkpath=s2\n", r, other);
	r = CALL(rename, "d/g", "d/h");
	say("rename res=%ld oldpath=d/g newpath=d/h\n", r);
	r = CALL(renameat, other, "h", AT_FDCWD, "d/i");
	say("renameat res=%ld olddirfd=%d oldpath=h newdirfd=-100 newpath=d/i\n", r, other);
	r = CALL(renameat2, AT_FDCWD, "d/i", other, "f", 1);
	say("renameat2 res=-17 olddirfd=-100 oldpath=d/i newdirfd=%d newpath=f flags=1\n", other);
	r = CALL(chmod, "d/f", 0604);
	say("chmod res=%ld filename=d/f mode=388\n", r);
	r = CALL(fchmod, fd, 04755);
	say("fchmod res=%ld fd=%d mode=2541\n", r, fd);
	r = CALL(fchmodat, other, "f", 0600);
	say("fchmodat res=%ld dirfd=%d filename=f mode=384\n", r, other);
	r = CALL(chown, "d/f", 1, 2);
	say("chown res=%ld path=d/f uid=1 gid=2\n", r);
	r = CALL(lchown, "d/s", 3, -1);
	say("lchown res=%ld path=d/s uid=3 gid=4294967295\n", r);
	r = CALL(fchown, fd, 0, 0);
	say("fchown res=%ld fd=%d uid=0 gid=0\n", r, fd);
	r = CALL(fchownat, other, "s2", 5, 6, AT_SYMLINK_NOFOLLOW);
	say("fchownat res=%ld dirfd=%d pathname=s2 uid=5 gid=6 flags=1024\n", r, other);
	r = CALL(unlink, "d/l");
	say("unlink res=%ld path=d/l\n", r);
	r = CALL(unlinkat, other, "e", AT_REMOVEDIR);
	say("unlinkat res=%ld dirfd=%d name=e flags=512\n", r, other);
	r = CALL(rmdir, "d");
	say("rmdir res=-39 path=d\n");
	r = CALL(fchdir, other);
	say("fchdir res=%ld fd=%d\n", r, other);
	r = CALL(chdir, "..");
	say("chdir res=%ld path=..\n", r);
	open_by_handle();
	/* Leaves `fd` and `other` as the lowest ones in use. */
}

static void descriptors(void)
{
	struct {
		uint32_t sq_entries, cq_entries, flags, sq_thread_cpu, sq_thread_idle, features, rest[24];
	} ring = {.flags = 8 | 16, .cq_entries = 16};
	uint64_t mask = 1;
	struct stat s;
	int p[2];
	long r, q;

	r = CALL(dup, 0);
	say("dup res=%ld oldfd=0\n", r);
	q = CALL(dup2, 0, 40);
	say("dup2 res=%ld oldfd=0 newfd=40\n", q);
	q = CALL(dup3, 0, 41, O_CLOEXEC);
	say("dup3 res=%ld oldfd=0 newfd=41 flags=4096\n", q);
	q = CALL(fcntl, 0, F_DUPFD_CLOEXEC, 50);
	say("fcntl res=%ld fd=0 cmd=26 arg=50\n", q);
	q = CALL(fcntl, 50, F_SETFD, 0);
	say("fcntl res=%ld fd=50 cmd=3 arg=0\n", q);
	CALL(close_range, 40, 50, 0);
	say("close_range res=0 first=40 last=50 flags=0\n");
	q = CALL(pipe, p);
	s = stat_of(p[0]);
	say("pipe res=%ld fd1=%d fd2=%d ino=%lu\n", q, p[0], p[1], s.st_ino);
	q = CALL(pipe2, p, O_CLOEXEC | O_NONBLOCK);
	s = stat_of(p[0]);
	say("pipe2 res=%ld fd1=%d fd2=%d ino=%lu flags=4160\n", q, p[0], p[1], s.st_ino);
	q = CALL(memfd_create, "scratch", 1);
	say("memfd_create fd=%ld name=scratch flags=1\n", q);
	q = CALL(eventfd, 5);
	say("eventfd res=%ld initval=5 flags=0\n", q);
	q = CALL(eventfd2, 7, O_CLOEXEC);
	say("eventfd2 res=%ld flags=4096 initval=7\n", q);
	q = CALL(epoll_create, 9);
	say("epoll_create res=%ld size=9\n", q);
	q = CALL(epoll_create1, O_CLOEXEC);
	say("epoll_create1 res=%ld flags=1\n", q);
	q = CALL(inotify_init, 0);
	say("inotify_init res=%ld flags=0\n", q);
	q = CALL(inotify_init1, O_NONBLOCK);
	say("inotify_init1 res=%ld flags=64\n", q);
	q = CALL(timerfd_create, 1, 0);
	say("timerfd_create res=%ld clockid=0 flags=0\n", q);
	q = CALL(signalfd, -1, &mask, 8);
	say("signalfd res=%ld fd=-1 mask=0 flags=0\n", q);
	q = CALL(signalfd4, -1, &mask, 8, O_CLOEXEC);
	say("signalfd4 res=%ld flags=4096 fd=-1 mask=0\n", q);
	q = CALL(userfaultfd, O_CLOEXEC);
	say("userfaultfd res=%ld flags=4096\n", q);
	q = CALL(io_uring_setup, 4, &ring);
	say("io_uring_setup res=%ld entries=4 sq_entries=%u cq_entries=%u flags=48 sq_thread_cpu=%u sq_thread_idle=%u features=%u\n",
	    q, ring.sq_entries, ring.cq_entries, ring.sq_thread_cpu, ring.sq_thread_idle, ring.features & 0x7ff);
	q = CALL(pidfd_open, getpid(), 0);
	say("pidfd_open fd=%ld pid=%d flags=0\n", q, getpid());
	r = CALL(pidfd_getfd, q, 0, 0);
	say("pidfd_getfd fd=%ld pid_fd=%ld target_fd=0 flags=0\n", r, q);
}

static void sockets(void)
{
	struct sockaddr_in server = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, client = {}, any = {};
	struct sockaddr_in6 loopback = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT, .sin6_port = htons(9)};
	struct sockaddr_un path = {AF_UNIX, "sock"}, hidden = {AF_UNIX, "\0hidden"};
	socklen_t size = sizeof server;
	char text[100] = "", hex[200];
	struct iovec parts[2] = {{"abc", 3}, {"defgh", 5}}, into[2] = {{text, 2}, {text + 2, 90}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2}, incoming = {.msg_iov = into, .msg_iovlen = 2};
	int listener, from, accepted, datagram, pair[2];
	unsigned port;
	long r;

	listener = CALL(socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	say("socket fd=%d domain=2 type=%d proto=0 flags=4096\n", listener, SOCK_STREAM | SOCK_CLOEXEC);
	CALL(bind, listener, &server, sizeof server);
	getsockname(listener, (void *)&server, &size);
	port = ntohs(server.sin_port);
	say("bind res=0 addr=027f0000010000 fd=%d\n", listener);
	CALL(listen, listener, 7);
	say("listen res=0 fd=%d backlog=7\n", listener);
	from = CALL(socket, AF_INET, SOCK_STREAM, 6);
	say("socket fd=%d domain=2 type=1 proto=6 flags=0\n", from);
	r = CALL(connect, from, &server, sizeof server);
	size = sizeof client;
	getsockname(from, (void *)&client, &size);
	say("connect res=%ld", r);
	say_tuple("tuple", &client, &server);
	say(" fd=%d addr=027f000001%02x%02x\n", from, port & 255, port >> 8);
	accepted = CALL(accept4, listener, 0, 0, O_NONBLOCK);
	say("accept4 fd=%d", accepted);
	say_tuple("tuple", &client, &server);
	say(" queuepct=0 queuelen=0 queuemax=7 flags=64\n");
	r = CALL(accept4, accepted, 0, 0, 0);
	say("accept4 fd=-22 tuple=<none> queuepct=0 queuelen=0 queuemax=0 flags=0\n");
	r = CALL(sendto, from, "hello", 5, 0, 0, 0);
	say("sendto res=%ld data=68656c6c6f fd=%d size=5", r, from);
	say_tuple("tuple", &client, &server);
	say("\n");
	r = CALL(recvfrom, accepted, text, 50, 0, 0, 0);
	say("recvfrom res=%ld data=68656c6c6f", r);
	say_tuple("tuple", &client, &server);
	say(" fd=%d size=50\n", accepted);
	r = CALL(sendmsg, from, &message, 0);
	say("sendmsg res=%ld data=6162636465666768 fd=%d size=8", r, from);
	say_tuple("tuple", &client, &server);
	say("\n");
	r = CALL(recvmsg, accepted, &incoming, 0);
	say("recvmsg res=%ld size=8 data=6162636465666768", r);
	say_tuple("tuple", &client, &server);
	say(" msgcontrol=<none> fd=%d\n", accepted);
	r = CALL(recvfrom, accepted, text, 50, 0, 0, 0);
	say("recvfrom res=-11 data=<none> tuple=<none> fd=%d size=50\n", accepted);
	r = CALL(shutdown, from, SHUT_WR);
	say("shutdown res=%ld fd=%d how=1\n", r, from);
	datagram = CALL(socket, AF_INET, SOCK_DGRAM, 0);
	say("socket fd=%d domain=2 type=2 proto=0 flags=0\n", datagram);
	memset(text, 'x', sizeof text);
	for (int i = 0; i < 80; i++)
		strcpy(hex + 2 * i, "78");
	r = CALL(sendto, datagram, text, 100, 0, &server, sizeof server);
	size = sizeof any;
	getsockname(datagram, (void *)&any, &size);
	any.sin_addr.s_addr = 0;
	say("sendto res=%ld data=%s fd=%d size=100", r, hex, datagram);
	say_tuple("tuple", &any, &server);
	say("\n");
	r = CALL(connect, datagram, &loopback, sizeof loopback);
	say("connect res=%ld tuple=<none> fd=%d addr=0a000000000000000000000000000000010900\n", r, datagram);
	CALL(socketpair, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair);
	say("socketpair res=0 fd1=%d fd2=%d source=<kernel> peer=<kernel> domain=1 type=%d proto=0\n", pair[0], pair[1], SOCK_STREAM | SOCK_NONBLOCK);
	listener = CALL(socket, AF_UNIX, SOCK_STREAM, 0);
	say("socket fd=%d domain=1 type=1 proto=0 flags=0\n", listener);
	CALL(bind, listener, &path, offsetof(struct sockaddr_un, sun_path) + 5);
	say("bind res=0 addr=01736f636b00 fd=%d\n", listener);
	CALL(listen, listener, 1);
	say("listen res=0 fd=%d backlog=1\n", listener);
	from = CALL(socket, AF_UNIX, SOCK_STREAM, 0);
	say("socket fd=%d domain=1 type=1 proto=0 flags=0\n", from);
	r = CALL(connect, from, &path, sizeof path);
	say("connect res=%ld tuple=01<kernel><kernel>736f636b00 fd=%d addr=01736f636b00\n", r, from);
	accepted = CALL(accept, listener, 0, 0);
	say("accept fd=%d tuple=01<kernel><kernel>736f636b00 queuepct=0 queuelen=0 queuemax=1\n", accepted);
	r = CALL(connect, pair[0], &hidden, offsetof(struct sockaddr_un, sun_path) + 7);
	say("connect res=%ld tuple=<none> fd=%d addr=0168696464656e00\n", r, pair[0]);
}

static void identities(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct sets[2];
	struct rlimit limit = {900, 1000}, old;
	int ns, flag;
	long r;

	r = CALL(setuid, 0);
	say("setuid res=%ld uid=0\n", r);
	r = CALL(setgid, 0);
	say("setgid res=%ld gid=0\n", r);
	r = CALL(setreuid, -1, 0);
	say("setreuid res=%ld ruid=4294967295 euid=0\n", r);
	r = CALL(setregid, 0, -1);
	say("setregid res=%ld rgid=0 egid=4294967295\n", r);
	r = CALL(setresuid, -1, 0, 0);
	say("setresuid res=%ld ruid=4294967295 euid=0 suid=0\n", r);
	r = CALL(setresgid, 0, 0, 0);
	say("setresgid res=%ld rgid=0 egid=0 sgid=0\n", r);
	CALL(capget, &header, sets);
	r = CALL(capset, &header, sets);
	say("capset res=%ld cap_inheritable=%lu cap_permitted=%lu cap_effective=%lu\n", r,
	    sets[0].inheritable | (uint64_t)sets[1].inheritable << 32, sets[0].permitted | (uint64_t)sets[1].permitted << 32,
	    sets[0].effective | (uint64_t)sets[1].effective << 32);
	r = CALL(setpgid, 0, 0);
	say("setpgid res=%ld pid=0 pgid=0\n", r);
	r = CALL(setsid, 0);
	say("setsid res=%ld\n", r);
	r = CALL(kill, getpid(), 0);
	say("kill res=%ld pid=%d sig=0\n", r, getpid());
	r = CALL(tkill, getpid(), 0);
	say("tkill res=%ld tid=%d sig=0\n", r, getpid());
	r = CALL(tgkill, getpid(), getpid(), 0);
	say("tgkill res=%ld pid=%d tid=%d sig=0\n", r, getpid(), getpid());
	r = CALL(prlimit64, 0, RLIMIT_NOFILE, &limit, &old);
	say("prlimit res=%ld newcur=900 newmax=1000 oldcur=%ld oldmax=%ld pid=0 resource=7\n", r, old.rlim_cur, old.rlim_max);
	limit.rlim_cur = limit.rlim_max = 0;
	r = CALL(setrlimit, RLIMIT_CORE, &limit);
	say("setrlimit res=%ld cur=0 max=0 resource=4\n", r);
	r = CALL(prctl, PR_SET_NAME, "renamed");
	say("prctl res=%ld option=15 arg2_str=renamed arg2_int=0\n", r);
	r = CALL(prctl, PR_SET_CHILD_SUBREAPER, 1);
	say("prctl res=%ld option=36 arg2_str=<none> arg2_int=1\n", r);
	r = CALL(prctl, PR_GET_CHILD_SUBREAPER, &flag);
	say("prctl res=%ld option=37 arg2_str=<none> arg2_int=1\n", r);
	r = CALL(ptrace, PTRACE_ATTACH, 0x7ffffffe, 0, 0);
	say("ptrace res=%ld addr=<none> data=<none> request=11 pid=2147483646\n", r);
	r = CALL(unshare, CLONE_NEWUTS | CLONE_NEWNS);
	say("unshare res=%ld flags=160\n", r);
	ns = CALL(open, "/proc/self/ns/uts", O_RDONLY);
	say("open fd=%d name=/proc/self/ns/uts flags=1 mode=0 dev=%u ino=%lu\n", ns, device(&(struct stat[]){stat_of(ns)}[0]), stat_of(ns).st_ino);
	r = CALL(setns, ns, CLONE_NEWUTS);
	say("setns res=%ld fd=%d nstype=128\n", r, ns);
	CALL(mount, "none", "/", 0, MS_REC | MS_PRIVATE, 0);
	say("mount res=0 dev=none dir=/ type=<none> flags=278528\n");
	r = CALL(mount, "none", "d", "tmpfs", MS_MGC_VAL | MS_NOSUID, 0);
	say("mount res=%ld dev=none dir=d type=tmpfs flags=2\n", r);
	r = CALL(umount2, "d", MNT_DETACH);
	say("umount2 res=%ld name=d flags=2\n", r);
	r = CALL(bpf, 99, 0, 0);
	say("bpf fd=%ld cmd=99\n", r);
	r = CALL(init_module, "not a module", 12, "a=1");
	say("init_module res=%ld img=6e6f742061206d6f64756c65 length=12 uargs=a=1\n", r);
	r = CALL(finit_module, -1, "b=2", 3);
	say("finit_module res=%ld fd=-1 uargs=b=2 flags=3\n", r);
	r = CALL(delete_module, "no_such_module", O_NONBLOCK);
	say("delete_module res=%ld name=no_such_module flags=2\n", r);
}

static void failures(void)
{
	char *arguments[] = {"first", "second", "third", 0}, *environment[] = {"A=1", "B=2", 0};
	long r;

	r = CALL(execve, "/nonexistent", arguments, environment);
	say("execve res=%ld exe=first args=second|third| env=A=1|B=2| filename=/nonexistent\n", r);
	r = CALL(execveat, AT_FDCWD, "", arguments, 0, 0);
	say("execveat res=%ld exe=first args=second|third| env=<none>\n", r);
	r = CALL(execve, "/nonexistent", 0, 0);
	say("execve res=%ld exe=<none> args=<none> env=<none> filename=/nonexistent\n", r);
	r = CALL(chroot, "d");
	say("chroot res=%ld path=d\n", r);
}

int main(void)
{
	files();
	descriptors();
	sockets();
	identities();
	failures();
	return print_said(7);
}
