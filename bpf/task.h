/* SPDX-License-Identifier: GPL-2.0 */
/* What a task is: ids, namespaces, memory, cgroups, and the file that it runs. */
#ifndef PEREGRINE_TASK_H
#define PEREGRINE_TASK_H

#include "paths.h"

/* A set of capabilities as one number, whatever the kernel's type of it. */
#define CAPABILITIES(cred, set) \
	({ \
		u64 __bits = 0; \
		bpf_core_read(&__bits, sizeof(__bits), &(cred)->set); \
		__bits; \
	})

#define PF_EXITING 0x4
#define PF_KTHREAD 0x00200000
#define RLIMIT_NOFILE 7
#define OVERLAYFS_MAGIC 0x794c7630
#define CAP_DAC_OVERRIDE 1
#define CAP_FOWNER 3
#define S_IWGRP 0020
#define S_IWOTH 0002
#define GROUPS_SEARCHED 32
#define WIRE_EXE_WRITABLE 1
#define WIRE_EXE_UPPER 2
#define WIRE_EXE_MEMFD 4
#define WIRE_EXE_LOWER 8

/* The number of `pid` in the innermost namespace of `of`. */
static __always_inline s64 number_in_namespace(struct pid *pid, struct pid *of)
{
	u32 level = BPF_CORE_READ(of, level);
	int number = 0;

	if (!pid || BPF_CORE_READ(pid, level) < level)
		return 0;
	bpf_probe_read_kernel(&number, sizeof(number), &pid->numbers[level & 63].nr);
	return number;
}

static __always_inline s64 number_of(struct pid *pid)
{
	return pid ? BPF_CORE_READ(pid, numbers[0].nr) : 0;
}

static __always_inline struct pid_namespace *namespace_of(struct pid *pid)
{
	struct pid_namespace *namespace = NULL;
	u32 level = BPF_CORE_READ(pid, level);

	bpf_probe_read_kernel(&namespace, sizeof(namespace), &pid->numbers[level & 63].ns);
	return namespace;
}

/* When the first process of the task's pid namespace started, nanoseconds since boot. */
static __always_inline u64 namespace_start(struct task_struct *task)
{
	return BPF_CORE_READ(namespace_of(task->thread_pid), child_reaper, start_boottime);
}

static __always_inline u32 resident_kb(struct mm_struct *mm, int counter)
{
	struct mm_struct___percpu *percpu = (void *)mm;
	struct mm_struct___atomic *atomic = (void *)mm;
	s64 pages;

	if (bpf_core_field_exists(percpu->rss_stat[0].count))
		pages = counter == 0 ? BPF_CORE_READ(percpu, rss_stat[0].count) :
			counter == 1 ? BPF_CORE_READ(percpu, rss_stat[1].count) :
			counter == 2 ? BPF_CORE_READ(percpu, rss_stat[2].count) :
				       BPF_CORE_READ(percpu, rss_stat[3].count);
	else
		pages = counter == 0 ? BPF_CORE_READ(atomic, rss_stat.count[0].counter) :
			counter == 1 ? BPF_CORE_READ(atomic, rss_stat.count[1].counter) :
			counter == 2 ? BPF_CORE_READ(atomic, rss_stat.count[2].counter) :
				       BPF_CORE_READ(atomic, rss_stat.count[3].counter);
	return pages < 0 ? 0 : pages << 2;
}

#define WRITE_CGROUP(scratch, at, set, subsystem, label, labelSize) \
	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, subsystem)) { \
		struct cgroup *cgroup = (set)->subsys[bpf_core_enum_value(enum cgroup_subsys_id, subsystem)]->cgroup; \
\
		at = bounded(at); \
		__builtin_memcpy((scratch)->record + at, label, labelSize); \
		at = bounded(write_cgroup_path(scratch, at + labelSize, (u64)BPF_CORE_READ(cgroup, kn))); \
	}

/*
 * `subsystem=path` for the five hierarchies that rules and container detection look at, a NUL after each. Returns the
 * offset after them.
 */
