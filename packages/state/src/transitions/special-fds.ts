/** Calls that make fds of other kinds: pipes, events, timers, signals, polls, rings, memory, processes, programs. */

import type { EventView } from '@peregrine/events';
import { type CurrentEvent, NO_NEW_FD } from '../event-context.ts';
import { exactU64 } from '../exact.ts';
import { Fd, type FdKind, fdFlag, fdKind } from '../fd.ts';
import type { Thread } from '../thread.ts';
import type { World } from '../world.ts';
import type { Transition, TransitionFamily } from './transition.ts';

const O_CLOEXEC = 1 << 12;
/** The same bit for `epoll_create1` and `memfd_create`. */
const CLOEXEC = 1;

/** Commands of bpf whose result is an fd. */
const BPF_FD_COMMANDS: ReadonlySet<number> = new Set([0, 5, 7, 13, 14, 17, 18, 19, 28, 30, 32, 33]);

/** Enters a new fd, which becomes the event's. */
export function addFd(world: World, event: CurrentEvent, thread: Thread, number: number, fd: Fd): void {
  world.putFd(thread, number, fd);
  event.fd = fd;
  event.fdNum = number;
}

/** `closeOnExec`: bits of parameter `flags` that set it; `always` when the kernel does. */
interface NewFd {
  readonly kind: FdKind;
  readonly flags?: number;
  readonly closeOnExec?: number | 'always';
}

function makes({ kind, flags = -1, closeOnExec = 0 }: NewFd): Transition {
  const isAlways = closeOnExec === 'always';
  const mask = isAlways ? 0 : closeOnExec;
  return (world, event, view, thread) => {
    const number = view.i32(0);
    if (number < 0) {
      event.fdNum = NO_NEW_FD;
      return;
    }
    const fd = new Fd();
    fd.kind = kind;
    if (isAlways || (flags >= 0 && (flagsAt(view, flags) & mask) !== 0)) fd.flags = fdFlag.closeOnExec;
    addFd(world, event, thread, number, fd);
  };
}

/** Flags are 8, 16 or 32 bits wide, whichever the event has. */
function flagsAt(view: EventView, index: number): number {
  switch (view.size(index)) {
    case 1:
      return view.u8(index);
    case 2:
      return view.u16(index);
    default:
      return view.u32(index);
  }
}

function memfdCreate(world: World, event: CurrentEvent, view: EventView, thread: Thread): void {
  const number = view.i32(0);
  event.fdNum = number < 0 ? NO_NEW_FD : number;
  if (number < 0) return;
  const fd = new Fd();
  fd.kind = fdKind.memfd;
  fd.name = view.text(1) ?? '';
  if ((view.u32(2) & CLOEXEC) !== 0) fd.flags = fdFlag.closeOnExec;
  addFd(world, event, thread, number, fd);
  event.isFdNameChanged = true;
}

function pidfdOpen(world: World, event: CurrentEvent, view: EventView, thread: Thread): void {
  const number = view.i32(0);
  event.fdNum = number < 0 ? NO_NEW_FD : number;
  if (number < 0) return;
  const fd = new Fd();
  fd.kind = fdKind.pidfd;
  fd.name = `/proc/${view.i32(1)}`;
  fd.flags = fdFlag.closeOnExec;
  addFd(world, event, thread, number, fd);
}

function bpf(world: World, event: CurrentEvent, view: EventView, thread: Thread): void {
  const number = view.i32(0);
  event.fdNum = NO_NEW_FD;
  if (number < 0 || !BPF_FD_COMMANDS.has(view.u32(1))) return;
  const fd = new Fd();
  fd.kind = fdKind.bpf;
  fd.flags = fdFlag.closeOnExec;
  addFd(world, event, thread, number, fd);
}

/** Both ends have the pipe's inode and no name; the event shows the second, the one that is written to. */
function pipe(world: World, event: CurrentEvent, view: EventView, thread: Thread): void {
  event.fdNum = NO_NEW_FD;
  if (view.i32(0) < 0) return;
  const ino = exactU64(view, 3);
  const openFlags = view.paramCount > 4 ? view.u32(4) : 0;
  for (let param = 1; param <= 2; param++) {
    const fd = new Fd();
    fd.kind = fdKind.fifo;
    fd.ino = ino;
    fd.openFlags = openFlags;
    if ((openFlags & O_CLOEXEC) !== 0) fd.flags = fdFlag.closeOnExec;
    addFd(world, event, thread, view.i32(param), fd);
  }
}

export const specialFdTransitions: TransitionFamily = {
  name: 'special-fds',
  transitions: {
    61: pipe,
    63: makes({ kind: fdKind.eventfd, flags: 2, closeOnExec: O_CLOEXEC }),
    127: makes({ kind: fdKind.signalfd }),
    137: makes({ kind: fdKind.timerfd }),
    139: makes({ kind: fdKind.inotify }),
    321: makes({ kind: fdKind.userfaultfd, flags: 1, closeOnExec: O_CLOEXEC }),
    339: makes({ kind: fdKind.ioUring, closeOnExec: 'always' }),
    369: bpf,
    375: makes({ kind: fdKind.eventpoll }),
    377: makes({ kind: fdKind.eventpoll, flags: 1, closeOnExec: CLOEXEC }),
    393: pipe,
    395: makes({ kind: fdKind.inotify, flags: 1, closeOnExec: O_CLOEXEC }),
    397: makes({ kind: fdKind.eventfd, flags: 1, closeOnExec: O_CLOEXEC }),
    399: makes({ kind: fdKind.signalfd, flags: 1, closeOnExec: O_CLOEXEC }),
    405: memfdCreate,
    409: pidfdOpen,
  },
};
