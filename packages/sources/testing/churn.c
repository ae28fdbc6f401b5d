/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes that come and go while others look: `churn` prints `ready` and forks without rest. Children have threads,
 * children of their own that are orphaned, and files; some become another program. One in sixteen
 * stays and stands still. At SIGUSR1 the coming ends; when the going has ended, too, it prints `still`.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_RUNNING 24
#define MOST_LASTING 300

static volatile int is_over;

static void stop(int signal)
{
	is_over = 1;
}

static void *spin(void *unused)
{
	close(open("/dev/null", O_RDONLY));
	return unused;
}

static void *stand(void *unused)
{
	for (;;)
		pause();
}

/* What a child is, for a moment. */
static void live(int kind)
{
	char *self[] = {"/proc/self/exe", "brief", 0}, *environment[] = {"KIND=brief", 0};
	pthread_t thread;
	int fd = open("/dev/zero", O_RDWR);

	switch (kind % 4) {
	case 0:
		dup2(fd, 100 + kind % 50);
		pthread_create(&thread, 0, spin, 0);
		pthread_join(thread, 0);
		break;
	case 1:
		if (!fork()) {
			/* An orphan: its parent ends first. */
			usleep(kind % 7 * 300);
			close(fd);
			_exit(0);
		}
		break;
	case 2:
		execve(self[0], self, environment);
		break;
	case 3:
		usleep(kind % 5 * 500);
	}
	_exit(0);
}

/* What stays at the end: with threads, orphans, and programs that were started anew. */
static void remain(int kind)
{
	char *self[] = {"/proc/self/exe", "lasting", 0}, *environment[] = {"KIND=lasting", 0};
	pthread_t thread;

	if (kind % 3 == 0) {
		dup2(open("/dev/null", O_WRONLY), 70);
		pthread_create(&thread, 0, stand, 0);
	}
	if (kind % 3 == 1) {
		if (fork())
			_exit(0);
		open("/dev/zero", O_RDONLY);
	}
	if (kind % 3 == 2)
		execve(self[0], self, environment);
	stand(0);
}

/* Takes those that ended, orphans among them; returns how many. */
static int reap(void)
{
	int ended = 0;

	while (waitpid(-1, 0, WNOHANG) > 0)
		ended++;
	return ended;
}

int main(int count, char **arguments)
{
	int running = 0, lasting = 0, quiet;

	if (count > 1 && !strcmp(arguments[1], "brief"))
		return 0;
	if (count > 1)
		stand(0);
	signal(SIGUSR1, stop);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	printf("ready\n");
	fflush(stdout);
	for (int i = 0; !is_over; i++) {
		/* Some stay: they come before, during and after the scan. */
		if (i % 16 == 15 && lasting < MOST_LASTING) {
			if (lasting++, !fork())
				remain(lasting);
		} else if (running < MOST_RUNNING) {
			if (running++, !fork())
				live(i);
		}
		running -= reap();
		if (running < 0)
			running = 0;
		usleep(500);
	}
	for (quiet = 0; quiet < 100; usleep(3000))
		quiet = reap() ? 0 : quiet + 1;
	printf("still\n");
	fflush(stdout);
	/* Another SIGUSR1 asks for an event: an end is taken in with the event after it. */
	for (;; pause())
		chdir("/");
}
