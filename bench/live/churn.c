// SPDX-License-Identifier: Apache-2.0
/*
 * Short processes in cgroups that come and go, as containers do. For each container: a cgroup named as Docker names them
 * is made below each folder given, a process enters it, starts others one after the other (every tenth executes a
 * program), and ends; the cgroup goes.
 *
 * Usage: churn CONTAINERS PROCESSES FOLDER...
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXEC_EVERY 10
#define MOST_TRIES 1000

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void enter(const char *folder)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", folder);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, "0", 1) != 1)
		fail(path);
	close(fd);
}

static void run_container(int process_count, char **folders, int folder_count)
{
	int i;

	for (i = 0; i < folder_count; i++)
		enter(folders[i]);
	for (i = 0; i < process_count; i++) {
		pid_t child = vfork();

		if (child < 0)
			fail("vfork");
		if (child == 0) {
			if (i % EXEC_EVERY == 0)
				execl("/proc/self/exe", "churn", NULL);
			_exit(0);
		}
		waitpid(child, NULL, 0);
	}
	_exit(0);
}

/* A cgroup can be removed a moment after its last process has ended. */
static void remove_folder(const char *folder)
{
	int tries;

	for (tries = 0; rmdir(folder) < 0; tries++) {
		if (tries == MOST_TRIES)
			fail(folder);
		usleep(1000);
	}
}

int main(int count, char **given)
{
	int container_count, process_count, folder_count, container, i;
	char *folders[8];

	if (count < 4)
		return 0;
	container_count = atoi(given[1]);
	process_count = atoi(given[2]);
	folder_count = count - 3;
	for (container = 0; container < container_count; container++) {
		pid_t child;

		for (i = 0; i < folder_count && i < 8; i++) {
			if (asprintf(&folders[i], "%s/docker-%08x%056x.scope", given[3 + i], container, getpid()) < 0)
				fail("asprintf");
			if (mkdir(folders[i], 0755) < 0)
				fail(folders[i]);
		}
		child = fork();
		if (child < 0)
			fail("fork");
		if (child == 0)
			run_container(process_count, folders, folder_count);
		waitpid(child, NULL, 0);
		for (i = 0; i < folder_count && i < 8; i++) {
			remove_folder(folders[i]);
			free(folders[i]);
		}
	}
	return 0;
}