static __always_inline u64 write_cgroups(struct scratch *scratch, u64 at, struct task_struct *task)
{
	struct css_set *set = task->cgroups;

	WRITE_CGROUP(scratch, at, set, cpuset_cgrp_id, "cpuset=", 7);
	WRITE_CGROUP(scratch, at, set, cpu_cgrp_id, "cpu=", 4);
	WRITE_CGROUP(scratch, at, set, cpuacct_cgrp_id, "cpuacct=", 8);
	WRITE_CGROUP(scratch, at, set, io_cgrp_id, "io=", 3);
	WRITE_CGROUP(scratch, at, set, memory_cgrp_id, "memory=", 7);
	return at;
}

static __always_inline bool is_memfd(struct file *file)
{
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	char name[8] = {};

	if (BPF_CORE_READ(dentry, d_parent) != dentry)
		return false;
	bpf_probe_read_kernel(name, 6, BPF_CORE_READ(dentry, d_name.name));
	return name[0] == 'm' && name[1] == 'e' && name[2] == 'm' && name[3] == 'f' && name[4] == 'd' &&
	       name[5] == ':';
}

enum layer {
	LAYER_NONE,
	LAYER_UPPER,
	LAYER_LOWER,
};

/* Where an overlay file's data is. The overlay's inode ends with ours, and a pointer to the upper dentry follows. */
static __always_inline enum layer layer_of(struct file *file)
{
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	struct dentry *upper = NULL;
	struct inode *inode;

	if (BPF_CORE_READ(dentry, d_sb, s_magic) != OVERLAYFS_MAGIC)
		return LAYER_NONE;
	inode = BPF_CORE_READ(dentry, d_inode);
	bpf_probe_read_kernel(&upper, sizeof(upper), (void *)inode + bpf_core_type_size(struct inode));
	return upper && BPF_CORE_READ(upper, d_inode) ? LAYER_UPPER : LAYER_LOWER;
}

/* Since Linux 6.13 the top bit of the nanoseconds says that somebody asked for the time. */
#define CTIME_NANOSECONDS 0x7fffffff

static __always_inline u64 changed_at(struct inode *inode)
{
	struct inode___v66 *v66 = (void *)inode;
	struct inode___v60 *v60 = (void *)inode;

	if (bpf_core_field_exists(inode->i_ctime_sec))
		return BPF_CORE_READ(inode, i_ctime_sec) * 1000000000ULL +
		       (BPF_CORE_READ(inode, i_ctime_nsec) & CTIME_NANOSECONDS);
	if (bpf_core_field_exists(v66->__i_ctime))
		return BPF_CORE_READ(v66, __i_ctime.tv_sec) * 1000000000ULL + BPF_CORE_READ(v66, __i_ctime.tv_nsec);
	return BPF_CORE_READ(v60, i_ctime.tv_sec) * 1000000000ULL + BPF_CORE_READ(v60, i_ctime.tv_nsec);
}

static __always_inline u64 modified_at(struct inode *inode)
{
	struct inode___v66 *v66 = (void *)inode;
	struct inode___v60 *v60 = (void *)inode;

	if (bpf_core_field_exists(inode->i_mtime_sec))
		return BPF_CORE_READ(inode, i_mtime_sec) * 1000000000ULL + BPF_CORE_READ(inode, i_mtime_nsec);
	if (bpf_core_field_exists(v66->__i_mtime))
		return BPF_CORE_READ(v66, __i_mtime.tv_sec) * 1000000000ULL + BPF_CORE_READ(v66, __i_mtime.tv_nsec);
	return BPF_CORE_READ(v60, i_mtime.tv_sec) * 1000000000ULL + BPF_CORE_READ(v60, i_mtime.tv_nsec);
}

/* Whether a user namespace has a name for the id. The initial one has a single range with all ids. */
__noinline int is_mapped(u64 map_address, u32 id)
{
	struct uid_gid_map *map = (void *)map_address;
	u32 count = BPF_CORE_READ(map, nr_extents);

	if (count > 5)
		return true;
	for (u32 i = 0; i < 5; i++) {
		struct uid_gid_extent extent = {};

		if (i >= count)
			break;
		bpf_probe_read_kernel(&extent, sizeof(extent), &map->extent[i]);
		if (id - extent.lower_first < extent.count)
			return true;
	}
	return false;
}

__noinline int is_in_group(u64 groups_address, u32 gid)
{
	struct group_info *groups = (void *)groups_address;
	u32 count = BPF_CORE_READ(groups, ngroups);

	for (u32 i = 0; i < GROUPS_SEARCHED; i++) {
		u32 member = 0;

		if (i >= count)
			break;
		bpf_probe_read_kernel(&member, sizeof(member), &groups->gid[i]);
		if (member == gid)
			return true;
	}
	return false;
}

