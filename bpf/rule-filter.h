/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Filters that user space derives from the rules: calls that no rule and no table can need are not reported. A filter
 * may let through too much, never too little. The layout is written by `encode.ts`, and `filter-twin.ts` decides the
 * same in user space; change all three together.
 */
#ifndef PEREGRINE_RULE_FILTER_H
#define PEREGRINE_RULE_FILTER_H

#include "known.h"
#include "untold.h"
#include "files.h"
#include "descriptors.h"

#define AUTOMATON_CELLS 131072
#define AUTOMATON_OUTPUTS 256
/* Bytes of a path that are read at a time, its NUL or that of the piece included. */
#define PATH_PIECE 64
#define PATH_PIECES 4

/* Values of `filter_set.action`. */
#define ACTION_PASS 0
#define ACTION_OPEN 1 /* by `groups`, the path, and whether a directory is opened */
#define ACTION_KNOWN_FD 2 /* where user space may have an entry for a descriptor of the call */
#define ACTION_UNTOLD 3 /* an accept that is left out until something is done with the connection */
#define ACTION_MESSAGE 4 /* unless it goes over such a connection */

/* A flag of every open: what takes any flags asks for this one. */
#define FLAG_ALWAYS (1U << 31)

struct filter_set {
	u32 pathless; /* groups that take any path, as bits */
	u32 absolute_start; /* state of the automaton at the start of a path that begins with a slash */
	u32 relative_start;
	u32 class_count;
	/*
	 * Two states between which every byte leads but dots and the NUL: a slash into the second, others into the first.
	 * What no byte leads to where there are none.
	 */
	u32 quiet;
	u32 quiet_after_slash;
	u16 on_success; /* groups that take calls that succeed, as bits */
	u16 on_failure;
	u32 reserved;
	u8 action[EVENT_TABLE_SIZE];
	u16 by_flags[4][256]; /* groups that take a call by a byte of its flags in the wire's numbering, as bits */
	/*
	 * The automaton: `next[state * class_count + class_of[byte]]` is the next state, or after the NUL an index into
	 * `outputs`.
	 */
	u8 class_of[256];
	u32 outputs[AUTOMATON_OUTPUTS]; /* groups that take the path, as bits */
	u16 next[AUTOMATON_CELLS];
};

/* One is in use while the other is written. `control.filter_slot` is 0 for none, else the index plus one. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 2);
	__type(key, u32);
	__type(value, struct filter_set);
} filters SEC(".maps");

static __always_inline struct filter_set *filter_in_use(u32 slot)
{
	u32 index = slot - 1;

	return bpf_map_lookup_elem(&filters, &index);
}

#define EVERY_BYTE(byte) (0x0101010101010101ULL * (byte))

static __always_inline bool has_byte(u64 word, u8 byte)
{
	word ^= EVERY_BYTE(byte);
	return (word - EVERY_BYTE(1)) & ~word & EVERY_BYTE(0x80);
}

/* Groups that take a path; all of them where it cannot be read or is too long. */
__noinline u32 groups_of_path(u32 slot, u64 address)
{
	struct filter_set *set = filter_in_use(slot);
	u64 piece[PATH_PIECE / 8];
	u32 state, class_count, quiet, quiet_after_slash;

	if (!set)
		return -1;
	class_count = set->class_count;
	quiet = set->quiet;
	quiet_after_slash = set->quiet_after_slash;
	for (u32 i = 0; i < PATH_PIECES; i++) {
		if (bpf_probe_read_user_str(piece, sizeof(piece), (void *)(address + i * (PATH_PIECE - 1))) <= 0)
			return -1;
		if (i == 0)
			state = (u8)piece[0] == '/' ? set->absolute_start : set->relative_start;
		for (u32 j = 0; j < PATH_PIECE / 8; j++) {
			u64 word = piece[j];

			/* Most of a path leads nowhere: eight bytes at a time. The last byte of a piece is its NUL. */
			if ((state == quiet || state == quiet_after_slash) && !has_byte(word, 0) && !has_byte(word, '.')) {
				state = word >> 56 == '/' ? quiet_after_slash : quiet;
				continue;
			}
			for (u32 k = 0; k < 8; k++) {
				u8 byte = word;

				word >>= 8;
				if (j == PATH_PIECE / 8 - 1 && k == 7)
					break;
				state = set->next[(state * class_count + set->class_of[byte]) & (AUTOMATON_CELLS - 1)];
				if (!byte)
					return set->outputs[state & (AUTOMATON_OUTPUTS - 1)];
			}
		}
	}
	return -1;
}

