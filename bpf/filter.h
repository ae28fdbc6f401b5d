/* SPDX-License-Identifier: GPL-2.0 */
/* Which tasks and calls are watched. Filters derived from rules belong here too. */
#ifndef PEREGRINE_FILTER_H
#define PEREGRINE_FILTER_H

#include "control.h"

#define SUBSYSTEM_INDEX(name) \
	(bpf_core_enum_value_exists(enum cgroup_subsys_id, name) ? \
		 bpf_core_enum_value(enum cgroup_subsys_id, name) : 0)

/* This kernel's index of the subsystem that stands for a v1 hierarchy, in the order of `scope.ts`. */
static __always_inline u32 subsystem_index(u32 hierarchy)
{
	switch (hierarchy - SCOPE_V1) {
	case 0:
		return SUBSYSTEM_INDEX(cpuset_cgrp_id);
	case 1:
		return SUBSYSTEM_INDEX(cpu_cgrp_id);
	case 2:
		return SUBSYSTEM_INDEX(cpuacct_cgrp_id);
	case 3:
		return SUBSYSTEM_INDEX(io_cgrp_id);
	case 4:
		return SUBSYSTEM_INDEX(memory_cgrp_id);
	case 5:
		return SUBSYSTEM_INDEX(devices_cgrp_id);
	case 6:
		return SUBSYSTEM_INDEX(freezer_cgrp_id);
	default:
		return SUBSYSTEM_INDEX(pids_cgrp_id);
	}
}

/* Whether the task lives in or below the cgroup that the probe is limited to. */
static __always_inline bool in_scope(struct task_struct *task)
{
	u32 hierarchy = control.scope_hierarchy;
	u32 level = control.scope_level;
	struct cgroup *cgroup, *ancestor = NULL;

	if (hierarchy == SCOPE_NONE)
		return true;
	if (hierarchy == SCOPE_UNIFIED) {
		cgroup = task->cgroups->dfl_cgrp;
	} else {
		struct css_set *set = task->cgroups;
		struct cgroup_subsys_state *state = NULL;

		bpf_probe_read_kernel(&state, sizeof(state), &set->subsys[subsystem_index(hierarchy) & 15]);
		cgroup = BPF_CORE_READ(state, cgroup);
	}
	if (BPF_CORE_READ(cgroup, level) < (int)level)
		return false;
	bpf_probe_read_kernel(&ancestor, sizeof(ancestor), &cgroup->ancestors[level & 63]);
	return BPF_CORE_READ(ancestor, kn, id) == control.scope_cgroup;
}

/* Whether to look at the current task at all. */
static __always_inline bool is_watched(struct task_struct *task)
{
	if (!control.enabled)
		return false;
	if ((u32)(bpf_get_current_pid_tgid() >> 32) == control.ignored_tgid)
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