/* Whether the task may write to the file it runs: as its owner, by capability, by group or because anyone may. */
__noinline int is_writable(u64 cred_address, u64 inode_address)
{
	const struct cred *cred = (void *)cred_address;
	struct inode *inode = (void *)inode_address;
	u32 uid = BPF_CORE_READ(inode, i_uid.val), gid = BPF_CORE_READ(inode, i_gid.val);
	u16 mode = BPF_CORE_READ(inode, i_mode);
	u64 capabilities = CAPABILITIES(cred, cap_effective);

	if (uid == (u32)-1 || gid == (u32)-1)
		return false;
	if (BPF_CORE_READ(cred, fsuid.val) == uid || mode & S_IWOTH)
		return true;
	if (capabilities & (1 << CAP_FOWNER | 1 << CAP_DAC_OVERRIDE)) {
		struct user_namespace *namespace = BPF_CORE_READ(cred, user_ns);

		if (is_mapped((u64)&namespace->uid_map, uid)) {
			if (capabilities & 1 << CAP_FOWNER)
				return true;
			if (is_mapped((u64)&namespace->gid_map, gid))
				return true;
		}
	}
	if (!(mode & S_IWGRP))
		return false;
	return BPF_CORE_READ(cred, fsgid.val) == gid || is_in_group((u64)BPF_CORE_READ(cred, group_info), gid);
}

static __always_inline u32 exe_flags(struct task_struct *task, struct file *exe)
{
	enum layer layer = layer_of(exe);
	u32 flags = is_memfd(exe) ? WIRE_EXE_MEMFD : 0;

	if (is_writable((u64)BPF_CORE_READ(task, cred), (u64)BPF_CORE_READ(exe, f_inode)))
		flags |= WIRE_EXE_WRITABLE;
	if (layer == LAYER_UPPER)
		flags |= WIRE_EXE_UPPER;
	if (layer == LAYER_LOWER)
		flags |= WIRE_EXE_LOWER;
	return flags;
}

/* Number of the controlling terminal, 0 for none. */
static __always_inline u32 terminal_of(struct task_struct *task)
{
	struct tty_struct *tty = task->signal->tty;
	u32 major, minor;

	if (!tty)
		return 0;
	major = BPF_CORE_READ(tty, driver, major);
	minor = BPF_CORE_READ(tty, driver, minor_start) + BPF_CORE_READ(tty, index);
	return (minor & 0xff) | (major << 8) | ((minor & ~0xffU) << 12);
}

/* exe and args: the first argument, and the rest with a NUL after each, from the task's own memory. */
static __always_inline void put_arguments(struct writer *w, struct mm_struct *mm)
{
	u64 start = mm->arg_start, end = mm->arg_end;
	long length;

	length = read_user_text(w->record + w->at, LONGEST_TEXT, (void *)start);
	put_written(w, length);
	if (length < 0 || start + length >= end) {
		put_empty(w);
		return;
	}
	put_user_bytes(w, start + length, end - start - length, LONGEST_TEXT - 1);
	/* A process may have overwritten the last NUL. */
	w->record[bounded(w->at - 1)] = 0;
}

/* Virtual, resident and swapped memory, kilobytes. */
static __always_inline void put_memory_sizes(struct writer *w, struct mm_struct *mm)
{
	put_u32(w, mm->total_vm << 2);
	put_u32(w, resident_kb(mm, 0) + resident_kb(mm, 1) + resident_kb(mm, 3));
	put_u32(w, resident_kb(mm, 2));
}

/* Parameters 3 to 14 of the clone and exec families: tid to cgroups. */
static __always_inline void put_task(struct writer *w, struct task_struct *task)
{
	struct mm_struct *mm = task->mm;

	put_s64(w, task->pid);
	put_s64(w, task->tgid);
	put_s64(w, task->real_parent->tgid);
	put_empty(w); /* cwd: user space follows it */
	put_u64(w, task->signal->rlim[RLIMIT_NOFILE].rlim_cur);
	put_u64(w, task->maj_flt);
	put_u64(w, task->min_flt);
	put_memory_sizes(w, mm);
	put_kernel_text(w, task->comm);
	put_written(w, write_cgroups(w->scratch, w->at, task) - w->at);
}

#endif
