/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes one event: a ring prefix of 8 bytes (CPU, flags, sequence number), then the capture event: a packed header,
 * a 16-bit length for each parameter, and the values back to back.
 *
 * Up to the first variable parameter every offset is a constant, so nothing is checked at run time; after one, the
 * offset is masked below RECORD_LIMIT, which no event exceeds and which the verifier can see.
 */
#ifndef PEREGRINE_RECORD_H
#define PEREGRINE_RECORD_H

#include "fairness.h"

#define PREFIX_BYTES 8
#define HEADER_BYTES 26
#define LENGTHS_AT (PREFIX_BYTES + HEADER_BYTES)

struct writer {
	u8 *record;
	struct scratch *scratch;
	struct cpu_counters *counters;
	u64 at; /* offset of the next value */
	u32 next; /* index of the next parameter */
	u32 params;
	u32 code;
	u32 cpu;
	u32 is_charged; /* the ring fills up: what goes in is put down to its cgroup */
};

/* Never defined: a call that survives optimisation is an event with a wrong number of parameters. */
void wrong_parameter_count(void) __attribute__((error("parameter count differs from events.h")));

static __always_inline void count_failed_read(void)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct cpu_counters *counters_of_cpu = bpf_map_lookup_elem(&counters, &cpu);

	if (counters_of_cpu)
		counters_of_cpu->failed_reads++;
}

/* Zero, or an error that has been counted. */
static __always_inline long read_user(void *to, u32 size, const void *from)
{
	long error = bpf_probe_read_user(to, size, from);

	if (error)
		count_failed_read();
	return error;
}

/* Bytes read with the NUL, or an error that has been counted. */
static __always_inline long read_user_text(void *to, u32 size, const void *from)
{
	long length = bpf_probe_read_user_str(to, size, from);

	if (length < 0)
		count_failed_read();
	return length;
}

static __always_inline long read_kernel_text(void *to, u32 size, const void *from)
{
	long length = bpf_probe_read_kernel_str(to, size, from);

	if (length < 0)
		count_failed_read();
	return length;
}

static __always_inline u64 bounded(u64 offset)
{
	asm volatile("%0 &= 0x7fff" : "+r"(offset));
	return offset;
}

/* Takes this CPU's buffer and writes the header. False: nothing can be written now, which is counted. */
static __always_inline bool record_begin(struct writer *w, u32 code, u32 params, u32 tid)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct cpu_counters *counters_of_cpu = bpf_map_lookup_elem(&counters, &cpu);
	struct scratch *scratch = bpf_map_lookup_elem(&scratches, &cpu);
	int admission;

	if (!counters_of_cpu || !scratch)
		return false;
	counters_of_cpu->sequence++;
	if (scratch->busy) {
		counters_of_cpu->scratch_busy++;
		count_loss(code, LOSS_DROPPED);
		return false;
	}
	admission = admit(cpu, code);
	if (admission == ADMIT_NOT) {
		count_loss(code, LOSS_LIMITED);
		return false;
	}
	w->is_charged = admission == ADMIT_CHARGED;
	scratch->busy = 1;
	w->scratch = scratch;
	w->record = scratch->record;
	w->counters = counters_of_cpu;
	w->cpu = cpu;
	w->code = code;
	w->params = params;
	w->next = 0;
	w->at = LENGTHS_AT + 2 * params;
	*(u32 *)w->record = cpu;
	*(u32 *)(w->record + 4) = counters_of_cpu->sequence;
	*(u64 *)(w->record + 8) = bpf_ktime_get_boot_ns() + control.boot_to_epoch_ns;
	*(u64 *)(w->record + 16) = tid;
	*(u16 *)(w->record + 28) = code;
	*(u32 *)(w->record + 30) = params;
	return true;
}

/* A wake-up costs the caller some 2 µs: only the first event that the reader waits for pays it. */
static __always_inline u64 wakeup_flag(struct writer *w)
{
	u32 waits = control.reader_waits;

	if (!waits || (waits == READER_WAITS_FOR_FILLING && !w->is_charged))
		return BPF_RB_NO_WAKEUP;
	control.reader_waits = 0;
	return BPF_RB_FORCE_WAKEUP;
}

/* False: the record is lost, which is counted. */
static __always_inline bool record_end(struct writer *w)
{
	bool is_out = false;
	u32 ring_index = w->cpu >> cpu_group_shift;
	void *ring = bpf_map_lookup_elem(&rings, &ring_index);

	if (w->next != w->params)
		wrong_parameter_count();
	*(u32 *)(w->record + 24) = w->at - PREFIX_BYTES;
	if (!ring || bpf_ringbuf_output(ring, w->record, bounded(w->at), wakeup_flag(w))) {
		count_loss(w->code, LOSS_DROPPED);
	} else {
		is_out = true;
		w->counters->emitted++;
		if (w->is_charged)
			charge(ring_index, w->at);
	}
	w->scratch->busy = 0;
	return is_out;
}

static __always_inline void put_length(struct writer *w, u64 length)
{
	*(u16 *)(w->record + LENGTHS_AT + 2 * w->next) = length;
	w->next++;
}

#define DEFINE_PUT(name, type) \
	static __always_inline void put_##name(struct writer *w, type value) \
	{ \
		*(type *)(w->record + w->at) = value; \
		w->at += sizeof(type); \
		put_length(w, sizeof(type)); \
	}
DEFINE_PUT(u8, u8)
DEFINE_PUT(u16, u16)
DEFINE_PUT(u32, u32)
DEFINE_PUT(u64, u64)
DEFINE_PUT(s64, s64)

/* No value: prints as missing. */
static __always_inline void put_empty(struct writer *w)
{
	put_length(w, 0);
}

/* Ends a variable parameter of which `length` bytes were written at `w->at`; negative: a helper's error, no value. */
static __always_inline void put_written(struct writer *w, long length)
{
	if (length < 0)
		length = 0;
	put_length(w, length);
	w->at = bounded(w->at + length);
}

/* Text with its NUL from user memory; no value for a null or unreadable pointer. */
static __always_inline void put_user_text(struct writer *w, u64 address)
{
	if (address)
		put_written(w, read_user_text(w->record + w->at, LONGEST_TEXT, (void *)address));
	else
		put_empty(w);
}

static __always_inline void put_kernel_text(struct writer *w, const void *address)
{
	put_written(w, read_kernel_text(w->record + w->at, LONGEST_TEXT, address));
}

/* `length` bytes of user memory, at most `limit` (a constant). */
static __always_inline void put_user_bytes(struct writer *w, u64 address, u64 length, u64 limit)
{
	if (length > limit)
		length = limit;
	if (!address || !length) {
		put_empty(w);
		return;
	}
	/* Bounds found by comparing are lost on 6.1 when the value goes over the stack; those of a mask stay. */
	asm volatile("" : "+r"(length));
	length &= (1u << (32 - __builtin_clz(limit))) - 1;
	if (read_user(w->record + w->at, length, (void *)address))
		length = 0;
	put_written(w, length);
}

#endif
