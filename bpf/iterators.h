/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What runs, and what is open, when the probe comes: programs that the kernel runs over its own lists while user space
 * reads their output. User space knows the records from `scan-layout.ts`; change both together.
 *
 * Arguments and environments are left to /proc: it reads only a process's own memory, where the helper for iterators
 * would wait for whatever file system a hostile process has put behind its arguments.
 */
#ifndef PEREGRINE_ITERATORS_H
#define PEREGRINE_ITERATORS_H

#include "addresses.h"
#include "filter.h"
#include "task.h"

/* A buffer of its own: the kernel may interrupt a reader for a task whose events need that of the CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct scratch);
} scan_scratch SEC(".maps");

/* `task_record.flags`. */
#define TASK_SHARES_IMAGE 1 /* a thread: what its process has in common is in the main one's record */
#define TASK_CWD_DELETED 2
#define TASK_PATH_CUT 4 /* some path is longer than what is here */

/* Longer ones may have been cut. */
#define WHOLE_PATH (LONGEST_TEXT - 2 * NAME_MAX)

struct task_record {
	u32 bytes;
	u32 flags;
	s32 tid, pid, ptid, vtid, vpid, pgid, vpgid, sid;
	u32 uid, gid, loginuid, terminal;
	u32 vm_size, vm_rss, vm_swap;
	u32 exe_flags; /* WIRE_EXE_ */
	u64 start, namespace_start; /* nanoseconds since the epoch */
	u64 fd_limit, major_faults, minor_faults;
	u64 inheritable, permitted, effective;
	u64 exe_inode, exe_changed, exe_modified;
	char name[16];
	u32 lengths[4]; /* of the texts that follow, NUL and all: program, cwd, root, cgroups */
};

struct file_record {
	u32 bytes;
	s32 pid, fd;
	u32 flags; /* as open(2) takes them */
	u32 mode; /* type and permissions */
	u32 device; /* as stat(2) gives it */
	s32 mount;
	u32 length; /* of the text that follows: the link in /proc with its NUL, or what a unix socket is bound to */
	u64 inode;
	/* Sockets only. */
	u64 socket, peer; /* where the kernel has them: unix sockets */
	u16 family, type, protocol, state;
	u16 local_port, remote_port;
	u8 local_ip[16], remote_ip[16];
	u32 pad;
};

static __always_inline struct scratch *scan_buffer(void)
{
	u32 key = 0;

	return bpf_map_lookup_elem(&scan_scratch, &key);
}

/* Whether it has yet to end. One that is about to may have said so before the probe was there to see it. */
static __always_inline bool is_alive(struct task_struct *task)
{
	return BPF_CORE_READ(task, mm) && !(BPF_CORE_READ(task, flags) & PF_EXITING);
}

static __always_inline bool is_deleted(struct path *path)
{
	struct dentry *dentry = BPF_CORE_READ(path, dentry);

	return !BPF_CORE_READ(dentry, d_hash.pprev) && BPF_CORE_READ(dentry, d_parent) != dentry;
}

/* Writes a path and its length into the record. Returns the offset after it. */
static __always_inline u64 add_path(struct scratch *scratch, u64 at, u32 index, u64 path)
{
	struct task_record *record = (void *)scratch->record;
	u32 truncated = scratch->truncated;
	u64 end = write_path(scratch, at, path);

	record->lengths[index] = end - at;
	if (end - at > WHOLE_PATH || scratch->truncated != truncated)
		record->flags |= TASK_PATH_CUT;
	return bounded(end);
}

