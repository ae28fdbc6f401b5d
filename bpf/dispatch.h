/* SPDX-License-Identifier: GPL-2.0 */
/* Which call becomes which event. Where `number` is a constant, only that call's code is left. */
#ifndef PEREGRINE_DISPATCH_H
#define PEREGRINE_DISPATCH_H

#include "process.h"
#include "files.h"
#include "descriptors.h"
#include "rule-filter.h"
#include "kills.h"
#include "sockets.h"
#include "system.h"
#include "queries.h"
#include "transfers.h"

static __always_inline void dispatch(struct call *c, u64 number, u8 interest)
{
	switch (number) {
	case NR_open:
		return emit_open(c, interest);
	case NR_openat:
		return emit_openat(c, interest);
	case NR_openat2:
		return emit_openat2(c, interest);
	case NR_open_by_handle_at:
		return emit_open_by_handle_at(c, interest);
	case NR_creat:
		return emit_creat(c);
	case NR_close:
		return emit_close(c);
	case NR_fchdir:
		return emit_result_fd(c, EVENT_fchdir);
	case NR_dup:
		return emit_result_fd(c, EVENT_dup);
	case NR_close_range:
		return emit_close_range(c);
	case NR_dup2:
		return emit_dup2(c);
	case NR_dup3:
		return emit_dup3(c);
	case NR_fcntl:
		return emit_fcntl(c);
	case NR_pipe:
		return emit_pipe(c, EVENT_pipe, false);
	case NR_pipe2:
		return emit_pipe(c, EVENT_pipe2, true);
	case NR_chdir:
		return EMIT_PATH(c, chdir, ARG0(c->regs));
	case NR_chroot:
		return EMIT_PATH(c, chroot, ARG0(c->regs));
	case NR_rmdir:
		return EMIT_PATH(c, rmdir, ARG0(c->regs));
	case NR_unlink:
		return EMIT_PATH(c, unlink, ARG0(c->regs));
	case NR_mkdir:
		return emit_path_mode(c, EVENT_mkdir, U32_ARG(c, 1));
	case NR_chmod:
		return emit_path_mode(c, EVENT_chmod, ARG1(c->regs) & 07777);
	case NR_umount2:
		return emit_path_mode(c, EVENT_umount2, U32_ARG(c, 1));
	case NR_mkdirat:
		return emit_at_number(c, EVENT_mkdirat, U32_ARG(c, 2));
	case NR_fchmodat:
		return emit_at_number(c, EVENT_fchmodat, ARG2(c->regs) & 07777);
	case NR_unlinkat:
		return emit_at_number(c, EVENT_unlinkat, ARG2(c->regs) & 0x200);
	case NR_fchmod:
		return emit_fchmod(c);
	case NR_rename:
		return emit_two_paths(c, EVENT_rename);
	case NR_link:
		return emit_two_paths(c, EVENT_link);
	case NR_symlink:
		return emit_two_paths(c, EVENT_symlink);
	case NR_renameat:
		return emit_two_paths_at(c, EVENT_renameat, false, 0);
	case NR_renameat2:
		return emit_two_paths_at(c, EVENT_renameat2, true, U32_ARG(c, 4));
	case NR_linkat:
		return emit_two_paths_at(c, EVENT_linkat, true, ARG4(c->regs) & 0x1400);
	case NR_symlinkat:
		return emit_symlinkat(c);
	case NR_chown:
		return emit_chown(c, EVENT_chown);
	case NR_lchown:
		return emit_chown(c, EVENT_lchown);
	case NR_fchown:
		return emit_fchown(c);
	case NR_fchownat:
		return emit_fchownat(c);
	case NR_mknod:
		return emit_mknod(c);
	case NR_mknodat:
		return emit_mknodat(c);
	case NR_mount:
		return emit_mount(c);
	case NR_socket:
		return emit_socket(c);
	case NR_bind:
		return emit_bind(c);
	case NR_connect:
		return emit_connect(c);
	case NR_listen:
		return emit_listen(c);
	case NR_accept:
		return emit_accept(c, EVENT_accept, false);
	case NR_accept4:
		return emit_accept(c, EVENT_accept4, true);
	case NR_shutdown:
		return emit_shutdown(c);
	case NR_socketpair:
		return emit_socketpair(c);
	case NR_sendto:
		return emit_sendto(c);
	case NR_recvfrom:
		return emit_recvfrom(c);
	case NR_sendmsg:
		return emit_sendmsg(c);
	case NR_recvmsg:
		return emit_recvmsg(c);
	case NR_sendmmsg:
		return emit_messages(c, true);
	case NR_recvmmsg:
		return emit_messages(c, false);
	case NR_getsockopt:
		emit_getsockopt(c->regs, c->ret, c->tid, c->narrow);
		return;
	case NR_getcwd:
		return emit_getcwd(c);
	case NR_setuid:
		return emit_ids(c, EVENT_setuid, 1);
	case NR_setgid:
		return emit_ids(c, EVENT_setgid, 1);
	case NR_setreuid:
		return emit_ids(c, EVENT_setreuid, 2);
	case NR_setregid:
		return emit_ids(c, EVENT_setregid, 2);
	case NR_setresuid:
		return emit_ids(c, EVENT_setresuid, 3);
	case NR_setresgid:
		return emit_ids(c, EVENT_setresgid, 3);
	case NR_setsid:
		return emit_setsid(c);
	case NR_setpgid:
		return emit_setpgid(c);
	case NR_capset:
		return emit_capset(c);
	case NR_kill:
		return emit_kill(c, EVENT_kill);
	case NR_tkill:
		return emit_kill(c, EVENT_tkill);
	case NR_tgkill:
		return emit_tgkill(c);
	case NR_setrlimit:
		return emit_setrlimit(c);
	case NR_prlimit64:
		return emit_prlimit(c);
	case NR_unshare:
		return emit_result_u32(c, EVENT_unshare, wire_clone_flags(ARG0(c->regs)));
	case NR_setns:
		return emit_setns(c);
	case NR_ptrace:
		return emit_ptrace(c);
	case NR_prctl:
		return emit_prctl(c);
	case NR_bpf:
		return emit_result_u32(c, EVENT_bpf, U32_ARG(c, 0));
	case NR_init_module:
		return emit_init_module(c);
	case NR_finit_module:
		return emit_finit_module(c);
	case NR_delete_module:
		return emit_delete_module(c);
	case NR_memfd_create:
		return emit_memfd_create(c);
	case NR_userfaultfd:
		return emit_result_u32(c, EVENT_userfaultfd, wire_descriptor_flags(ARG0(c->regs)));
	case NR_io_uring_setup:
		return emit_io_uring_setup(c);
	case NR_pidfd_open:
		return emit_pidfd_open(c);
	case NR_pidfd_getfd:
		return emit_pidfd_getfd(c);
	case NR_eventfd:
		return emit_eventfd(c);
	case NR_eventfd2:
		return emit_eventfd2(c);
	case NR_signalfd:
		return emit_signalfd(c);
	case NR_signalfd4:
		return emit_signalfd4(c);
	case NR_inotify_init:
		return emit_inotify_init(c);
	case NR_inotify_init1:
		return emit_result_u16(c, EVENT_inotify_init1, wire_descriptor_flags(ARG0(c->regs)));
	case NR_timerfd_create:
		return emit_timerfd_create(c);
	case NR_epoll_create:
		return emit_result_u32(c, EVENT_epoll_create, U32_ARG(c, 0));
	case NR_epoll_create1:
		return emit_result_u32(c, EVENT_epoll_create1, MOVE(ARG0(c->regs), O_CLOEXEC, 1));
	case NR_execve:
		if (c->ret < 0)
			emit_failed_exec(c->task, EVENT_execve, PARAMS_execve, c->ret, ARG0(c->regs), ARG1(c->regs),
					 ARG2(c->regs));
		return;
	case NR_execveat:
		if (c->ret < 0)
			emit_failed_exec(c->task, EVENT_execveat, PARAMS_execveat, c->ret, 0, ARG2(c->regs),
					 ARG3(c->regs));
		return;
	case NR_clone:
	case NR_clone3:
	case NR_fork:
	case NR_vfork:
		/* The child's own exit shows 0: its side was emitted when it was made. */
		if (c->ret != 0)
			emit_clone_caller(c->task, number, ARG0(c->regs), c->ret);
		return;
	}
}

/* A call that is asked for, unless the rules' filter knows that nobody needs it. */
static __always_inline void report(struct call *c, u64 number, u8 interest)
{
	u32 slot = control.filter_slot;
	u32 is_filtered = nonzero(slot) & nonzero(interest & INTEREST_FILTER);
	u32 is_judged = nonzero(interest & INTEREST_KILL);

	if (is_judged && __builtin_constant_p(number))
		judge_call(c, number);
	else if (is_judged)
		judge_any_call(c->regs, number, c->ret);
	if (is_filtered && !(__builtin_constant_p(number) ? is_call_wanted(c, slot, number) :
							    is_any_call_wanted(c->regs, slot, number, c->ret))) {
		count_filtered();
		return;
	}
	if (control.filter_slot | control.has_untold)
		before_record(c->regs, number, c->ret, interest);
	/* One copy of what follows, not one for each way that leads here. */
	asm volatile("" : "+r"(slot));
	dispatch(c, number, interest);
	mark_if_made(c, number, interest);
}

#endif