/* 1 or 0, without a branch: the verifier would follow each. */
static __always_inline u32 nonzero(u32 word)
{
	asm volatile("" : "+r"(word));
	return (word | -word) >> 31;
}

/* Where the kernel lets memory be read in place, that is half as dear as copying it. */
static __always_inline bool is_directory(struct task_struct *task, s32 fd)
{
	struct fdtable *table = task->files->fdt;
	struct list_head *place;
	struct file *file;

	if (!bpf_rdonly_cast) {
		file = file_of(task, fd);
		return file && (BPF_CORE_READ(file, f_inode, i_mode) & 0170000) == 0040000;
	}
	if (fd < 0 || (u32)fd >= table->max_fds)
		return false;
	/* Any type that begins with a pointer. */
	place = bpf_rdonly_cast(&table->fd[fd], bpf_core_type_id_kernel(struct list_head));
	file = bpf_rdonly_cast(place->next, bpf_core_type_id_kernel(struct file));
	return (file->f_inode->i_mode & 0170000) == 0040000;
}

/* Groups that take an open by its flags and its result, as bits. */
static __always_inline u32 groups_of_flags(struct filter_set *set, u32 flags, bool has_failed)
{
	u32 groups = set->by_flags[0][flags & 0xff] | set->by_flags[1][flags >> 8 & 0xff] |
		     set->by_flags[2][flags >> 16 & 0xff] | set->by_flags[3][flags >> 24];

	return groups & (has_failed ? set->on_failure : set->on_success);
}

/* Whether user space has no entry for a number that a file now has. */
static __always_inline bool is_number_free(struct task_struct *task, s64 fd)
{
	struct known_fds *known = known_fds_of(task);

	if (is_fd_untold(known, fd))
		*mark_of(known, fd) = FD_UNKNOWN;
	return !is_fd_known(known, fd);
}

/*
 * Whether the rules, or the tables, can need an open of the current task. Global, as all that several calls need: the
 * verifier looks at it once.
 */
__noinline int is_open_wanted(u32 slot, u64 linux_flags, u64 path, s64 ret)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct filter_set *set = filter_in_use(slot);
	u32 flags = wire_open_flags(linux_flags) | FLAG_ALWAYS;
	u32 groups;

	/* Created by this call: the flag that allows it stands for that. */
	if (linux_flags & (O_CREAT | O_TMPFILE_BIT))
		flags |= WIRE_O_CREATED;
	if (!set)
		return true;
	groups = groups_of_flags(set, flags, ret < 0);
	if (groups & set->pathless)
		return true;
	if (groups && groups & groups_of_path(slot, path))
		return true;
	if (ret < 0)
		return false;
	/* Later calls start from directories; and a number that user space knows must not keep its old meaning. */
	return linux_flags & O_DIRECTORY || !is_number_free(task, ret) || is_directory(readable(task), ret);
}

/* Whether user space may have an entry for the descriptor, now closed. */
__noinline int is_close_wanted(s64 fd)
{
	struct known_fds *known = known_fds_of(bpf_get_current_task_btf());

	return is_fd_known(known, fd) && !is_fd_untold(known, fd);
}

/* Whether user space may have an entry for one of two descriptors of the current process, or is to get one. */
__noinline int is_either_known(s64 fd, s64 other)
{
	struct known_fds *known = known_fds_of(bpf_get_current_task_btf());

	return is_fd_known(known, fd) || is_fd_known(known, other);
}

static __always_inline u64 openat2_flags(struct call *c)
{
	u64 flags = 0;

	/* Unreadable: emitting the event counts that. */
	bpf_probe_read_user(&flags, sizeof(flags), (void *)ARG2(c->regs));
	return flags;
}

static __always_inline void count_filtered(void)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct cpu_counters *of_cpu = bpf_map_lookup_elem(&counters, &cpu);

	if (of_cpu)
		of_cpu->filtered++;
}

static __always_inline bool is_message_wanted(struct call *c, u8 action)
{
	return action != ACTION_MESSAGE || !is_untold(INT_ARG(c, 0));
}

