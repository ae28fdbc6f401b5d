/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tells what it is, by what the kernel tells it of itself: a line for each parameter that the event of its start must
 * have, in the words of that parameter. Arguments and environment are ended by `|` each.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* The rest of the line of a file in /proc/self that begins with a word. */
static const char *rest_of(const char *file, const char *word)
{
	static char line[4096];
	FILE *stream = fopen(file, "r");

	while (stream && fgets(line, sizeof line, stream)) {
		if (strncmp(line, word, strlen(word)))
			continue;
		fclose(stream);
		line[strcspn(line, "\n")] = 0;
		return line + strlen(word);
	}
	return "";
}

static void tell_list(const char *name, char **list)
{
	printf("%s=", name);
	for (; *list; list++)
		printf("%s|", *list);
	printf("\n");
}

static unsigned long long capabilities(const char *set)
{
	return strtoull(rest_of("/proc/self/status", set), 0, 16);
}

static unsigned long long nanoseconds(struct timespec time)
{
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

/* Field of /proc/self/stat after the name, which may have blanks: the state is 0. */
static long stat_field(int index)
{
	const char *text = strrchr(rest_of("/proc/self/stat", ""), ')') + 2;

	for (; index > 0; index--)
		text = strchr(text, ' ') + 1;
	return atol(text);
}

/* Where a controller puts us: its own hierarchy, or the unified one. */
static void tell_cgroup(const char *shown, const char *controller)
{
	FILE *stream = fopen("/proc/self/cgroup", "r");
	char line[4096], unified[4096] = "";

	while (stream && fgets(line, sizeof line, stream)) {
		char *names = strchr(line, ':') + 1, *path = strchr(names, ':');

		*path++ = 0;
		path[strcspn(path, "\n")] = 0;
		if (!*names)
			strcpy(unified, path);
		for (char *name = strtok(names, ","); name; name = strtok(0, ",")) {
			if (strcmp(name, controller))
				continue;
			printf("%s=%s|", shown, path);
			fclose(stream);
			return;
		}
	}
	printf("%s=%s|", shown, unified);
	if (stream)
		fclose(stream);
}

int main(int count, char **arguments, char **environment)
{
	char path[4096] = {};
	struct rlimit files;
	struct stat exe;

	stat("/proc/self/exe", &exe);
	readlink("/proc/self/exe", path, sizeof path - 1);
	getrlimit(RLIMIT_NOFILE, &files);
	printf("res=0\nexe=%s\n", count > 0 ? arguments[0] : "");
	tell_list("args", count > 0 ? arguments + 1 : arguments);
	printf("pid=%d\nptid=%d\nfdlimit=%lu\n", getpid(), getppid(), files.rlim_cur);
	printf("comm=%s\n", rest_of("/proc/self/comm", ""));
	printf("cgroups=");
	tell_cgroup("cpuset", "cpuset");
	tell_cgroup("cpu", "cpu");
	tell_cgroup("cpuacct", "cpuacct");
	tell_cgroup("io", "blkio");
	tell_cgroup("memory", "memory");
	printf("\n");
	tell_list("env", environment);
	printf("tty=%ld\nvpgid=%d\nloginuid=%s\n", stat_field(4), getpgrp(), rest_of("/proc/self/loginuid", ""));
	printf("cap_inheritable=%llu\ncap_permitted=%llu\ncap_effective=%llu\n", capabilities("CapInh:"),
	       capabilities("CapPrm:"), capabilities("CapEff:"));
	printf("exe_ino=%lu\nexe_ino_ctime=%llu\nexe_ino_mtime=%llu\n", exe.st_ino, nanoseconds(exe.st_ctim),
	       nanoseconds(exe.st_mtim));
	printf("uid=%d\ntrusted_exepath=%s\npgid=%d\ngid=%d\n", geteuid(), path, getpgrp(), getegid());
	return 0;
}
