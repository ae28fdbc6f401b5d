/* SPDX-License-Identifier: GPL-2.0 */
/* Paths as the kernel holds them: of cgroups, and of open files. */
#ifndef PEREGRINE_PATHS_H
#define PEREGRINE_PATHS_H

#include "record.h"

#define NAME_MAX 255
#define CGROUP_DEPTH 32
#define CGROUP_LIMIT 1024 /* five of them must fit beside four long texts */

/*
 * Functions that loop are global and take numbers for kernel pointers: the verifier then looks at each once, by
 * itself, and not again for every way that leads to a call. Those that write return the offset after it.
 *
 * A pointer handed to them must be one that BPF_CORE_READ gave: a plain load yields a typed pointer, no number.
 */

/*
 * Writes `/a/b/c` and a NUL from the names that `scratch->links` holds, leaf first; 0 is no name. No name begins
 * beyond `limit` bytes.
 */
__noinline u64 write_links(struct scratch *scratch, u64 start, u32 count, u64 limit)
{
	volatile u64 *at;
	u64 end;

	if (!scratch)
		return start;
	at = &scratch->at;
	*at = start;
	for (u32 i = 0; i < LINK_COUNT; i++) {
		u64 offset = bounded(*at), name;
		long length;

		if (i >= count || *at - start > limit)
			break;
		name = scratch->links[(count - 1 - i) & (LINK_COUNT - 1)];
		if (!name)
			continue;
		scratch->record[offset] = '/';
		length = read_kernel_text(scratch->record + offset + 1, NAME_MAX + 1, (void *)name);
		if (length > 1)
			*at += length;
	}
	if (*at == start) {
		scratch->record[bounded(*at)] = '/';
		*at += 1;
	}
	end = bounded(*at);
	scratch->record[end] = 0;
	return end + 1;
}

/* Path of a cgroup below its hierarchy's root. */
__noinline u64 write_cgroup_path(struct scratch *scratch, u64 at, u64 node_address)
{
	struct kernfs_node *node = (void *)node_address;
	u32 count = 0;

	if (!scratch)
		return at;
	for (u32 i = 0; i < CGROUP_DEPTH; i++) {
		struct kernfs_node *parent;

		if (bpf_core_field_exists(node->__parent))
			parent = BPF_CORE_READ(node, __parent);
		else
			parent = BPF_CORE_READ((struct kernfs_node___v614 *)node, parent);
		if (!parent)
			break;
		scratch->links[i] = (u64)BPF_CORE_READ(node, name);
		count = i + 1;
		node = parent;
	}
	return write_links(scratch, at, count, CGROUP_LIMIT);
}

/*
 * A path as its mount namespace's root sees it. An anonymous memory file has none: its name alone. A file of no mounted
 * filesystem ends at that filesystem's root. A mount point on the way leaves an empty link.
 */
__noinline u64 write_path(struct scratch *scratch, u64 at, u64 path_address)
{
	struct path *path = (void *)path_address;
	struct vfsmount *vfsmount = BPF_CORE_READ(path, mnt);
	struct dentry *dentry = BPF_CORE_READ(path, dentry);
	struct dentry *mount_root = BPF_CORE_READ(vfsmount, mnt_root);
	struct mount *mount = (void *)vfsmount - bpf_core_field_offset(struct mount, mnt);
	u32 count = 0;

	if (!scratch)
		return at;
	if (dentry != mount_root && dentry == BPF_CORE_READ(dentry, d_parent)) {
		long length;

		at = bounded(at);
		length = read_kernel_text(scratch->record + at, NAME_MAX + 1,
						   BPF_CORE_READ(dentry, d_name.name));
		return length < 0 ? at : at + length;
	}
	for (u32 i = 0; i < LINK_COUNT; i++) {
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);

		scratch->links[i] = 0;
		if (dentry == mount_root) {
			struct mount *above = BPF_CORE_READ(mount, mnt_parent);

			if (above == mount)
				break;
			dentry = BPF_CORE_READ(mount, mnt_mountpoint);
			mount = above;
			mount_root = BPF_CORE_READ(mount, mnt.mnt_root);
		} else {
			if (dentry == parent)
				break;
			scratch->links[i] = (u64)BPF_CORE_READ(dentry, d_name.name);
			dentry = parent;
		}
		count = i + 1;
	}
	if (count == LINK_COUNT)
		scratch->truncated++;
	return write_links(scratch, at, count, LONGEST_TEXT - NAME_MAX - 2);
}

static __always_inline u64 path_address(struct file *file)
{
	return (u64)file + bpf_core_field_offset(struct file, f_path);
}

static __always_inline void put_file_path(struct writer *w, struct file *file)
{
	u64 start = w->at;

	put_written(w, file ? (long)(write_path(w->scratch, start, path_address(file)) - start) : 0);
}

#endif
