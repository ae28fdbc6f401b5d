/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which of the calls that few rules ask for becomes which event. They come so often, or say so little, that they have a
 * program of their own, which is attached only while one of them is wanted.
 */
#ifndef PEREGRINE_DISPATCH_RARE_H
#define PEREGRINE_DISPATCH_RARE_H

#include "compat-rare.h"
#include "kernel-calls.h"
#include "memory.h"
#include "queries.h"
#include "quotas.h"
#include "transfers.h"
#include "untold.h"

static __always_inline void dispatch_rare(struct call *c, u64 number)
{
	if (control.has_untold)
		tell_untold(INT_ARG(c, 0));
	switch (number) {
	case NR_read:
		return emit_transfer(c, EVENT_read, false, false);
	case NR_write:
		return emit_transfer(c, EVENT_write, true, false);
	case NR_pread64:
		return emit_transfer(c, EVENT_pread, false, true);
	case NR_pwrite64:
		return emit_transfer(c, EVENT_pwrite, true, true);
	case NR_readv:
		return emit_readv(c, EVENT_readv, false);
	case NR_preadv:
		return emit_readv(c, EVENT_preadv, true);
	case NR_writev:
		return emit_writev(c, EVENT_writev, false);
	case NR_pwritev:
		return emit_writev(c, EVENT_pwritev, true);
	case NR_sendfile:
		return emit_sendfile(c);
	case NR_splice:
		return emit_splice(c);
	case NR_copy_file_range:
		return emit_copy_file_range(c);
	case NR_process_vm_readv:
		return emit_process_vm(c, EVENT_process_vm_readv);
	case NR_process_vm_writev:
		return emit_process_vm(c, EVENT_process_vm_writev);
	case NR_stat:
		return EMIT_PATH(c, stat, ARG0(c->regs));
	case NR_lstat:
		return EMIT_PATH(c, lstat, ARG0(c->regs));
	case NR_newfstatat:
		return emit_newfstatat(c);
	case NR_fstat:
		return emit_result_fd(c, EVENT_fstat);
	case NR_getdents:
		return emit_result_fd(c, EVENT_getdents);
	case NR_getdents64:
		return emit_result_fd(c, EVENT_getdents64);
	case NR_access:
		return emit_access(c);
	case NR_lseek:
		return emit_lseek(c);
	case NR_flock:
		return emit_flock(c);
	case NR_ioctl:
		return emit_ioctl(c);
	case NR_getrlimit:
		return emit_getrlimit(c);
	case NR_getuid:
		return emit_id(c, EVENT_getuid);
	case NR_getgid:
		return emit_id(c, EVENT_getgid);
	case NR_geteuid:
		return emit_id(c, EVENT_geteuid);
	case NR_getegid:
		return emit_id(c, EVENT_getegid);
	case NR_getresuid:
		return emit_three_ids(c, EVENT_getresuid);
	case NR_getresgid:
		return emit_three_ids(c, EVENT_getresgid);
	case NR_getsockname:
		return emit_nothing(c, EVENT_getsockname);
	case NR_getpeername:
		return emit_nothing(c, EVENT_getpeername);
	case NR_setsockopt:
		return emit_option(c, EVENT_setsockopt, U32_ARG(c, 4));
	case NR_poll:
		return emit_poll(c);
	case NR_ppoll:
		return emit_ppoll(c);
	case NR_select:
		return emit_result(c, EVENT_select);
	case NR_epoll_wait:
		return emit_epoll_wait(c);
	case NR_nanosleep:
		return emit_nanosleep(c);
	case NR_brk:
		return emit_brk(c);
	case NR_mmap:
		return emit_mmap(c);
	case NR_munmap:
		return emit_munmap(c);
	case NR_mprotect:
		return emit_mprotect(c);
	case NR_mlock:
		return emit_range(c, EVENT_mlock);
	case NR_munlock:
		return emit_range(c, EVENT_munlock);
	case NR_mlock2:
		return emit_mlock2(c);
	case NR_mlockall:
		return emit_result_u32(c, EVENT_mlockall, ARG0(c->regs) & 7);
	case NR_munlockall:
		return emit_result(c, EVENT_munlockall);
	case NR_futex:
		return emit_futex(c);
	case NR_seccomp:
		return emit_seccomp(c);
	case NR_io_uring_enter:
		return emit_io_uring_enter(c);
	case NR_io_uring_register:
		return emit_io_uring_register(c);
	case NR_fsconfig:
		return emit_fsconfig(c);
	case NR_keyctl:
		return emit_keyctl(c);
	case NR_quotactl:
		emit_quotactl(c);
		return;
	case NR_semget:
		return emit_semget(c);
	case NR_semctl:
		return emit_semctl(c);
	case NR_semop:
		return emit_semop(c);
	}
}

/* A call without an event type of its own: which one it was. */
static __always_inline void emit_generic(u32 tid, u64 number)
{
	struct writer w;

	if (!record_begin(&w, EVENT_syscall, PARAMS_syscall, tid))
		return;
	put_u16(&w, control.generic_ids[number & (SYSCALL_TABLE_SIZE - 1)]);
	put_u16(&w, number);
	record_end(&w);
}

#endif
