/* SPDX-License-Identifier: GPL-2.0 */
/* Starts a program in a way that shells do not. Arguments: the way, and the program. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char *arguments[] = {"first", "second", 0}, *environment[] = {"A=1", "B=two words", 0};

static int memory_copy(const char *program)
{
	int from = open(program, O_RDONLY), to = memfd_create("copy", 0);
	struct stat s;

	fstat(from, &s);
	while (s.st_size > 0)
		s.st_size -= sendfile(to, from, 0, s.st_size);
	return to;
}

int main(int count, char **given)
{
	const char *way = given[1], *program = given[2];
	char *nothing[] = {0}, path[64];

	if (!strcmp(way, "memfd")) {
		syscall(SYS_execveat, memory_copy(program), "", arguments, environment, AT_EMPTY_PATH);
	} else if (!strcmp(way, "memfd-by-path")) {
		sprintf(path, "/proc/self/fd/%d", memory_copy(program));
		execve(path, arguments, environment);
	} else if (!strcmp(way, "descriptor")) {
		syscall(SYS_execveat, open(program, O_PATH), "", arguments, environment, AT_EMPTY_PATH);
	} else if (!strcmp(way, "directory")) {
		syscall(SYS_execveat, open("/", O_PATH), program + 1, arguments, environment, 0);
	} else if (!strcmp(way, "no-arguments")) {
		execve(program, nothing, environment);
	}
	return errno;
}
