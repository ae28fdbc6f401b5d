// SPDX-License-Identifier: GPL-2.0
/* The probe: where it hooks into the kernel. */
#include "filter.h"
#include "dispatch.h"
#include "dispatch-rare.h"
#include "fexit.h"
#include "io-uring.h"
#include "iterators.h"
#include "tracepoints.h"

char LICENSE[] SEC("license") = "GPL";

SEC("tp_btf/sys_exit")
int BPF_PROG(peregrine_sys_exit, struct pt_regs *regs, long ret)
{
	u64 number = SYSCALL_NUMBER(regs);
	struct task_struct *task;
	struct arguments arguments;
	struct call c = {};
	u8 interest;

	/* First what nearly every call on the machine ends with. */
	if (number >= SYSCALL_TABLE_SIZE)
		return 0;
	interest = control.interest[number];
	if (!interest)
		return 0;
	task = current_task();
	if (IS_COMPAT(task)) {
		if (!(interest & INTEREST_COMPAT) || !is_watched(task))
			return 0;
		arguments = (struct arguments){COMPAT_ARGUMENTS(regs)};
		c.narrow = compat_narrowness(number);
		number = translate_compat(&arguments, number);
		if (number >= SYSCALL_TABLE_SIZE)
			return 0;
		interest = control.interest[number];
		if (!(interest & INTEREST_EMIT))
			return 0;
		ret = (int)ret;
	} else {
		if (only_compat || !(interest & INTEREST_EMIT) || !is_watched(task))
			return 0;
		arguments = (struct arguments){REGISTER_ARGUMENTS(regs)};
	}
	c.regs = &arguments;
	c.ret = ret;
	c.task = task;
	c.tid = task->pid;
	report(&c, number, interest);
	return 0;
}

/* Whether a call with this number is asked for: as one of the machine's own, or as one of the 32-bit table. */
static __always_inline bool is_asked_for(struct task_struct *task, u8 interest, u8 kind)
{
	return interest & (IS_COMPAT(task) ? INTEREST_COMPAT : kind);
}

/* Attached only while one of its calls is wanted: it is one more program for every call of the machine. */
SEC("tp_btf/sys_exit")
int BPF_PROG(peregrine_rare, struct pt_regs *regs, long ret)
{
	u64 number = SYSCALL_NUMBER(regs);
	struct task_struct *task;
	struct arguments arguments;
	struct call c = {};
	u8 interest;

	if (number >= SYSCALL_TABLE_SIZE)
		return 0;
	interest = control.interest[number] & (INTEREST_RARE | INTEREST_COMPAT);
	if (!interest)
		return 0;
	task = current_task();
	if (!is_asked_for(task, interest, only_compat ? 0 : INTEREST_RARE) || !is_watched(task))
		return 0;
	c.regs = &arguments;
	c.ret = ret;
	c.task = task;
	c.tid = CURRENT_TID;
	if (IS_COMPAT(task)) {
		arguments = (struct arguments){COMPAT_ARGUMENTS(regs)};
		number = translate_rare(&c, number);
		if (number >= SYSCALL_TABLE_SIZE)
			return 0;
	} else {
		arguments = (struct arguments){REGISTER_ARGUMENTS(regs)};
	}
	if (control.interest[number] & INTEREST_RARE)
		dispatch_rare(&c, number);
	return 0;
}

/* The same for calls without an event type, in both hook modes. */
SEC("tp_btf/sys_exit")
int BPF_PROG(peregrine_generic, struct pt_regs *regs, long ret)
{
	u64 number = SYSCALL_NUMBER(regs);
	struct task_struct *task;
	u8 interest;

	if (number >= SYSCALL_TABLE_SIZE)
		return 0;
	interest = control.interest[number] & (INTEREST_GENERIC | INTEREST_COMPAT);
	if (!interest)
		return 0;
	task = current_task();
	if (!is_asked_for(task, interest, INTEREST_GENERIC) || !is_watched(task))
		return 0;
	if (IS_COMPAT(task)) {
		number = number == COMPAT_IPC ? ipc_call((u16)COMPAT_ARGUMENT0(regs)) : control.compat_calls[number];
		if (number >= SYSCALL_TABLE_SIZE)
			return 0;
	}
	if (control.interest[number] & INTEREST_GENERIC)
		emit_generic(CURRENT_TID, number);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(peregrine_exec, struct task_struct *task, int old_pid, struct linux_binprm *program)
{
	if (!(control.hooks & HOOK_EXEC) || !is_watched(task))
		return 0;
	emit_exec(readable(task), program);
	judge_exec();
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(peregrine_fork, struct task_struct *parent, struct task_struct *born)
{
	struct task_struct *child = readable(born);
	struct pt_regs *regs;
	u64 number, argument;

	if (!(control.hooks & HOOK_FORK) || parent->flags & PF_KTHREAD || !is_child_watched(child))
		return 0;
	if (control.has_untold && child->files == readable(parent)->files && child->files->count.counter == 2)
		tell_all_untold();
	regs = (struct pt_regs *)bpf_task_pt_regs(parent);
	number = SYSCALL_NUMBER(regs);
	if (IS_COMPAT(parent)) {
		struct arguments arguments = {COMPAT_ARGUMENTS(regs)};

		number = control.compat_calls[number & (SYSCALL_TABLE_SIZE - 1)];
		argument = ARG0(&arguments);
	} else {
		struct arguments arguments = {REGISTER_ARGUMENTS(regs)};

		argument = ARG0(&arguments);
	}
	emit_clone_child(child, number, argument);
	copy_marks(parent, born);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(peregrine_exit, struct task_struct *task)
{
	if (control.hooks & HOOK_EXIT && !(task->flags & PF_KTHREAD) && is_watched(task))
		emit_exit(readable(task));
	return 0;
}
