/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Losses, and whose they are. Every record that was tried is emitted, dropped (its ring was full) or limited (its
 * cgroup held too much of a ring that fills up), counted by CPU, event type and cgroup.
 *
 * The limit: a cgroup may hold no more of a ring than is free in it. One noisy cgroup alone fills five eighths, two
 * fill three quarters between them; the next one always finds room. Below a quarter nothing is kept track of, so that
 * a ring with room costs one question. How much a cgroup holds is estimated: what the reader took since it was last
 * asked went from all in equal parts.
 */
#ifndef PEREGRINE_FAIRNESS_H
#define PEREGRINE_FAIRNESS_H

#include "cgroups.h"

#define LOSS_DROPPED 0
#define LOSS_LIMITED 1

#define ADMIT_FREELY 0
#define ADMIT_CHARGED 1
#define ADMIT_NOT 2

/* Threads, programs and their ends: the tables depend on them, and they may take this many times more. */
#define VITAL_SHARE 4

struct loss_key {
	u64 cgroup;
	u64 code;
};

struct loss {
	u64 dropped;
	u64 limited;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct loss_key);
	__type(value, struct loss);
} losses SEC(".maps");

struct holder_key {
	u64 cgroup;
	u64 ring;
};

/* What a cgroup holds of a ring, and where writer and reader of that ring were when this was so. */
struct holder {
	u64 held;
	u64 produced;
	u64 consumed;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct holder_key);
	__type(value, struct holder);
} holders SEC(".maps");

/* A record is lost: `kind` says how. */
__noinline int count_loss(u32 code, u32 kind)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct cpu_counters *of_cpu = bpf_map_lookup_elem(&counters, &cpu);
	struct loss_key key = { .code = code };
	struct loss *loss;

	if (!of_cpu)
		return 0;
	code &= EVENT_TABLE_SIZE - 1;
	if (kind == LOSS_LIMITED)
		of_cpu->limited[code]++;
	else
		of_cpu->dropped[code]++;
	key.cgroup = current_cgroup_key();
	loss = bpf_map_lookup_elem(&losses, &key);
	if (!loss) {
		struct loss none = {};

		bpf_map_update_elem(&losses, &key, &none, BPF_NOEXIST);
		loss = bpf_map_lookup_elem(&losses, &key);
	}
	if (!loss) {
		of_cpu->unattributed++;
		return 0;
	}
	if (kind == LOSS_LIMITED)
		__sync_fetch_and_add(&loss->limited, 1);
	else
		__sync_fetch_and_add(&loss->dropped, 1);
	return 0;
}

static __always_inline bool is_vital(u32 code)
{
	switch (code) {
	case EVENT_clone:
	case EVENT_clone3:
	case EVENT_fork:
	case EVENT_vfork:
	case EVENT_execve:
	case EVENT_execveat:
	case EVENT_procexit:
		return true;
	default:
		return false;
	}
}

/* Takes what the reader took meanwhile off what the cgroup holds. */
static __always_inline void settle(struct holder *holder, void *ring)
{
	u64 produced = bpf_ringbuf_query(ring, BPF_RB_PROD_POS);
	u64 consumed = bpf_ringbuf_query(ring, BPF_RB_CONS_POS);
	u64 waiting = holder->produced - holder->consumed;
	u64 taken = consumed - holder->consumed;

	if (taken >= waiting)
		holder->held = 0;
	else
		holder->held -= holder->held * taken / waiting;
	holder->produced = produced;
	holder->consumed = consumed;
}

static __always_inline struct holder *holder_of(u32 ring_index)
{
	struct holder_key key = { .cgroup = current_cgroup_key(), .ring = ring_index };
	struct holder *holder = bpf_map_lookup_elem(&holders, &key);

	if (!holder) {
		struct holder none = {};

		bpf_map_update_elem(&holders, &key, &none, BPF_NOEXIST);
		holder = bpf_map_lookup_elem(&holders, &key);
	}
	return holder;
}

/*
 * Whether a record of the current task may go into this CPU's ring. The caller counts a refusal: old kernels give a
 * chain of calls too little stack for both.
 */
__noinline int admit(u32 cpu, u32 code)
{
	u32 ring_index = cpu >> cpu_group_shift;
	void *ring = bpf_map_lookup_elem(&rings, &ring_index);
	struct holder *holder;
	u64 waiting, room;

	if (!ring)
		return ADMIT_FREELY;
	waiting = bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA);
	if (waiting < ring_bytes / 4)
		return ADMIT_FREELY;
	holder = holder_of(ring_index);
	if (!holder)
		return ADMIT_FREELY;
	settle(holder, ring);
	room = waiting < ring_bytes ? ring_bytes - waiting : 0;
	if (is_vital(code))
		room *= VITAL_SHARE;
	return holder->held <= room ? ADMIT_CHARGED : ADMIT_NOT;
}

/* The current task's cgroup has put that many bytes into a ring. */
__noinline int charge(u32 ring_index, u64 bytes)
{
	struct holder *holder = holder_of(ring_index);

	if (holder)
		__sync_fetch_and_add(&holder->held, bytes);
	return 0;
}

#endif
