/* SPDX-License-Identifier: GPL-2.0 */
/* Tasks as memory to read. */
#ifndef PEREGRINE_CURRENT_H
#define PEREGRINE_CURRENT_H

#include "control.h"

void *bpf_rdonly_cast(const void *object, u32 type) __ksym __weak;

/*
 * The same task, no longer trusted. The verifier of Linux 6.4 and later looks up four names among all the kernel's types
 * whenever a pointer is read from a trusted task, half a millisecond each time: without this, most of what loading takes.
 * Helpers that want a task must be given the trusted one.
 */
static __always_inline struct task_struct *readable(struct task_struct *task)
{
	if (bpf_rdonly_cast)
		return bpf_rdonly_cast(task, bpf_core_type_id_kernel(struct task_struct));
	return task;
}

static __always_inline struct task_struct *current_task(void)
{
	return readable(bpf_get_current_task_btf());
}

#endif
