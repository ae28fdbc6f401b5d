/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What depends on the machine's architecture, one header for each. Such a header has: `struct pt_regs` and
 * `struct thread_info` with what is read of them; how to get the number, the arguments and the instruction of a call;
 * whether a task's call came in through a 32-bit entry; the prefix of the kernel's functions for calls; the flags of
 * open(2) that differ; and the numbers of all calls that the probe handles. A call that the architecture does not have
 * gets a number beyond every table. User space has the numbers of all calls in `syscall-numbers.ts`.
 */
#ifndef PEREGRINE_ARCH_H
#define PEREGRINE_ARCH_H

#if defined(__TARGET_ARCH_x86)
#include "arch-x86.h"
#elif defined(__TARGET_ARCH_arm64)
#include "arch-arm64.h"
#else
#error "no register access for this architecture yet"
#endif

#endif
