/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connections that were accepted and not told of, since no rule asks for that and most are closed without anything that
 * a rule looks at. Before the first reported event that uses such a descriptor, its accept is told after all: the tables
 * then have what they would have had. `known.h` has the marks.
 */
#ifndef PEREGRINE_UNTOLD_H
#define PEREGRINE_UNTOLD_H

#include "known.h"
#include "sockets.h"

#define SOCK_STREAM 1
#define IPPROTO_TCP 6

static __always_inline bool is_tcp(struct sock *sock)
{
	u16 family;

	if (!sock)
		return false;
	family = BPF_CORE_READ(sock, __sk_common.skc_family);
	return (family == AF_INET || family == AF_INET6) && BPF_CORE_READ(sock, sk_type) == SOCK_STREAM &&
	       BPF_CORE_READ(sock, sk_protocol) == IPPROTO_TCP;
}

/* Other processes with the same descriptors have marks of their own. */
static __always_inline bool shares_descriptors(struct task_struct *task)
{
	return task->files->count.counter > task->signal->nr_threads;
}

/*
 * A program that a thread executes takes over what is open, and not the marks, which are the main thread's. What is
 * closed on exec does not come that far; where there is one thread, it keeps its marks.
 */
static __always_inline bool keeps_its_mark(struct task_struct *task, u32 fd)
{
	return task->signal->nr_threads == 1 || is_closed_on_exec(task, fd);
}

/* Whether an accept with this result can be left untold; from now on it is. */
__noinline int leave_untold(s64 fd)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_struct *reader = readable(task);
	struct known_fds *known;

	if (fd < 0)
		return true;
	if (fd >= KNOWN_FDS || shares_descriptors(reader) || !keeps_its_mark(reader, fd) ||
	    !is_tcp(sock_of(file_of(reader, fd))))
		return false;
	if (!known_fds_of(task))
		begin_marks(task);
	known = known_fds_of(task);
	if (!known)
		return false;
	*mark_of(known, fd) = FD_UNTOLD;
	/* For good: under the next filter such connections are still there. */
	control.has_untold = 1;
	return true;
}

__noinline int is_untold(s64 fd)
{
	return is_fd_untold(any_marks_of(bpf_get_current_task_btf()), fd);
}

/* To be called before the record of a call that uses the descriptor. */
__noinline int tell_untold(s64 fd)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct known_fds *known = any_marks_of(task);
	struct arguments arguments = {};
	struct call c = {.regs = &arguments, .ret = fd, .task = readable(task), .tid = CURRENT_TID};

	if (!is_fd_untold(known, fd))
		return 0;
	*mark_of(known, fd) = FD_KNOWN;
	/* The connection is closed, and something else may have its number. */
	if (!is_tcp(sock_of(file_of(c.task, fd))))
		return 0;
	/* It is not known any more what listened. */
	arguments.values[0] = -1;
	arguments.values[3] = is_closed_on_exec(c.task, fd) ? O_CLOEXEC : 0;
	emit_accept(&c, EVENT_accept4, true);
	return 0;
}

/*
 * To be called when the descriptors of the current process become those of another task, too: `keeps_its_mark` or
 * `shares_descriptors` may give another answer from now on.
 */
__noinline int tell_all_untold(void)
{
	struct known_fds *known = any_marks_of(bpf_get_current_task_btf());

	if (!known)
		return 0;
	for (u32 fd = 0; fd < KNOWN_FDS; fd++)
		if (known->marks[fd] == FD_UNTOLD)
			tell_untold(fd);
	return 0;
}

#endif
