/* SPDX-License-Identifier: GPL-2.0 */
/* Calls that ask or wait: metadata, positions, ids, options of sockets, events on descriptors. */
#ifndef PEREGRINE_QUERIES_H
#define PEREGRINE_QUERIES_H

#include "addresses.h"
#include "compat.h"
#include "descriptors.h"

#define NANOSECONDS_PER_SECOND 1000000000ull

/* Nanoseconds of a `struct timespec` of the caller's; the greatest number where there is none. */
static __always_inline u64 user_duration(struct call *c, u64 address)
{
	s64 time[2] = {};

	if (!address || read_user_time(time, address, c->narrow & NARROW_TIME))
		return ~0ull;
	return time[0] * NANOSECONDS_PER_SECOND + time[1];
}

/* The result alone: select, munlockall. */
static __always_inline void emit_result(struct call *c, u32 code)
{
	struct writer w;

	if (!record_begin(&w, code, 1, c->tid))
		return;
	put_s64(&w, c->ret);
	record_end(&w);
}

/* getsockname, getpeername: that it happened. */
static __always_inline void emit_nothing(struct call *c, u32 code)
{
	struct writer w;

	if (!record_begin(&w, code, 0, c->tid))
		return;
	record_end(&w);
}

/* getuid and its kin: the id that the call gave. */
static __always_inline void emit_id(struct call *c, u32 code)
{
	struct writer w;

	if (!record_begin(&w, code, 1, c->tid))
		return;
	put_u32(&w, c->ret);
	record_end(&w);
}

/* getresuid, getresgid. */
static __always_inline void emit_three_ids(struct call *c, u32 code)
{
	u32 ids[3] = {}, size = c->narrow & NARROW_IDS ? 2 : 4;
	struct writer w;

	if (!record_begin(&w, code, PARAMS_getresuid, c->tid))
		return;
	if (c->ret == 0) {
		read_user(&ids[0], size, (void *)ARG0(c->regs));
		read_user(&ids[1], size, (void *)ARG1(c->regs));
		read_user(&ids[2], size, (void *)ARG2(c->regs));
	}
	put_s64(&w, c->ret);
	put_u32(&w, ids[0]);
	put_u32(&w, ids[1]);
	put_u32(&w, ids[2]);
	record_end(&w);
}

static __always_inline void emit_newfstatat(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, newfstatat))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_user_text(&w, ARG1(c->regs));
	put_u32(&w, ARG3(c->regs) & 0x1900);
	record_end(&w);
}

static __always_inline void emit_access(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, access))
		return;
	put_s64(&w, c->ret);
	put_user_text(&w, ARG0(c->regs));
	put_u32(&w, ARG1(c->regs) & 7);
	record_end(&w);
}

static __always_inline void emit_lseek(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, lseek))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_u64(&w, ARG1(c->regs));
	put_u8(&w, ARG2(c->regs));
	record_end(&w);
}

static __always_inline void emit_flock(struct call *c)
{
	u64 operation = ARG1(c->regs);
	struct writer w;

	if (!BEGIN(&w, flock))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_u32(&w, (operation & 3) | MOVE(operation, 4, 4) | MOVE(operation, 8, 8));
	record_end(&w);
}

static __always_inline void emit_ioctl(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, ioctl))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_u64(&w, ARG1(c->regs));
	put_u64(&w, ARG2(c->regs));
	record_end(&w);
}

static __always_inline void emit_getcwd(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, getcwd))
		return;
	put_s64(&w, c->ret);
	put_user_text(&w, c->ret >= 0 ? ARG0(c->regs) : 0);
	record_end(&w);
}

static __always_inline void emit_getrlimit(struct call *c)
{
	s64 limit[2] = {-1, -1};
	struct writer w;

	if (!BEGIN(&w, getrlimit))
		return;
	if (c->ret == 0)
		read_user_limit(limit, ARG1(c->regs));
	put_s64(&w, c->ret);
	put_s64(&w, limit[0]);
	put_s64(&w, limit[1]);
	put_u8(&w, ARG0(c->regs));
	record_end(&w);
}