/* What all threads of a process have in common. Returns the offset after its texts. */
static __always_inline u64 write_image(struct scratch *scratch, struct task_struct *task)
{
	struct task_record *record = (void *)scratch->record;
	u64 fs = (u64)BPF_CORE_READ(task, fs), at = sizeof(*record), end;
	u64 cwd = fs + bpf_core_field_offset(struct fs_struct, pwd);
	struct file *exe = BPF_CORE_READ(task, mm, exe_file);
	struct inode *inode = BPF_CORE_READ(exe, f_inode);

	record->exe_flags = exe ? exe_flags(task, exe) : 0;
	record->exe_inode = BPF_CORE_READ(inode, i_ino);
	record->exe_changed = exe ? changed_at(inode) : 0;
	record->exe_modified = exe ? modified_at(inode) : 0;
	if (exe)
		at = add_path(scratch, at, 0, path_address(exe));
	if (fs) {
		at = add_path(scratch, at, 1, cwd);
		if (is_deleted((void *)cwd))
			record->flags |= TASK_CWD_DELETED;
		at = add_path(scratch, at, 2, fs + bpf_core_field_offset(struct fs_struct, root));
	}
	end = write_cgroups(scratch, at, task);
	record->lengths[3] = end - at;
	return end;
}

static __always_inline void write_task(struct task_record *record, struct task_struct *task)
{
	const struct cred *cred = BPF_CORE_READ(task, cred);
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	struct signal_struct *signal = BPF_CORE_READ(task, signal);
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	struct pid *group = BPF_CORE_READ(signal, pids[PIDTYPE_PGID]);

	record->tid = BPF_CORE_READ(task, pid);
	record->pid = BPF_CORE_READ(task, tgid);
	record->ptid = BPF_CORE_READ(task, real_parent, tgid);
	record->vtid = number_in_namespace(pid, pid);
	record->vpid = number_in_namespace(BPF_CORE_READ(signal, pids[PIDTYPE_TGID]), pid);
	record->pgid = number_of(group);
	record->vpgid = number_in_namespace(group, pid);
	record->sid = number_of(BPF_CORE_READ(signal, pids[PIDTYPE_SID]));
	record->uid = BPF_CORE_READ(cred, euid.val);
	record->gid = BPF_CORE_READ(cred, egid.val);
	record->loginuid = BPF_CORE_READ(task, loginuid.val);
	record->terminal = terminal_of(task);
	record->vm_size = BPF_CORE_READ(mm, total_vm) << 2;
	record->vm_rss = resident_kb(mm, 0) + resident_kb(mm, 1) + resident_kb(mm, 3);
	record->vm_swap = resident_kb(mm, 2);
	record->start = BPF_CORE_READ(task, start_boottime) + control.boot_to_epoch_ns;
	record->namespace_start = namespace_start(task) + control.boot_to_epoch_ns;
	record->fd_limit = BPF_CORE_READ(signal, rlim[RLIMIT_NOFILE].rlim_cur);
	record->major_faults = BPF_CORE_READ(task, maj_flt);
	record->minor_faults = BPF_CORE_READ(task, min_flt);
	record->inheritable = CAPABILITIES(cred, cap_inheritable);
	record->permitted = CAPABILITIES(cred, cap_permitted);
	record->effective = CAPABILITIES(cred, cap_effective);
	bpf_probe_read_kernel(record->name, sizeof(record->name), task->comm);
}

SEC("iter/task")
int peregrine_tasks(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct scratch *scratch = scan_buffer();
	struct task_record *record;
	struct task_struct *main;
	u64 at = sizeof(*record);

	if (!task || !scratch)
		return 0;
	task = readable(task);
	if (task->flags & PF_KTHREAD || !is_alive(task) || !in_scope(task))
		return 0;
	record = (void *)scratch->record;
	__builtin_memset(record, 0, sizeof(*record));
	write_task(record, task);
	main = BPF_CORE_READ(task, group_leader);
	if (record->tid != record->pid && is_alive(main))
		record->flags = TASK_SHARES_IMAGE;
	else
		at = write_image(scratch, task);
	record->bytes = bounded(at);
	bpf_seq_write(context->meta->seq, record, bounded(at));
	return 0;
}

