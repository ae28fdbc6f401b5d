/* SPDX-License-Identifier: GPL-2.0 */
/* Which tasks and calls are watched. Filters derived from rules belong here too. */
#ifndef PEREGRINE_FILTER_H
#define PEREGRINE_FILTER_H

#include "cgroups.h"

/* Whether the task lives in or below the cgroup that the probe is limited to. */
static __always_inline bool in_scope(struct task_struct *task)
{
	u32 hierarchy = control.scope_hierarchy;
	u32 level = control.scope_level;
	struct cgroup *cgroup, *ancestor = NULL;

	if (hierarchy == SCOPE_NONE)
		return true;
	cgroup = cgroup_of(task, hierarchy);
	if (BPF_CORE_READ(cgroup, level) < (int)level)
		return false;
	bpf_probe_read_kernel(&ancestor, sizeof(ancestor), &cgroup->ancestors[level & 63]);
	return BPF_CORE_READ(ancestor, kn, id) == control.scope_cgroup;
}

/* Whether to look at the current task at all: `task`. */
static __always_inline bool is_watched(struct task_struct *task)
{
	if (!control.enabled)
		return false;
	if ((u32)task->tgid == control.ignored_tgid)
		return false;
	if (control.scope_hierarchy == SCOPE_UNIFIED)
		return bpf_get_current_ancestor_cgroup_id(control.scope_level) == control.scope_cgroup;
	return in_scope(task);
}

/* Whether to look at a task that the current one has just made: it may have been put elsewhere. */
static __always_inline bool is_child_watched(struct task_struct *child)
{
	if (!control.enabled)
		return false;
	if ((u32)(bpf_get_current_pid_tgid() >> 32) == control.ignored_tgid)
		return false;
	return in_scope(child);
}

#endif
