/* SPDX-License-Identifier: GPL-2.0 */
/* Processes: exec, clone, exit. */
#ifndef PEREGRINE_PROCESS_H
#define PEREGRINE_PROCESS_H

#include "compat.h"
#include "task.h"
#include "flags.h"

#define ARGUMENT_COUNT 64

/* Parameters 16 to 29 of the exec family: tty to gid. */
static __always_inline void put_exec_tail(struct writer *w, struct task_struct *task)
{
	const struct cred *cred = task->cred;
	struct file *exe = BPF_CORE_READ(task, mm, exe_file);
	struct inode *inode = BPF_CORE_READ(exe, f_inode);
	struct pid *group = task->signal->pids[PIDTYPE_PGID];

	put_u32(w, terminal_of(task));
	put_s64(w, number_in_namespace(group, task->thread_pid));
	put_u32(w, task->loginuid.val);
	put_u32(w, exe_flags(task, exe));
	put_u64(w, CAPABILITIES(cred, cap_inheritable));
	put_u64(w, CAPABILITIES(cred, cap_permitted));
	put_u64(w, CAPABILITIES(cred, cap_effective));
	put_u64(w, BPF_CORE_READ(inode, i_ino));
	put_u64(w, changed_at(inode));
	put_u64(w, modified_at(inode));
	put_u32(w, cred->euid.val);
	put_file_path(w, exe);
	put_s64(w, number_of(group));
	put_u32(w, cred->egid.val);
}

/* A successful execve or execveat: from the scheduler's tracepoint, since the registers are gone at the call's exit. */
static __always_inline void emit_exec(struct task_struct *task, struct linux_binprm *program)
{
	struct mm_struct *mm = task->mm;
	struct writer w;

	if (!record_begin(&w, EVENT_execve, PARAMS_execve, task->pid))
		return;
	put_s64(&w, 0);
	put_arguments(&w, mm);
	put_task(&w, task);
	put_user_bytes(&w, mm->env_start, mm->env_end - mm->env_start, LONGEST_TEXT - 1);
	put_exec_tail(&w, task);
	put_kernel_text(&w, program->filename);
	record_end(&w);
}

/* Strings of a user-space vector, a NUL after each, at most LONGEST_TEXT bytes. Returns the offset after them. */
__noinline u64 write_user_vector(struct scratch *scratch, u64 start, u64 vector)
{
	if (!scratch || !vector)
		return start;
	scratch->at = start;
	for (u32 i = 0; i < ARGUMENT_COUNT; i++) {
		volatile u64 *at = &scratch->at;
		u64 address = 0;
		long length;

		if (read_user_pointer(&address, vector, i) || !address)
			break;
		length = read_user_text(scratch->record + bounded(*at), LONGEST_TEXT, (void *)address);
		if (length < 0 || *at + length - start > LONGEST_TEXT)
			break;
		*at += length;
	}
	return scratch->at;
}

static __always_inline void put_user_vector(struct writer *w, u64 vector)
{
	put_written(w, write_user_vector(w->scratch, w->at, vector) - w->at);
}

static __always_inline void emit_failed_exec(struct task_struct *task, u32 code, u32 params, long ret, u64 filename,
					     u64 arguments, u64 environment)
{
	u64 first = 0;
	struct writer w;

	if (!record_begin(&w, code, params, task->pid))
		return;
	put_s64(&w, ret);
	if (arguments)
		read_user_pointer(&first, arguments, 0);
	put_user_text(&w, first);
	put_user_vector(&w, first ? arguments + (is_compat() ? 4 : 8) : 0);
	put_task(&w, task);
	put_user_vector(&w, environment);
	put_exec_tail(&w, task);
	if (code == EVENT_execve)
		put_user_text(&w, filename);
	record_end(&w);
}

/* Either side of clone, clone3, fork and vfork. `ret`: 0 at the child, its pid at the caller. */
static __always_inline void emit_clone(struct task_struct *task, u32 code, long ret, u32 flags, u64 namespace_start_ns)
{
	const struct cred *cred = task->cred;
	struct pid *process = task->signal->pids[PIDTYPE_TGID];
	struct writer w;

	if (!record_begin(&w, code, PARAMS_clone, task->pid))
		return;
	put_s64(&w, ret);
	put_arguments(&w, task->mm);
	put_task(&w, task);
	put_u32(&w, flags);
	put_u32(&w, cred->euid.val);
	put_u32(&w, cred->egid.val);
	put_s64(&w, number_in_namespace(task->thread_pid, task->thread_pid));
	put_s64(&w, number_in_namespace(process, task->thread_pid));
	put_u64(&w, namespace_start_ns);
	record_end(&w);
}

static __always_inline u32 clone_code(u64 number)
{
	return number == NR_clone3 ? EVENT_clone3 : number == NR_fork ? EVENT_fork : number == NR_vfork ? EVENT_vfork : EVENT_clone;
}