/* Returns the bytes of text after the record. */
static __always_inline u32 write_unix_name(struct file_record *record, struct sock *sock, u8 *to)
{
	struct unix_sock *unix_sock = (void *)sock;
	struct unix_address *address = BPF_CORE_READ(unix_sock, addr);
	int length;

	record->socket = (u64)sock;
	record->peer = (u64)BPF_CORE_READ(unix_sock, peer);
	length = address ? BPF_CORE_READ(address, len) - 2 : 0;
	if (length <= 0 || length > UNIX_PATH_MAX)
		return 0;
	asm volatile("%0 &= 0x7f" : "+r"(length));
	if (bpf_probe_read_kernel(to, length,
				  (void *)address + bpf_core_field_offset(struct unix_address, name) + 2))
		return 0;
	return length;
}

static __always_inline u32 write_socket(struct file_record *record, struct file *file, u8 *to)
{
	struct socket *socket = BPF_CORE_READ(file, private_data);
	struct sock *sock = BPF_CORE_READ(socket, sk);

	if (!sock)
		return 0;
	record->family = BPF_CORE_READ(sock, __sk_common.skc_family);
	record->type = BPF_CORE_READ(sock, sk_type);
	record->protocol = BPF_CORE_READ(sock, sk_protocol);
	record->state = BPF_CORE_READ(sock, __sk_common.skc_state);
	if (record->family == AF_UNIX)
		return write_unix_name(record, sock, to);
	if (record->family == AF_INET6) {
		BPF_CORE_READ_INTO((struct in6_addr *)record->local_ip, sock, __sk_common.skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO((struct in6_addr *)record->remote_ip, sock, __sk_common.skc_v6_daddr);
	} else if (record->family == AF_INET) {
		*(u32 *)record->local_ip = BPF_CORE_READ(sock, __sk_common.skc_rcv_saddr);
		*(u32 *)record->remote_ip = BPF_CORE_READ(sock, __sk_common.skc_daddr);
	} else {
		return 0;
	}
	record->local_port = BPF_CORE_READ(sock, __sk_common.skc_num);
	record->remote_port = host_order(BPF_CORE_READ(sock, __sk_common.skc_dport));
	return 0;
}

SEC("iter/task_file")
int peregrine_files(struct bpf_iter__task_file *context)
{
	struct task_struct *task = context->task;
	struct file *file = context->file;
	struct scratch *scratch = scan_buffer();
	struct file_record *record;
	struct mount *mount;
	struct inode *inode;
	u32 fd = context->fd;
	long length;
	u8 *text;

	if (!task || !file || !scratch)
		return 0;
	task = readable(task);
	if (task->pid != task->tgid || task->flags & PF_KTHREAD || !in_scope(task))
		return 0;
	record = (void *)scratch->record;
	text = scratch->record + sizeof(*record);
	__builtin_memset(record, 0, sizeof(*record));
	inode = BPF_CORE_READ(file, f_inode);
	mount = (void *)BPF_CORE_READ(file, f_path.mnt) - bpf_core_field_offset(struct mount, mnt);
	record->pid = task->pid;
	record->fd = fd;
	record->flags = (BPF_CORE_READ(file, f_flags) & ~O_CLOEXEC) | (is_closed_on_exec(task, fd) ? O_CLOEXEC : 0);
	record->mode = BPF_CORE_READ(inode, i_mode);
	record->device = wire_device(BPF_CORE_READ(inode, i_sb, s_dev));
	record->mount = BPF_CORE_READ(mount, mnt_id);
	record->inode = BPF_CORE_READ(inode, i_ino);
	if ((record->mode & S_IFMT) == S_IFSOCK)
		length = write_socket(record, file, text);
	else
		length = bpf_d_path(&file->f_path, (char *)text, LONGEST_TEXT);
	if (length < 0)
		length = 0;
	record->length = length;
	length = bounded(sizeof(*record) + length);
	record->bytes = length;
	bpf_seq_write(context->meta->seq, record, length);
	return 0;
}

#endif