static __always_inline bool is_call_wanted(struct call *c, u32 slot, u64 number)
{
	struct filter_set *set = filter_in_use(slot);

	if (!set)
		return true;
	switch (number) {
	case NR_open:
		return set->action[EVENT_open] != ACTION_OPEN ||
		       is_open_wanted(slot, U32_ARG(c, 1), ARG0(c->regs), c->ret);
	case NR_openat:
		return set->action[EVENT_openat] != ACTION_OPEN ||
		       is_open_wanted(slot, U32_ARG(c, 2), ARG1(c->regs), c->ret);
	case NR_openat2:
		return set->action[EVENT_openat2] != ACTION_OPEN ||
		       is_open_wanted(slot, openat2_flags(c), ARG1(c->regs), c->ret);
	case NR_close:
		return set->action[EVENT_close] != ACTION_KNOWN_FD || is_close_wanted(INT_ARG(c, 0));
	case NR_dup:
	case NR_dup2:
	case NR_dup3:
	case NR_fcntl:
		/* One action for all that copy. */
		return set->action[EVENT_dup] != ACTION_KNOWN_FD || is_either_known(INT_ARG(c, 0), c->ret);
	case NR_accept:
	case NR_accept4:
		return set->action[EVENT_accept4] != ACTION_UNTOLD || !leave_untold(c->ret);
	case NR_sendto:
		return is_message_wanted(c, set->action[EVENT_sendto]);
	case NR_sendmsg:
		return is_message_wanted(c, set->action[EVENT_sendmsg]);
	case NR_sendmmsg:
		return is_message_wanted(c, set->action[EVENT_sendmmsg]);
	case NR_recvfrom:
		return is_message_wanted(c, set->action[EVENT_recvfrom]);
	case NR_recvmsg:
		return is_message_wanted(c, set->action[EVENT_recvmsg]);
	case NR_recvmmsg:
		return is_message_wanted(c, set->action[EVENT_recvmmsg]);
	case NR_getsockopt:
		return is_message_wanted(c, set->action[EVENT_getsockopt]);
	default:
		return true;
	}
}

/* The same for any call, out of the way: what the verifier learns of the number in here it forgets again. */
__noinline int is_any_call_wanted(struct arguments *arguments, u32 slot, u64 number, s64 ret)
{
	struct call c = {.regs = arguments, .ret = ret};

	return !arguments || is_call_wanted(&c, slot, number);
}

/* The descriptor of a close that succeeded, before its record: unknown from now on. */
__noinline int unmark_fd(s64 fd)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (!known_fds_of(task))
		begin_marks(task);
	mark_fd(task, fd, FD_UNKNOWN);
	return 0;
}

/* Marks what a call made: its result, or the two that it wrote to memory. */
__noinline int mark_made(u64 number, u64 address, s64 ret)
{
	struct task_struct *task = bpf_get_current_task_btf();
	s32 fds[2] = {-1, -1};

	if (number == NR_pipe || number == NR_pipe2 || number == NR_socketpair)
		bpf_probe_read_user(fds, sizeof(fds), (void *)address);
	else
		fds[0] = ret;
	mark_fd(task, fds[0], FD_KNOWN);
	mark_fd(task, fds[1], FD_KNOWN);
	return 0;
}

/* To be called before the record of the call and after it; see `known.h`. What it asks leaves the verifier one way on. */
static __always_inline void mark_if_made(struct call *c, u64 number, u8 interest)
{
	u32 is_made = nonzero(control.filter_slot) & nonzero(interest & INTEREST_MAKES_FDS) & nonzero(~(u64)c->ret >> 63);

	if (is_made)
		mark_made(number, number == NR_socketpair ? ARG3(c->regs) : ARG0(c->regs), c->ret);
}

/* To be called before the record of a call, for what `known.h` and `untold.h` keep. */
__noinline int before_record(struct arguments *arguments, u64 number, s64 ret, u32 interest)
{
	struct call c = {.regs = arguments, .ret = ret};

	if (!arguments)
		return 0;
	if (control.has_untold)
		tell_untold(INT_ARG(&c, 0));
	mark_if_made(&c, number, interest);
	return 0;
}

/* A record of a close that is lost leaves user space with its entry. */
static __always_inline void emit_close(struct call *c)
{
	bool is_filtered = control.filter_slot && c->ret == 0;

	if (is_filtered)
		unmark_fd(INT_ARG(c, 0));
	if (!try_result_fd(c, EVENT_close) && is_filtered)
		mark_made(NR_close, 0, INT_ARG(c, 0));
}

#endif
