/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For programs that make calls and say which events must come of them, a line for each: `name parameter=value ...`, as
 * the tests render events. What is said is printed at the end, since printing makes calls of its own.
 */
#ifndef SAY_H
#define SAY_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static char said[1 << 17];
static size_t length_said;

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	length_said += vsnprintf(said + length_said, sizeof said - length_said, format, arguments);
	va_end(arguments);
}

/* Prints all that was said. Returns what the program returns: `status`, or 1 where it cannot print. */
static int print_said(int status)
{
	for (size_t at = 0; at < length_said;) {
		ssize_t written = write(1, said + at, length_said - at);

		if (written <= 0)
			return 1;
		at += written;
	}
	return status;
}

/* A call's result as the kernel gives it. */
static long call(long number, long a, long b, long c, long d, long e, long f)
{
	long result = syscall(number, a, b, c, d, e, f);

	return result < 0 ? -errno : result;
}

#define CALL6(n, a, b, c, d, e, f, ...) \
	call(SYS_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define CALL(...) CALL6(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

#endif