static __always_inline void emit_nanosleep(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, nanosleep))
		return;
	put_s64(&w, c->ret);
	put_u64(&w, user_duration(c, ARG0(c->regs)));
	record_end(&w);
}

/* What a dynamic value of a socket option is: a number before the value says. */
#define OPTION_BYTES 0
#define OPTION_ERRNO 1
#define OPTION_U32 2
#define OPTION_U64 3
#define OPTION_TIME 4
#define OPTION_TIME_NARROW 5 /* ours alone */
#define SOL_SOCKET 1
#define SOL_TCP 6
#define SO_ERROR 4
#define SO_RCVTIMEO 20
#define SO_SNDTIMEO 21
#define SO_ATTACH_BPF 50
#define SO_MEMINFO 55
#define SO_COOKIE 57
#define SO_PEERGROUPS 59
#define OPTION_LIMIT 80

/* Options of a socket that hold a 32-bit number, by bit of their Linux number. */
#define U32_OPTIONS \
	((1ull << 1) | (1ull << 2) | (1ull << 5) | (1ull << 6) | (1ull << 7) | (1ull << 8) | (1ull << 9) | \
	 (1ull << 10) | (1ull << 11) | (1ull << 12) | (1ull << 15) | (1ull << 16) | (1ull << 18) | (1ull << 19) | \
	 (1ull << 29) | (1ull << 30) | (1ull << 32) | (1ull << 33) | (1ull << 34) | (1ull << 35) | (1ull << 36) | \
	 (1ull << 37) | (1ull << 38) | (1ull << 39) | (1ull << 40) | (1ull << 41) | (1ull << 42) | (1ull << 43) | \
	 (1ull << 44) | (1ull << 45) | (1ull << 46) | (1ull << 47) | (1ull << 48) | (1ull << 49))

static __always_inline u8 option_kind(u64 level, u64 option)
{
	if (level != SOL_SOCKET || option >= 64)
		return OPTION_BYTES;
	if (option == SO_ERROR)
		return OPTION_ERRNO;
	if (option == SO_RCVTIMEO || option == SO_SNDTIMEO)
		return OPTION_TIME;
	if (option == SO_COOKIE)
		return OPTION_U64;
	return U32_OPTIONS >> option & 1 ? OPTION_U32 : OPTION_BYTES;
}

/* Writes kind and value of an option. Returns the offset after them. */
static __noinline u64 write_option(struct scratch *scratch, u64 at, u64 kind, u64 address, u64 length)
{
	s64 time[2] = {};
	s32 number = 0;
	u8 *to;

	if (!scratch)
		return at;
	at = bounded(at);
	to = scratch->record + at;
	to[0] = kind == OPTION_TIME_NARROW ? OPTION_TIME : kind;
	switch (kind) {
	case OPTION_ERRNO:
		read_user(&number, sizeof(number), (void *)address);
		*(s64 *)(to + 1) = -(s64)number;
		return at + 9;
	case OPTION_U32:
		read_user(to + 1, 4, (void *)address);
		return at + 5;
	case OPTION_U64:
		read_user(to + 1, 8, (void *)address);
		return at + 9;
	case OPTION_TIME:
	case OPTION_TIME_NARROW:
		read_user_time(time, address, kind == OPTION_TIME_NARROW);
		*(u64 *)(to + 1) = time[0] * NANOSECONDS_PER_SECOND + time[1] * 1000;
		return at + 9;
	default:
		if (length > OPTION_LIMIT)
			length = OPTION_LIMIT;
		asm volatile("%0 &= 127" : "+r"(length));
		if (!length || read_user(to + 1, length, (void *)address))
			length = 0;
		return at + 1 + length;
	}
}

/* The wire numbers options as Linux does up to SO_ATTACH_BPF, and has three more. */
static __always_inline u8 wire_option(u64 level, u64 option)
{
	if (level != SOL_SOCKET)
		return 0;
	switch (option) {
	case SO_MEMINFO:
		return 52;
	case SO_COOKIE:
		return 53;
	case SO_PEERGROUPS:
		return 51;
	default:
		return option <= SO_ATTACH_BPF ? option : 0;
	}
}

