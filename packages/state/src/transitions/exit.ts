/** The end of a thread. It stays in the table until the next event, so that rules on its end still see it. */

import type { EventView } from '@peregrine/events';
import { HOST } from '../containers/match.ts';
import type { CurrentEvent } from '../event-context.ts';
import { type Thread, threadFlag } from '../thread.ts';
import type { World } from '../world.ts';
import type { TransitionFamily } from './transition.ts';

const REAPER_TID = 4;
/** Id of the first process in its pid namespace: with it, everything in the namespace ends. */
const INIT = 1;

function exit(world: World, _event: CurrentEvent, view: EventView, thread: Thread): void {
  world.recentExits.add(thread.tid, thread.ptid, view.timestampApproxNs());
  world.leavingThread = thread;
  thread.reaperTid = view.i32(REAPER_TID);
  if ((thread.flags & threadFlag.fake) === 0) world.threads.markDead(thread);
  if (
    thread.vpid === INIT &&
    thread.vtid === INIT &&
    thread.containerId !== HOST &&
    thread.containerId !== ''
  )
    world.onContainerEnd?.(thread.containerId);
}

export const exitTransitions: TransitionFamily = { name: 'exit', transitions: { 186: exit } };
