/* SPDX-License-Identifier: GPL-2.0 */
/* A system call at its exit, and the open files that its arguments name. */
#ifndef PEREGRINE_CALL_H
#define PEREGRINE_CALL_H

#include "record.h"

struct arguments {
	u64 values[6];
};

/* What an old call points to that is narrower than what the call of the same name points to: `call.narrow`. */
#define NARROW_TIME 1 /* seconds and their fractions of 32 bits */
#define NARROW_IDS 2 /* ids of 16 bits */
#define NARROW_OFFSET 4 /* an offset of 32 bits */

struct call {
	struct arguments *regs;
	long ret;
	struct task_struct *task;
	u32 tid; /* whose call it is: for one that a ring made, not the current task's */
	u32 narrow;
	u32 address_kind; /* IN_KERNEL where what an argument points to is the kernel's own copy */
	struct file *file; /* what the first argument names, where that is known without looking; else NULL */
	struct file *made; /* the same of the result */
};

/* Set in the length of an address: the bytes are the kernel's own copy. */
#define IN_KERNEL (1u << 31)

#define CURRENT_TID ((u32)bpf_get_current_pid_tgid())

#define BEGIN(w, event) record_begin(w, EVENT_##event, PARAMS_##event, c->tid)

#define ARG0(regs) ((regs)->values[0])
#define ARG1(regs) ((regs)->values[1])
#define ARG2(regs) ((regs)->values[2])
#define ARG3(regs) ((regs)->values[3])
#define ARG4(regs) ((regs)->values[4])
#define ARG5(regs) ((regs)->values[5])

/* Arguments that are C ints arrive with undefined upper halves. */
#define INT_ARG(call, n) ((s64)(s32)ARG##n((call)->regs))
#define U32_ARG(call, n) ((u32)ARG##n((call)->regs))

/* The open file behind a descriptor of the current task; NULL when there is none. */
static __always_inline struct file *file_of(struct task_struct *task, s32 fd)
{
	struct fdtable *table = task->files->fdt;
	struct file **files = table->fd;
	struct file *file = NULL;

	if (fd < 0 || (u32)fd >= table->max_fds)
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), &files[fd]);
	return file;
}

/* The open file that the first argument names. */
static __always_inline struct file *first_file(struct call *c)
{
	return c->file ?: file_of(c->task, INT_ARG(c, 0));
}

/* The open file that the result is a descriptor of. */
static __always_inline struct file *made_file(struct call *c)
{
	if (c->ret < 0)
		return NULL;
	return c->made ?: file_of(c->task, c->ret);
}

static __always_inline bool is_closed_on_exec(struct task_struct *task, u32 fd)
{
	unsigned long *words = BPF_CORE_READ(task, files, fdt, close_on_exec);
	unsigned long word = 0;

	bpf_probe_read_kernel(&word, sizeof(word), &words[fd / 64]);
	return word >> (fd & 63) & 1;
}

/* The commonest shape: the result and a path. */
static __always_inline void emit_result_path(struct call *c, u32 code, u32 params, u64 path)
{
	struct writer w;

	if (!record_begin(&w, code, params, c->tid))
		return;
	put_s64(&w, c->ret);
	put_user_text(&w, path);
	record_end(&w);
}

#define EMIT_PATH(call, event, path) emit_result_path(call, EVENT_##event, PARAMS_##event, path)

#endif
