/* SPDX-License-Identifier: GPL-2.0 */
/* Which cgroup a task is in, in the unified hierarchy or in an older one. */
#ifndef PEREGRINE_CGROUPS_H
#define PEREGRINE_CGROUPS_H

#include "current.h"

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

/* The task's cgroup in a hierarchy as `control.scope_hierarchy` names it. */
static __always_inline struct cgroup *cgroup_of(struct task_struct *task, u32 hierarchy)
{
	struct css_set *set = task->cgroups;
	struct cgroup_subsys_state *state = NULL;

	if (hierarchy == SCOPE_UNIFIED)
		return set->dfl_cgrp;
	bpf_probe_read_kernel(&state, sizeof(state), &set->subsys[subsystem_index(hierarchy) & 15]);
	return BPF_CORE_READ(state, cgroup);
}

/*
 * A number for the current task's cgroup: the inode number of its directory, and its hierarchy in the top byte, since
 * numbers repeat between hierarchies. Where an older hierarchy is in use, containers are told apart there; what is at
 * its root may still be told apart in the unified one.
 */
static __always_inline u64 current_cgroup_key(void)
{
	u32 hierarchy = control.account_hierarchy;

	if (hierarchy >= SCOPE_V1) {
		struct cgroup *cgroup = cgroup_of(current_task(), hierarchy);

		if (BPF_CORE_READ(cgroup, level) > 0)
			return (u64)hierarchy << 56 | BPF_CORE_READ(cgroup, kn, id);
	}
	return (u64)SCOPE_UNIFIED << 56 | bpf_get_current_cgroup_id();
}

#endif
