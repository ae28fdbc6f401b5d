/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What many programs do with files and descriptors, in an order that a seed decides: `random-calls SEED TURNS`, in an
 * empty folder. The same seed makes the same calls. Whether they succeed is left to the kernel; as they go anywhere, it
 * is a user without rights that makes them, to whom the folder is given.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_PROCESSES 6
#define MOST_IMAGES 6
#define NOBODY 65534
#define FIRST_FD 3
#define LAST_FD 24
/* Beyond what the probe keeps a mark for. */
#define HIGH_FD 600

struct how {
	unsigned long long flags, mode, resolve;
};

static unsigned long long state;
static char folder[512], long_path[3000], too_long[5000];
static int process_count, image_count;

static unsigned pick(unsigned count)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 20) % count;
}

static int some_fd(void)
{
	return pick(12) ? FIRST_FD + pick(LAST_FD - FIRST_FD) : HIGH_FD + pick(3);
}

static const char *some_path(void)
{
	static char absolute[1024];
	static const char *const paths[] = {
		"one", "two", "three.txt", "sub/four", "sub/deep/five", "./sub/../one", "sub//four", "sub/./deep/five",
		"missing", "sub/missing", "link/four", "link/../two", "secret", "sub/secret", "sub/deep/secret.key", "sub/",
		"..", ".", "", "\xff\xfe", "sub", "one/not-a-folder", "/dev/null", "/proc/self/status", "/etc/hostname",
	};
	unsigned index = pick(sizeof paths / sizeof *paths + 6);

	if (index < sizeof paths / sizeof *paths)
		return paths[index];
	if (index == sizeof paths / sizeof *paths)
		return long_path;
	if (index == sizeof paths / sizeof *paths + 1)
		return pick(2) ? too_long : (const char *)8;
	snprintf(absolute, sizeof absolute, "%s/%s", folder, paths[pick(17)]);
	return absolute;
}

static int some_flags(void)
{
	static const int flags[] = {
		O_RDONLY, O_RDONLY, O_RDONLY | O_CLOEXEC, O_WRONLY, O_RDWR, O_WRONLY | O_CREAT, O_RDWR | O_CREAT | O_TRUNC,
		O_WRONLY | O_APPEND, O_RDONLY | O_DIRECTORY, O_PATH, O_PATH | O_DIRECTORY | O_CLOEXEC, O_RDWR | O_CREAT | O_EXCL,
		O_RDWR | O_TMPFILE, O_WRONLY | O_TRUNC, O_RDONLY | O_NOFOLLOW,
	};

	return flags[pick(sizeof flags / sizeof *flags)];
}

/* Where calls start from: a folder opened for it, which stays open. Plain files are left out. */
static int some_folder(void)
{
	if (pick(3))
		return AT_FDCWD;
	return syscall(SYS_openat, AT_FDCWD, pick(2) ? folder : some_path(), O_RDONLY | O_DIRECTORY);
}

static void open_one(void)
{
	struct how how = {some_flags(), 0, 0};
	const char *path = some_path();

	if (how.flags & (O_CREAT | O_TMPFILE) & ~O_DIRECTORY)
		how.mode = 0640;
	switch (pick(3)) {
	case 0:
		syscall(SYS_open, path, (int)how.flags, (int)how.mode);
		break;
	case 1:
		syscall(SYS_openat, some_folder(), path, (int)how.flags, (int)how.mode);
		break;
	default:
		syscall(SYS_openat2, some_folder(), path, &how, sizeof how);
	}
}

static void pass_descriptor(void)
{
	int pair[2], sent = some_fd();
	char byte = 0, space[CMSG_SPACE(sizeof sent)] = {0};
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
		return;
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof sent);
	memcpy(CMSG_DATA(header), &sent, sizeof sent);
	if (sendmsg(pair[0], &message, 0) == 1)
		recvmsg(pair[1], &message, MSG_DONTWAIT);
	close(pair[0]);
	if (pick(2))
		close(pair[1]);
}

static void use_socket(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9 + pick(3))};
	int fd = socket(pick(2) ? AF_INET : AF_UNIX, SOCK_DGRAM | (pick(2) ? SOCK_CLOEXEC : 0), 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (pick(2))
		connect(fd, (struct sockaddr *)&address, sizeof address);
}

/* A connection to itself, and some of what servers do with theirs. */
static void accept_one(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr *at = (struct sockaddr *)&address;
	socklen_t size = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0), served = -1;
	char byte;

	if (!bind(listener, at, size) && !listen(listener, 1) && !getsockname(listener, at, &size) &&
	    !connect(client, at, size))
		served = accept4(listener, 0, 0, pick(2) ? SOCK_CLOEXEC : 0);
	if (pick(2))
		recv(served, &byte, 1, MSG_DONTWAIT);
	if (pick(2))
		send(served, "x", 1, MSG_DONTWAIT);
	if (pick(4) == 0)
		dup2(served, some_fd());
	if (pick(4) == 0)
		shutdown(served, SHUT_WR);
	close(listener);
	close(client);
	if (pick(2))
		close(served);
}