/* setsockopt, getsockopt. `length`: of the value. */
static __always_inline void emit_option(struct call *c, u32 code, u32 length)
{
	u64 level = U32_ARG(c, 1), option = U32_ARG(c, 2), kind = option_kind(level, option);
	struct writer w;

	if (!record_begin(&w, code, PARAMS_setsockopt, c->tid))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 0));
	put_u8(&w, level == SOL_SOCKET ? 1 : level == SOL_TCP ? 2 : 0);
	put_u8(&w, wire_option(level, option));
	if (kind == OPTION_TIME && c->narrow & NARROW_TIME)
		kind = OPTION_TIME_NARROW;
	put_written(&w, write_option(w.scratch, w.at, kind, ARG3(c->regs), length) - w.at);
	put_u32(&w, length);
	record_end(&w);
}

/* As `emit_sent_message`. */
static __noinline int emit_getsockopt(struct arguments *arguments, s64 ret, u32 tid, u32 narrow)
{
	struct call c = {.regs = arguments, .ret = ret, .task = current_task(), .tid = tid, .narrow = narrow};
	u32 length = 0;

	if (!arguments)
		return 0;
	if (ARG4(arguments))
		read_user(&length, sizeof(length), (void *)ARG4(arguments));
	emit_option(&c, EVENT_getsockopt, length);
	return 0;
}

#define POLLED_FDS 16

struct user_pollfd {
	s32 fd;
	s16 events;
	s16 revents;
};

static __always_inline u16 wire_poll_events(u64 events)
{
	return MOVE(events, 0x1, 0x1) | MOVE(events, 0x2, 0x2) | MOVE(events, 0x4, 0x4) | MOVE(events, 0x2000, 0x8) |
	       MOVE(events, 0x8, 0x10) | MOVE(events, 0x10, 0x20) | MOVE(events, 0x20, 0x40) |
	       MOVE(events, 0x40, 0x80) | MOVE(events, 0x80, 0x100) | MOVE(events, 0x100, 0x200) |
	       MOVE(events, 0x200, 0x400);
}

/* Writes the descriptors that have something to tell. Returns the offset after them. */
static __noinline u64 write_polled(struct scratch *scratch, u64 start, u64 fds, u64 count)
{
	u16 written = 0;

	if (!scratch)
		return start;
	scratch->at = start + 2;
	for (u32 i = 0; i < POLLED_FDS; i++) {
		struct user_pollfd one = {};
		volatile u64 *place = &scratch->at;
		u64 at = bounded(*place);

		if (i >= count || read_user(&one, sizeof(one), (void *)(fds + i * sizeof(one))))
			break;
		if (!one.revents)
			continue;
		*(s64 *)(scratch->record + at) = one.fd;
		*(u16 *)(scratch->record + at + 8) = wire_poll_events((u16)one.revents);
		*place = at + 10;
		written++;
	}
	*(u16 *)(scratch->record + bounded(start)) = written;
	return scratch->at;
}

static __always_inline void put_polled(struct writer *w, struct call *c)
{
	put_written(w, write_polled(w->scratch, w->at, ARG0(c->regs), U32_ARG(c, 1)) - w->at);
}

static __always_inline void emit_poll(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, poll))
		return;
	put_s64(&w, c->ret);
	put_polled(&w, c);
	put_s64(&w, INT_ARG(c, 2));
	record_end(&w);
}

static __always_inline void emit_ppoll(struct call *c)
{
	u32 mask = 0;
	struct writer w;

	if (!BEGIN(&w, ppoll))
		return;
	if (ARG3(c->regs))
		read_user(&mask, sizeof(mask), (void *)ARG3(c->regs));
	put_s64(&w, c->ret);
	put_polled(&w, c);
	put_u64(&w, user_duration(c, ARG2(c->regs)));
	put_u32(&w, mask);
	record_end(&w);
}

static __always_inline void emit_epoll_wait(struct call *c)
{
	struct writer w;

	if (!BEGIN(&w, epoll_wait))
		return;
	put_s64(&w, c->ret);
	put_s64(&w, INT_ARG(c, 2));
	record_end(&w);
}

#endif