/* Flags as the caller gave them; fork and vfork have none. */
static __always_inline u32 clone_flags(u64 number, u64 argument)
{
	u64 flags = 0;

	if (number == NR_clone)
		flags = argument;
	else if (number == NR_clone3)
		read_user(&flags, sizeof(flags), (void *)argument);
	return wire_clone_flags(flags);
}

/* The caller's side. Says when the child is in a namespace that the caller's numbers do not reach. */
static __always_inline void emit_clone_caller(struct task_struct *task, u64 number, u64 argument, long ret)
{
	u32 flags = clone_flags(number, argument);

	if (namespace_of(task->thread_pid) != task->nsproxy->pid_ns_for_children ||
	    BPF_CORE_READ(task->thread_pid, level) > 0)
		flags |= WIRE_CLONE_CHILD_IN_PIDNS;
	emit_clone(task, clone_code(number), ret, flags, 0);
}

/* The child's side, before the child runs: it precedes every other event of the child. */
static __always_inline void emit_clone_child(struct task_struct *child, u64 number, u64 argument)
{
	u32 flags = clone_flags(number, argument);

	if (BPF_CORE_READ(child->thread_pid, level) > 0)
		flags |= WIRE_CLONE_CHILD_IN_PIDNS;
	/* Whatever the registers say: a 32-bit caller's are of another table. */
	if (child->pid != child->tgid)
		flags |= WIRE_CLONE_THREAD;
	emit_clone(child, clone_code(number), 0, flags, namespace_start(child));
}

#define REAPER_THREADS 32
#define REAPER_ANCESTORS 32

/* Pid of a thread of the process that is not exiting; 0 when there is none. */
__noinline int alive_thread(u64 signal_address)
{
	struct signal_struct *signal = (void *)signal_address;
	struct list_head *head = (void *)(signal_address + bpf_core_field_offset(struct signal_struct, thread_head));
	struct list_head *node = BPF_CORE_READ(signal, thread_head.next);
	u64 offset = bpf_core_field_offset(struct task_struct, thread_node);

	for (u32 i = 0; i < REAPER_THREADS; i++) {
		struct task_struct *thread = (void *)node - offset;

		if (!node || node == head)
			return 0;
		if (!(BPF_CORE_READ(thread, flags) & PF_EXITING))
			return BPF_CORE_READ(thread, pid);
		node = BPF_CORE_READ(node, next);
	}
	return 0;
}

/* The nearest ancestor that adopts orphans, not beyond the pid namespace; 0 when there is none. */
__noinline int subreaper_of(u64 parent_address, u32 level)
{
	struct task_struct *ancestor = (void *)parent_address;

	for (u32 i = 0; i < REAPER_ANCESTORS; i++) {
		struct signal_struct *signal;

		if (!BPF_CORE_READ(ancestor, pid) || BPF_CORE_READ(ancestor, thread_pid, level) != level)
			break;
		signal = BPF_CORE_READ(ancestor, signal);
		if (BPF_CORE_READ_BITFIELD_PROBED(signal, is_child_subreaper)) {
			int reaper = alive_thread((u64)signal);

			if (reaper)
				return reaper;
		}
		ancestor = BPF_CORE_READ(ancestor, real_parent);
	}
	return 0;
}

/* Who the children of an exiting task go to, as the kernel will choose; 0 when it has none. */
static __always_inline s64 reaper_of(struct task_struct *task)
{
	struct list_head *first = BPF_CORE_READ(task, children.next);
	struct signal_struct *signal = BPF_CORE_READ(task, signal);
	struct pid *pid = task->thread_pid;
	struct task_struct *namespace_reaper;
	int reaper;

	/* An empty list points at itself. */
	if (BPF_CORE_READ(first, next) == first)
		return 0;
	reaper = alive_thread((u64)signal);
	if (!reaper && BPF_CORE_READ_BITFIELD_PROBED(signal, has_child_subreaper))
		reaper = subreaper_of((u64)BPF_CORE_READ(task, real_parent), BPF_CORE_READ(pid, level));
	if (reaper)
		return reaper;
	namespace_reaper = BPF_CORE_READ(namespace_of(pid), child_reaper);
	return BPF_CORE_READ(namespace_reaper, pid);
}

static __always_inline void emit_exit(struct task_struct *task)
{
	u32 status = task->exit_code;
	struct writer w;

	if (!record_begin(&w, EVENT_procexit, PARAMS_procexit, task->pid))
		return;
	put_s64(&w, status);
	put_s64(&w, status >> 8 & 0xff);
	put_u8(&w, status & 0x7f);
	put_u8(&w, (status & 0x80) != 0);
	put_s64(&w, reaper_of(task));
	record_end(&w);
}

#endif
