// SPDX-License-Identifier: GPL-2.0
/* The probe: where it hooks into the kernel. */
#include "filter.h"
#include "dispatch.h"
#include "dispatch-rare.h"
#include "fexit.h"

char LICENSE[] SEC("license") = "GPL";

/* 32-bit calls have numbers of another table, which this probe does not have yet. */
static __always_inline void count_compat(void)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct cpu_counters *counters_of_cpu = bpf_map_lookup_elem(&counters, &cpu);

	if (counters_of_cpu)
		counters_of_cpu->compat_skipped++;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(peregrine_sys_exit, struct pt_regs *regs, long ret)
{
	u64 number = SYSCALL_NUMBER(regs);
	struct task_struct *task;
	struct call c;
	u8 interest;

	/* First what nearly every call on the machine ends with. */
	if (number >= SYSCALL_TABLE_SIZE)
		return 0;
	interest = control.interest[number];
	if (!interest)
		return 0;
	task = bpf_get_current_task_btf();
	if (IS_COMPAT(task)) {
		if (interest & INTEREST_COMPAT && is_watched(task))
			count_compat();
		return 0;
	}
	if (!(interest & INTEREST_EMIT) || !is_watched(task))
		return 0;
	c.regs = regs;
	c.ret = ret;
	c.task = task;
	dispatch(&c, number, interest);
	return 0;
}

/* Attached only while one of its calls is wanted: it is one more program for every call of the machine. */
SEC("tp_btf/sys_exit")
int BPF_PROG(peregrine_rare, struct pt_regs *regs, long ret)
{
	u64 number = SYSCALL_NUMBER(regs);
	struct task_struct *task;
	struct call c;

	if (number >= SYSCALL_TABLE_SIZE || !(control.interest[number] & INTEREST_RARE))
		return 0;
	task = bpf_get_current_task_btf();
	if (IS_COMPAT(task) || !is_watched(task))
		return 0;
	c.regs = regs;
	c.ret = ret;
	c.task = task;
	dispatch_rare(&c, number);
	return 0;
}

/* The same for calls without an event type, in both hook modes. */
SEC("tp_btf/sys_exit")
int BPF_PROG(peregrine_generic, struct pt_regs *regs, long ret)
{
	u64 number = SYSCALL_NUMBER(regs);
	struct task_struct *task;

	if (number >= SYSCALL_TABLE_SIZE || !(control.interest[number] & INTEREST_GENERIC))
		return 0;
	task = bpf_get_current_task_btf();
	if (!IS_COMPAT(task) && is_watched(task))
		emit_generic(number);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(peregrine_exec, struct task_struct *task, int old_pid, struct linux_binprm *program)
{
	if (control.hooks & HOOK_EXEC && is_watched(task))
		emit_exec(task, program);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(peregrine_fork, struct task_struct *parent, struct task_struct *child)
{
	struct pt_regs *regs;

	if (!(control.hooks & HOOK_FORK) || parent->flags & PF_KTHREAD || !is_child_watched(child))
		return 0;
	regs = (struct pt_regs *)bpf_task_pt_regs(parent);
	emit_clone_child(child, SYSCALL_NUMBER(regs), ARG0(regs));
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(peregrine_exit, struct task_struct *task)
{
	if (control.hooks & HOOK_EXIT && !(task->flags & PF_KTHREAD) && is_watched(task))
		emit_exit(task);
	return 0;
}
