/** The end of a thread. It stays in the table until the next event, so that rules on its end still see it. */

import type { EventView } from '@peregrine/events';
import type { CurrentEvent } from '../event-context.ts';
import { type Thread, threadFlag } from '../thread.ts';
import type { World } from '../world.ts';
import type { TransitionFamily } from './transition.ts';

const REAPER_TID = 4;

function exit(world: World, _event: CurrentEvent, view: EventView, thread: Thread): void {
  world.recentExits.add(thread.tid, thread.ptid, view.timestampApproxNs());
  world.leavingThread = thread;
  thread.reaperTid = view.i32(REAPER_TID);
  if ((thread.flags & threadFlag.fake) === 0) world.threads.markDead(thread);
}

export const exitTransitions: TransitionFamily = { name: 'exit', transitions: { 186: exit } };
