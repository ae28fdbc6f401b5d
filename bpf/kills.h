/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ends processes from within the kernel, for rules that ask for it and whose conditions are wholly made of what can be
 * told here. User space writes a condition as clauses over a word of bits; `rule-kills.ts` has the same layout.
 */
#ifndef PEREGRINE_KILLS_H
#define PEREGRINE_KILLS_H

#include "files.h"

#define KILL_CLAUSES 32
#define KILL_UIDS 12
#define KILL_LOG 256
#define KILL_PATHS 1024
#define KILL_PATH_BYTES 255
#define SIGKILL 9

/* Values of `kills.mode`. */
#define KILLS_OFF 0
#define KILLS_DRY_RUN 1
#define KILLS_ON 2

/* Bits of a call's word. The wire's flags for reading and writing are where they are in the wire. */
#define FACT_READS 1
#define FACT_WRITES 2
#define FACT_SUCCESS (1U << 2)
#define FACT_FILE_KNOWN (1U << 3)
#define FACT_PROGRAM_KNOWN (1U << 4)
#define FACT_UIDS 5 /* first of KILL_UIDS bits */
#define FACT_PATHS 17 /* first of the bits of paths */

/* What a path is of; the first byte of its key. */
#define PATH_OF_FILE 'f'
#define PATH_OF_PROGRAM 'x'

struct kill_clause {
	u32 mask; /* bits that count */
	u32 value; /* what they must be */
	u32 rule;
};

struct kill_entry {
	u64 sequence; /* from 1; written last */
	u64 time_ns; /* since the epoch */
	u32 pid;
	u32 tid;
	u32 uid;
	u32 rule;
	u32 number; /* of the call */
	s32 error; /* 0: the signal is sent, or would have been */
	u32 mode;
	u32 padding;
	char comm[16];
};

struct kills {
	u32 mode;
	u32 uid_count;
	u32 uids[KILL_UIDS];
	struct kill_clause clauses[KILL_CLAUSES];
	u32 clauses_of[SYSCALL_TABLE_SIZE]; /* by number of the call, as bits */
	u64 logged;
	struct kill_entry log[KILL_LOG]; /* the latest */
};

volatile struct kills kills SEC(".data.kills") = {};

struct kill_path {
	u32 bits;
	u8 of;
	char path[KILL_PATH_BYTES];
};

/* Paths and their beginnings; the value has the bits of all that the path begins with. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, KILL_PATHS);
	__type(key, struct kill_path);
	__type(value, u32);
} kill_paths SEC(".maps");

#define PATH_AT __builtin_offsetof(struct kill_path, path)

/*
 * Bits that the path of a file has; 0 also when it cannot be told. The key is made in the buffer for records: the stack has
 * no room for it.
 */
__noinline u32 path_facts(u64 file_address, u32 of, u32 known)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct scratch *scratch = bpf_map_lookup_elem(&scratches, &cpu);
	struct kill_path *key;
	u32 *facts, found;
	u64 length;

	if (!scratch || scratch->busy || !file_address)
		return 0;
	scratch->busy = 1;
	key = (void *)scratch->record;
	length = write_path(scratch, PATH_AT, path_address((void *)file_address)) - PATH_AT;
	/* The NUL counts, so that a whole path is one that ends there; a path that was cut has none. */
	key->bits = 8 * (1 + (length > KILL_PATH_BYTES ? KILL_PATH_BYTES : (u32)length));
	key->of = of;
	facts = length ? bpf_map_lookup_elem(&kill_paths, key) : NULL;
	found = (length ? known : 0) | (facts ? *facts : 0);
	scratch->busy = 0;
	return found;
}

static __always_inline void log_kill(u32 rule, u64 number, s32 error, u32 mode)
{
	u64 sequence = __sync_fetch_and_add(&kills.logged, 1);
	volatile struct kill_entry *entry = &kills.log[sequence & (KILL_LOG - 1)];
	u64 id = bpf_get_current_pid_tgid();

	entry->sequence = 0;
	entry->time_ns = bpf_ktime_get_boot_ns() + control.boot_to_epoch_ns;
	entry->pid = id >> 32;
	entry->tid = id;
	entry->uid = bpf_get_current_uid_gid();
	entry->rule = rule;
	entry->number = number;
	entry->error = error;
	entry->mode = mode;
	bpf_get_current_comm((void *)entry->comm, sizeof(entry->comm));
	asm volatile("" ::: "memory");
	entry->sequence = sequence + 1;
}

static __always_inline u32 uid_facts(void)
{
	u32 uid = bpf_get_current_uid_gid(), facts = 0;

	for (u32 i = 0; i < KILL_UIDS; i++)
		if (i < kills.uid_count && kills.uids[i] == uid)
			facts |= 1U << (FACT_UIDS + i);
	return facts;
}

/* Ends the current process when a rule's clause holds for its call. `file`: what the call opened, or 0. */
__noinline int judge(u64 number, s64 ret, u64 linux_flags, u64 file)
{
	u32 mode = kills.mode, clauses = kills.clauses_of[number & (SYSCALL_TABLE_SIZE - 1)];
	struct task_struct *task = current_task();
	u32 facts;

	if (!mode || !clauses)
		return 0;
	facts = wire_open_flags(linux_flags) & (FACT_READS | FACT_WRITES);
	if (ret >= 0)
		facts |= FACT_SUCCESS;
	facts |= uid_facts();
	facts |= path_facts(file, PATH_OF_FILE, FACT_FILE_KNOWN);
	facts |= path_facts((u64)BPF_CORE_READ(task, mm, exe_file), PATH_OF_PROGRAM, FACT_PROGRAM_KNOWN);
	for (u32 i = 0; i < KILL_CLAUSES; i++) {
		u32 rule = kills.clauses[i].rule;
		s32 error;

		if (!(clauses >> i & 1) || (facts & kills.clauses[i].mask) != kills.clauses[i].value)
			continue;
		error = mode == KILLS_ON ? bpf_send_signal(SIGKILL) : 0;
		log_kill(rule, number, error, mode);
		return 1;
	}
	return 0;
}

static __always_inline u64 opened_flags(struct call *c, u64 number)
{
	u64 flags = 0;

	switch (number) {
	case NR_open:
		return U32_ARG(c, 1);
	case NR_openat:
		return U32_ARG(c, 2);
	case NR_openat2:
		bpf_probe_read_user(&flags, sizeof(flags), (void *)ARG2(c->regs));
		return flags;
	default:
		/* Neither for reading nor for writing. */
		return O_ACCMODE;
	}
}

static __always_inline bool is_open(u64 number)
{
	return number == NR_open || number == NR_openat || number == NR_openat2 || number == NR_creat;
}

/* A successful exec is judged by `judge_exec`: here its registers are gone. */
static __always_inline void judge_call(struct call *c, u64 number)
{
	struct file *file = is_open(number) && c->ret >= 0 ? made_file(c) : NULL;

	if (c->ret < 0 || (number != NR_execve && number != NR_execveat))
		judge(number, c->ret, opened_flags(c, number), (u64)file);
}

/* The same for any call, out of the way: what the verifier learns of the number in here it forgets again. */
__noinline int judge_any_call(struct arguments *arguments, u64 number, s64 ret)
{
	struct call c = {.regs = arguments, .ret = ret, .task = current_task()};

	if (arguments)
		judge_call(&c, number);
	return 0;
}

/* The current process has just become another program. */
static __always_inline void judge_exec(void)
{
	if (control.interest[NR_execve] & INTEREST_KILL)
		judge(NR_execve, 0, O_ACCMODE, 0);
}

#endif
