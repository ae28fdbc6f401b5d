/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A program at the end of each call that the probe has events for: where the kernel lets them in, calls that nobody
 * asks for cost nothing. User space attaches those of the calls that are wanted.
 */
#ifndef PEREGRINE_FEXIT_H
#define PEREGRINE_FEXIT_H

#include "dispatch.h"

static __always_inline int at_exit(struct pt_regs *regs, long ret, u32 number)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct call c;

	if (!(control.interest[number] & INTEREST_EMIT) || !is_watched(task))
		return 0;
	c.regs = regs;
	c.ret = ret;
	c.task = task;
	dispatch(&c, number, control.interest[number]);
	return 0;
}

/* The function that the kernel calls is named for `entry`. */
#define FEXIT_NAMED(call, entry) \
	SEC("fexit/" SYSCALL_ENTRY_PREFIX #entry) \
	int BPF_PROG(fexit_##call, struct pt_regs *regs, long ret) \
	{ \
		return at_exit(regs, ret, NR_##call); \
	}
#define FEXIT(call) FEXIT_NAMED(call, call)

FEXIT(open)
FEXIT(openat)
FEXIT(openat2)
FEXIT(open_by_handle_at)
FEXIT(creat)
FEXIT(close)
FEXIT(fchdir)
FEXIT(dup)
FEXIT(close_range)
FEXIT(dup2)
FEXIT(dup3)
FEXIT(fcntl)
FEXIT(pipe)
FEXIT(pipe2)
FEXIT(chdir)
FEXIT(chroot)
FEXIT(rmdir)
FEXIT(unlink)
FEXIT(mkdir)
FEXIT(chmod)
FEXIT_NAMED(umount2, umount)
FEXIT(mkdirat)
FEXIT(fchmodat)
FEXIT(unlinkat)
FEXIT(fchmod)
FEXIT(rename)
FEXIT(link)
FEXIT(symlink)
FEXIT(renameat)
FEXIT(renameat2)
FEXIT(linkat)
FEXIT(symlinkat)
FEXIT(chown)
FEXIT(lchown)
FEXIT(fchown)
FEXIT(fchownat)
FEXIT(mknod)
FEXIT(mknodat)
FEXIT(mount)
FEXIT(socket)
FEXIT(bind)
FEXIT(connect)
FEXIT(listen)
FEXIT(accept)
FEXIT(accept4)
FEXIT(shutdown)
FEXIT(socketpair)
FEXIT(sendto)
FEXIT(recvfrom)
FEXIT(sendmsg)
FEXIT(recvmsg)
FEXIT(setuid)
FEXIT(setgid)
FEXIT(setreuid)
FEXIT(setregid)
FEXIT(setresuid)
FEXIT(setresgid)
FEXIT(setsid)
FEXIT(setpgid)
FEXIT(capset)
FEXIT(kill)
FEXIT(tkill)
FEXIT(tgkill)
FEXIT(setrlimit)
FEXIT(prlimit64)
FEXIT(unshare)
FEXIT(setns)
FEXIT(ptrace)
FEXIT(prctl)
FEXIT(bpf)
FEXIT(init_module)
FEXIT(finit_module)
FEXIT(delete_module)
FEXIT(memfd_create)
FEXIT(userfaultfd)
FEXIT(io_uring_setup)
FEXIT(pidfd_open)
FEXIT(pidfd_getfd)
FEXIT(eventfd)
FEXIT(eventfd2)
FEXIT(signalfd)
FEXIT(signalfd4)
FEXIT(inotify_init)
FEXIT(inotify_init1)
FEXIT(timerfd_create)
FEXIT(epoll_create)
FEXIT(epoll_create1)
FEXIT(execve)
FEXIT(execveat)
FEXIT(clone)
FEXIT(clone3)
FEXIT(fork)
FEXIT(vfork)

#endif