static void copy_one(void)
{
	switch (pick(5)) {
	case 0:
		dup(some_fd());
		break;
	case 1:
		dup2(some_fd(), some_fd());
		break;
	case 2:
		dup3(some_fd(), some_fd(), O_CLOEXEC);
		break;
	case 3:
		fcntl(some_fd(), pick(2) ? F_DUPFD : F_DUPFD_CLOEXEC, pick(2) ? FIRST_FD : HIGH_FD);
		break;
	default:
		fcntl(some_fd(), F_SETFD, pick(2) ? FD_CLOEXEC : 0);
	}
}

static void name_one(void)
{
	switch (pick(6)) {
	case 0:
		unlink(some_path());
		break;
	case 1:
		rename(some_path(), some_path());
		break;
	case 2:
		chmod(some_path(), 0640);
		break;
	case 3:
		chdir(pick(2) ? folder : some_path());
		break;
	case 4:
		fchdir(some_folder());
		break;
	default:
		mkdirat(some_folder(), some_path(), 0750);
	}
}

static void make_special(void)
{
	int pair[2];

	switch (pick(7)) {
	case 0:
		pipe2(pair, pick(2) ? O_CLOEXEC : 0);
		break;
	case 1:
		socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
		break;
	case 2:
		eventfd(0, 0);
		break;
	case 3:
		memfd_create("kept", MFD_CLOEXEC);
		break;
	case 4:
	case 5:
		accept_one();
		break;
	default:
		use_socket();
	}
}

static void run_turns(unsigned turns);

static void *in_thread(void *turns)
{
	run_turns((unsigned)(long)turns);
	return 0;
}

/* Another process with the same descriptors, or with a copy of them; or a thread. It goes on alone. */
static void split(unsigned turns)
{
	pthread_t thread;
	int pid;

	if (process_count++ >= MOST_PROCESSES)
		return;
	if (pick(4) == 0) {
		if (!pthread_create(&thread, 0, in_thread, (void *)(long)(turns / 2)))
			pthread_join(thread, 0);
		return;
	}
	pid = pick(4) ? fork() : syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0) {
		/* Its own way from here. */
		state += 0x123456789ULL;
		run_turns(turns / 2);
		_exit(0);
	}
	/* One after the other, so that a seed makes one order. */
	waitpid(pid, 0, 0);
}

static void run_again(unsigned turns)
{
	char seed[32], rest[32], images[32], processes[32];

	if (chdir(folder))
		return;
	snprintf(seed, sizeof seed, "%u", pick(1u << 30));
	snprintf(rest, sizeof rest, "%u", turns);
	snprintf(images, sizeof images, "%d", image_count + 1);
	snprintf(processes, sizeof processes, "%d", process_count);
	execl("/proc/self/exe", "random-calls", seed, rest, images, processes, (char *)0);
}

static void run_turns(unsigned turns)
{
	for (; turns; turns--) {
		unsigned kind = pick(100);

		if (kind < 40)
			open_one();
		else if (kind < 62)
			close(some_fd());
		else if (kind < 74)
			copy_one();
		else if (kind < 84)
			name_one();
		else if (kind < 92)
			make_special();
		else if (kind < 94)
			pass_descriptor();
		else if (kind < 95)
			syscall(SYS_close_range, some_fd(), HIGH_FD + 4, pick(3) ? 0 : 4);
		else if (kind < 97)
			split(turns);
		else if (kind == 97 && image_count < MOST_IMAGES)
			run_again(turns - 1);
	}
}

static int give_up_rights(void)
{
	if (geteuid())
		return 0;
	return chown(".", NOBODY, NOBODY) || setgroups(0, 0) || setresgid(NOBODY, NOBODY, NOBODY) ||
	       setresuid(NOBODY, NOBODY, NOBODY);
}

int main(int count, char **arguments)
{
	if (count < 3 || !getcwd(folder, sizeof folder) || give_up_rights())
		return 2;
	state = (strtoull(arguments[1], 0, 10) + 1) * 0x9e3779b97f4a7c15ULL;
	image_count = count > 3 ? atoi(arguments[3]) : 0;
	process_count = count > 4 ? atoi(arguments[4]) : 0;
	while (strlen(long_path) < sizeof long_path - 8)
		strcat(long_path, "./");
	strcat(long_path, "one");
	memset(too_long, 'x', sizeof too_long - 1);
	mkdir("sub", 0750);
	mkdir("sub/deep", 0750);
	symlink("sub", "link");
	run_turns(atoi(arguments[2]));
	return 0;
}
