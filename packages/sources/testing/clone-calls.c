/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes children in every way, first in a new pid namespace, then within that one, and prints what each call returned:
 * `fork=1234`. Children end at once, but for the first: it is the namespace's first process and makes the others.
 */
#define _GNU_SOURCE
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void tell(const char *call, long result)
{
	char line[64];

	if (result == 0)
		_exit(0);
	write(1, line, sprintf(line, "%s=%ld\n", call, result));
	waitpid(result, 0, __WALL);
}

static void make_children(void)
{
	struct clone_args arguments = {.flags = CLONE_PARENT_SETTID | CLONE_FS, .exit_signal = SIGCHLD};
	int tid;

	arguments.parent_tid = (unsigned long)&tid;
	tell("fork", syscall(SYS_fork));
	tell("vfork", vfork());
	tell("clone", syscall(SYS_clone, CLONE_FS | SIGCHLD, 0, 0, 0, 0));
	tell("clone3", syscall(SYS_clone3, &arguments, sizeof arguments));
}

int main(void)
{
	long child;

	make_children();
	child = syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWUTS | SIGCHLD, 0, 0, 0, 0);
	if (child == 0) {
		make_children();
		_exit(0);
	}
	tell("new", child);
	unshare(CLONE_NEWPID);
	tell("unshared", syscall(SYS_fork));
	return 0;
}
