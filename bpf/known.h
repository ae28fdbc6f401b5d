/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which descriptors of a process user space may hold an entry for. What is not marked here is certainly unknown there:
 * a close of it, or a copy, changes nothing. Too many marks cost an event, one too few would be an error; therefore a
 * descriptor is marked before the record that tells of it is stamped (a fork copies the marks after its own record)
 * and again after it is out (another thread may just have closed the number), and a process without marks has all.
 *
 * A connection that was accepted may be left untold (untold.h): its mark says so until an event that is reported uses
 * the descriptor, which is preceded by the accept. Such a mark holds whatever the generation, and a close leaves it:
 * another thread may just have accepted a connection with the same number.
 */
#ifndef PEREGRINE_KNOWN_H
#define PEREGRINE_KNOWN_H

#include "call.h"

/* Descriptors from here on always count as known. One byte for each, so that marking one is a plain store. */
#define KNOWN_FDS 512

/* Marks. */
#define FD_UNKNOWN 0
#define FD_KNOWN 1
#define FD_UNTOLD 2 /* a connection, or what had its number before: user space has no entry */
#define EVERY_FD(mark) (0x0101010101010101ULL * (mark))

struct known_fds {
	u32 generation; /* differs from `control.fd_generation`: the marks are out of date */
	u32 padding;
	u8 marks[KNOWN_FDS];
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct known_fds);
} known_fds SEC(".maps");

/* The marks of the task's process, of whatever generation. */
static __always_inline struct known_fds *any_marks_of(struct task_struct *task)
{
	return bpf_task_storage_get(&known_fds, task->group_leader, NULL, 0);
}

/* The same; NULL where there are none to go by. */
static __always_inline struct known_fds *known_fds_of(struct task_struct *task)
{
	struct known_fds *known = any_marks_of(task);

	return known && known->generation == control.fd_generation ? known : NULL;
}

/* The verifier of Linux 6.1 has to see the mask, which the compiler would take for needless. */
static __always_inline u8 *mark_of(struct known_fds *known, s64 fd)
{
	asm volatile("" : "+r"(fd));
	return &known->marks[fd & (KNOWN_FDS - 1)];
}

static __always_inline bool is_fd_known(struct known_fds *known, s64 fd)
{
	if (fd < 0)
		return false;
	return !known || fd >= KNOWN_FDS || *mark_of(known, fd);
}

static __always_inline bool is_fd_untold(struct known_fds *known, s64 fd)
{
	return known && fd >= 0 && fd < KNOWN_FDS && *mark_of(known, fd) == FD_UNTOLD;
}

static __always_inline void mark_fd(struct task_struct *task, s64 fd, u8 mark)
{
	struct known_fds *known = known_fds_of(task);

	if (known && fd >= 0 && fd < KNOWN_FDS)
		*mark_of(known, fd) = mark;
}

/* Gives a process marks to go by: all that are not untold, from which closes take away. */
static __always_inline void begin_marks(struct task_struct *task)
{
	struct known_fds *known =
		bpf_task_storage_get(&known_fds, task->group_leader, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!known)
		return;
	for (u32 i = 0; i < KNOWN_FDS / 8; i++) {
		volatile u64 *marks = (volatile u64 *)known->marks + i;
		u64 untold = *marks & EVERY_FD(FD_UNTOLD);

		*marks = untold | (EVERY_FD(FD_KNOWN) & ~(untold >> 1));
	}
	asm volatile("" ::: "memory");
	known->generation = control.fd_generation;
}

/* A new process begins with its parent's descriptors; user space takes those of the parent that it then has. */
static __always_inline void copy_marks(struct task_struct *parent, struct task_struct *child)
{
	struct task_struct *born = readable(child);
	struct known_fds *from, *to;

	if (!(control.filter_slot | control.has_untold) || born->pid != born->tgid ||
	    born->real_parent->tgid != readable(parent)->tgid)
		return;
	from = any_marks_of(parent);
	if (!from)
		return;
	to = bpf_task_storage_get(&known_fds, child, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!to)
		return;
	for (u32 i = 0; i < KNOWN_FDS / 8; i++)
		((volatile u64 *)to->marks)[i] = ((volatile u64 *)from->marks)[i];
	asm volatile("" ::: "memory");
	to->generation = from->generation;
}

#endif
