/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Moments that are no calls: context switches, page faults, signals that arrive. Each has a program of its own, which is
 * attached only while the moment is wanted: there are many of them.
 */
#ifndef PEREGRINE_TRACEPOINTS_H
#define PEREGRINE_TRACEPOINTS_H

#include "filter.h"
#include "task.h"

static __always_inline void emit_switch(struct task_struct *previous, struct task_struct *next)
{
	struct mm_struct *mm = previous->mm;
	struct writer w;

	if (!record_begin(&w, EVENT_switch, PARAMS_switch, previous->pid))
		return;
	put_s64(&w, next->pid);
	put_u64(&w, previous->maj_flt);
	put_u64(&w, previous->min_flt);
	if (mm) {
		put_memory_sizes(&w, mm);
	} else {
		put_u32(&w, 0);
		put_u32(&w, 0);
		put_u32(&w, 0);
	}
	record_end(&w);
}

SEC("tp_btf/sched_switch")
int BPF_PROG(peregrine_switch, bool is_preempted, struct task_struct *previous, struct task_struct *next)
{
	if (!(previous->flags & PF_KTHREAD) && is_watched(previous))
		emit_switch(previous, next);
	return 0;
}

#define SIGHUP 1
#define SIGINT 2
#define SIGQUIT 3
#define SIGKILL 9
#define SIGTERM 15
#define SIGCHLD 17
#define SIGTSTP 20
#define SIGRTMIN 32

/* Who sent a signal, where the kernel says it; 0 where it does not. */
static __always_inline s64 signal_sender(u32 signal, struct kernel_siginfo *info)
{
	switch (signal) {
	case SIGHUP:
	case SIGINT:
	case SIGQUIT:
	case SIGTERM:
	case SIGTSTP:
		/* A positive code: it comes from the kernel, a terminal for one. */
		if (BPF_CORE_READ(info, si_code) > 0)
			return 0;
		break;
	case SIGKILL:
	case SIGCHLD:
		break;
	default:
		if (signal < SIGRTMIN)
			return 0;
	}
	/* The same place in each of its forms. */
	return BPF_CORE_READ(info, _sifields._kill._pid);
}

SEC("tp_btf/signal_deliver")
int BPF_PROG(peregrine_signal, int signal, struct kernel_siginfo *info)
{
	struct task_struct *task = current_task();
	struct writer w;

	if (!is_watched(task) || !record_begin(&w, EVENT_signaldeliver, PARAMS_signaldeliver, task->pid))
		return 0;
	put_s64(&w, signal_sender(signal, info));
	put_s64(&w, task->pid);
	put_u8(&w, signal);
	record_end(&w);
	return 0;
}

/* The wire has a bit for each state of the first three bits. */
static __always_inline u32 wire_fault(u64 error)
{
	return (error & 1 ? 0x1 : 0x2) | (error & 2 ? 0x4 : 0x8) | (error & 4 ? 0x10 : 0x20) |
	       (error & 8 ? 0x40 : 0) | (error & 16 ? 0x80 : 0);
}

static __always_inline void emit_page_fault(u64 address, struct pt_regs *regs, u64 error)
{
	struct task_struct *task = current_task();
	u32 cpu = bpf_get_smp_processor_id();
	struct scratch *scratch = bpf_map_lookup_elem(&scratches, &cpu);
	struct writer w;

	/* A record is being built here and now: it is our own reading of memory that faults. */
	if (!scratch || scratch->busy || !is_watched(task))
		return;
	if (!record_begin(&w, EVENT_page_fault, PARAMS_page_fault, task->pid))
		return;
	put_u64(&w, address);
	put_u64(&w, INSTRUCTION(regs));
	put_u32(&w, wire_fault(error));
	record_end(&w);
}

SEC("tp_btf/page_fault_user")
int BPF_PROG(peregrine_fault_user, unsigned long address, struct pt_regs *regs, unsigned long error)
{
	emit_page_fault(address, regs, error);
	return 0;
}

SEC("tp_btf/page_fault_kernel")
int BPF_PROG(peregrine_fault_kernel, unsigned long address, struct pt_regs *regs, unsigned long error)
{
	emit_page_fault(address, regs, error);
	return 0;
}

#endif
