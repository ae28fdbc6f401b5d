/** Limits and process attributes that calls set. */

import type { EventView } from '@peregrine/events';
import type { CurrentEvent } from '../event-context.ts';
import { type Thread, threadFlag } from '../thread.ts';
import type { World } from '../world.ts';
import type { TransitionFamily } from './transition.ts';

const RES = 0;
const RLIMIT_NOFILE = 7;
const PR_SET_CHILD_SUBREAPER = 36;

function setrlimit(_world: World, _event: CurrentEvent, view: EventView, thread: Thread): void {
  if (view.i32(RES) < 0 || view.u8(3) !== RLIMIT_NOFILE) return;
  thread.main.fdlimit = view.i64(1);
}

/** Sets nothing when the new limit is -1: the call only asked. */
function prlimit(world: World, _event: CurrentEvent, view: EventView, thread: Thread): void {
  if (view.i32(RES) < 0 || view.u8(6) !== RLIMIT_NOFILE) return;
  const limit = view.i64(1);
  if (limit === -1) return;
  const pid = view.i32(5);
  const target = pid === 0 ? thread : world.threads.find(pid);
  if (target !== undefined) target.main.fdlimit = limit;
}

function prctl(_world: World, _event: CurrentEvent, view: EventView, thread: Thread): void {
  if (view.i32(RES) < 0 || view.u32(1) !== PR_SET_CHILD_SUBREAPER) return;
  const isOn = view.i64(3) !== 0;
  thread.process.isReaper = isOn;
  const main = thread.main;
  main.flags = isOn ? main.flags | threadFlag.childSubreaper : main.flags & ~threadFlag.childSubreaper;
}

export const limitTransitions: TransitionFamily = {
  name: 'limits',
  transitions: { 143: setrlimit, 145: prlimit, 401: prctl },
};
