/* SPDX-License-Identifier: GPL-2.0 */
/* Does one thing over and over on one CPU and prints the CPU time of one turn, nanoseconds. `work KIND COUNT CPU` */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static double cpu_ns(int who)
{
	struct rusage use;

	getrusage(who, &use);
	return (use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1e9 + (use.ru_utime.tv_usec + use.ru_stime.tv_usec) * 1e3;
}

int main(int count, char **arguments)
{
	const char *kind = count > 3 ? arguments[1] : "";
	long turns = count > 3 ? atol(arguments[2]) : 0;
	char *program[] = {"/bin/true", "a", "b", 0}, *environment[] = {0};
	cpu_set_t cpus;
	double start;

	CPU_ZERO(&cpus);
	CPU_SET(count > 3 ? atoi(arguments[3]) : 0, &cpus);
	sched_setaffinity(0, sizeof cpus, &cpus);
	start = cpu_ns(RUSAGE_SELF) + cpu_ns(RUSAGE_CHILDREN);
	for (long i = 0; i < turns; i++) {
		if (!strcmp(kind, "getppid")) {
			syscall(SYS_getppid);
		} else if (!strcmp(kind, "open")) {
			syscall(SYS_close, syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY));
		} else if (!strcmp(kind, "exec")) {
			pid_t child = fork();

			if (!child) {
				execve(program[0], program, environment);
				_exit(1);
			}
			waitpid(child, 0, 0);
		}
	}
	printf("%.1f\n", (cpu_ns(RUSAGE_SELF) + cpu_ns(RUSAGE_CHILDREN) - start) / turns);
	return 0;
}
