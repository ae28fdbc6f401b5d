/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What probe and user space share: settings in, records and counters out. User space knows the layouts from
 * `probe-layout.ts`; change both together.
 */
#ifndef PEREGRINE_CONTROL_H
#define PEREGRINE_CONTROL_H

#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "events.h"

#define SYSCALL_TABLE_SIZE 512
#define EVENT_TABLE_SIZE 512

/* Values of `control.interest`. */
#define INTEREST_EMIT 1
#define INTEREST_OPEN_FLAGS 2 /* emit an open only when it has a bit of `open_flags` */
#define INTEREST_FILTER 32 /* the rules' filter may have a say (rule-filter.h) */
#define INTEREST_MAKES_FDS 64 /* makes descriptors */
#define INTEREST_KILL 128 /* a rule may want the process ended for it (kills.h) */
#define INTEREST_COMPAT 4 /* in the table of 32-bit calls this is the number of one that is wanted */
#define INTEREST_RARE 8 /* as INTEREST_EMIT, for the calls of `dispatch_rare` */
#define INTEREST_GENERIC 16 /* say that it happened: it has no event type of its own */

/* Bits of `control.hooks`. */
#define HOOK_EXEC 1
#define HOOK_FORK 2
#define HOOK_EXIT 4

/* Hierarchy of `control.scope_hierarchy`: everything, the unified one, or SCOPE_V1 + subsystem id. */
#define SCOPE_NONE 0
#define SCOPE_UNIFIED 1
#define SCOPE_V1 2

/* What `control.reader_waits` waits for; otherwise it looks by itself and is never woken. */
#define READER_WAITS_FOR_EVENT 1
#define READER_WAITS_FOR_FILLING 2 /* a ring that is a quarter full */

/* Settings. User space maps and writes them while the probe runs; each field changes at once. */
struct control {
	u64 boot_to_epoch_ns;
	u64 scope_cgroup; /* inode number of the cgroup's directory */
	u32 scope_hierarchy;
	u32 scope_level; /* depth below the root of its hierarchy */
	u32 ignored_tgid;
	u32 hooks;
	u32 open_flags;
	u32 enabled;
	u32 account_hierarchy; /* where cgroups are told apart for fairness and losses: as `scope_hierarchy`, not none */
	u32 reader_waits; /* a READER_WAITS_ value; whoever wakes the reader puts it back to 0 */
	u32 filter_slot; /* which filter is in use; see `filters` */
	u32 fd_generation; /* marks of descriptors of another generation do not count; never 0 */
	u32 has_untold; /* there may be connections that were not told of (untold.h) */
	u32 reserved;
	u8 interest[SYSCALL_TABLE_SIZE];
	u16 generic_ids[SYSCALL_TABLE_SIZE]; /* the wire's numbers of calls */
	u16 compat_calls[SYSCALL_TABLE_SIZE]; /* by number in the 32-bit table: the machine's own number, or 0xffff */
};

volatile struct control control SEC(".data.control") = {};

/* CPUs share a ring by groups of 2^cpu_group_shift. */
const volatile u32 cpu_group_shift SEC(".rodata.rings") = 0;
const volatile u32 ring_bytes SEC(".rodata.rings") = 4096;
/* The tracepoint is there for 32-bit calls alone: the others have programs of their own. */
const volatile u32 only_compat SEC(".rodata.rings") = 0;

/* Counters of one CPU. Only that CPU writes them. Tried = emitted + all dropped + all limited. */
struct cpu_counters {
	u64 sequence; /* records tried, lost ones included */
	u64 failed_reads; /* user or kernel memory that a helper could not read */
	u64 scratch_busy; /* records given up because the buffer was in use; they are dropped ones, too */
	u64 emitted; /* records in their ring */
	u64 unattributed; /* losses that the table of cgroups could not take */
	u64 filtered; /* calls that the rules' filter left out */
	u64 reserved[2];
	u64 dropped[EVENT_TABLE_SIZE]; /* records that found their ring full, by event code */
	u64 limited[EVENT_TABLE_SIZE]; /* records of cgroups that held more than their share of a ring, by event code */
};

/* Entry for each possible CPU: user space sets the size. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct cpu_counters);
} counters SEC(".maps");

/* A ring for each group of CPUs: user space makes and sizes them. */
struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(u32));
	__array(values, struct ring);
} rings SEC(".maps");

/*
 * A record is built here and then copied to the ring at its exact size. Not a per-CPU array: those end at 32 KiB.
 * LIMIT is the last place where a variable parameter may begin; the rest is room for the longest one.
 */
#define RECORD_LIMIT 0x7fff
#define LONGEST_TEXT 4096
#define RECORD_BYTES (RECORD_LIMIT + 1 + LONGEST_TEXT + 1024)
#define LINK_COUNT 64

struct scratch {
	u8 record[RECORD_BYTES];
	u64 links[LINK_COUNT]; /* names on the way from a leaf to its root */
	u64 at; /* a loop's offset, kept here so that the verifier forgets its range from turn to turn */
	u32 busy;
	u32 truncated; /* paths deeper than LINK_COUNT, since load */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

#endif
