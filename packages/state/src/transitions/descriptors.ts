/** Calls that copy and close fds. */

import type { EventView } from '@peregrine/events';
import { type CurrentEvent, NO_NEW_FD } from '../event-context.ts';
import { fdFlag } from '../fd.ts';
import { ownFd } from '../fd-table.ts';
import { type Thread, threadFlag } from '../thread.ts';
import type { World } from '../world.ts';
import type { TransitionFamily } from './transition.ts';

const O_CLOEXEC = 1 << 12;
const FD_CLOEXEC = 1;
const F_DUPFD = 1;
const F_SETFD = 3;
const F_DUPFD_CLOEXEC = 26;
const CLOSE_RANGE_CLOEXEC = 4;

function dup(world: World, event: CurrentEvent, view: EventView, thread: Thread): void {
  copyFd(world, event, thread, view.i32(0), false);
}

function dup3(world: World, event: CurrentEvent, view: EventView, thread: Thread): void {
  copyFd(world, event, thread, view.i32(0), (view.u32(3) & O_CLOEXEC) !== 0);
}

/** `event.fd` is the original; the copy takes its place in the event. */
function copyFd(
  world: World,
  event: CurrentEvent,
  thread: Thread,
  number: number,
  closesOnExec: boolean,
): void {
  const original = event.fd;
  if (number < 0) return;
  if (original === undefined) {
    if (world.forgetsUnknownCopies) world.threads.removeFd(thread.process, number);
    return;
  }
  const copy = original.clone();
  if (closesOnExec) copy.flags |= fdFlag.closeOnExec;
  else copy.flags &= ~fdFlag.closeOnExec;
  world.putFd(thread, number, copy);
  event.fd = copy;
  event.fdNum = number;
  // A shell that sets up a pipeline gives its ends these numbers.
  if (number === 0) thread.flags |= threadFlag.pipeDestination;
  else if (number === 1) thread.flags |= threadFlag.pipeSource;
}

function fcntl(world: World, event: CurrentEvent, view: EventView, thread: Thread): void {
  const result = view.i32(0);
  const { fd } = event;
  if (result < 0) return;
  switch (view.u8(2)) {
    case F_DUPFD:
      copyFd(world, event, thread, result, false);
      break;
    case F_DUPFD_CLOEXEC:
      copyFd(world, event, thread, result, true);
      break;
    case F_SETFD: {
      if (fd === undefined) return;
      const own = ownFd(thread.process, event.fdNum, fd);
      if ((view.i32(3) & FD_CLOEXEC) !== 0) own.flags |= fdFlag.closeOnExec;
      else own.flags &= ~fdFlag.closeOnExec;
      event.fd = own;
      break;
    }
    default:
  }
}

function close(world: World, event: CurrentEvent, view: EventView, thread: Thread): void {
  if (view.i32(0) < 0 || event.fd === undefined) return;
  world.closingProcess = thread.process;
  world.closingFirst = event.fdNum;
  world.closingLast = event.fdNum;
}

function closeRange(world: World, _event: CurrentEvent, view: EventView, thread: Thread): void {
  if (view.i32(0) < 0) return;
  const first = view.u32(1);
  const last = view.u32(2);
  const { process } = thread;
  if ((view.u32(3) & CLOSE_RANGE_CLOEXEC) === 0) {
    world.closingProcess = process;
    world.closingFirst = first;
    world.closingLast = last;
    return;
  }
  for (const [number, fd] of [...process.fds.entries()])
    if (number >= first && number <= last) ownFd(process, number, fd).flags |= fdFlag.closeOnExec;
}

function pidfdGetfd(world: World, event: CurrentEvent, view: EventView, thread: Thread): void {
  const number = view.i32(0);
  event.fdNum = number < 0 ? NO_NEW_FD : number;
  if (number < 0) return;
  const target = pidOf(world.fdOf(thread, view.i32(1))?.name);
  const process = target === undefined ? undefined : world.threads.process(target);
  const original = process?.fds.get(view.i32(2));
  if (original === undefined) {
    if (world.forgetsUnknownCopies) world.threads.removeFd(thread.process, number);
    return;
  }
  const copy = original.clone();
  copy.flags |= fdFlag.closeOnExec;
  world.putFd(thread, number, copy);
  event.fd = copy;
}

/** The process that a pidfd is for, by the name that `pidfd_open` gave it. */
function pidOf(name: string | undefined): number | undefined {
  if (name === undefined || !name.startsWith('/proc/')) return undefined;
  const pid = Number(name.slice('/proc/'.length));
  return Number.isInteger(pid) ? pid : undefined;
}

export const descriptorTransitions: TransitionFamily = {
  name: 'descriptors',
  transitions: { 5: close, 151: fcntl, 363: dup, 365: dup3, 367: dup, 407: pidfdGetfd, 451: closeRange },
};
