/**
 * Enter events whose arguments are kept for the exit: at the exit another thread may have changed the memory that
 * the call was given, so that what it says then need not be what the kernel acted on.
 */

import type { EventView } from '@peregrine/events';
import type { CurrentEvent } from '../event-context.ts';
import type { EnteredCall, Thread } from '../thread.ts';
import { AT_FDCWD, type World } from '../world.ts';
import type { Transition, TransitionFamily } from './transition.ts';

/** Where an enter event has what; -1: nowhere. */
interface EnterLayout {
  readonly dirfd: number;
  readonly path: number;
  readonly flags: number;
  readonly mode: number;
}

function keepWith(layout: EnterLayout): Transition {
  return (world, _event, view, thread) => keep(world, view, thread, layout);
}

function keep(world: World, view: EventView, thread: Thread, layout: EnterLayout): void {
  const path = world.texts.textUpToNul(view, layout.path);
  // An enter event of an old recording has empty parameters: nothing to keep.
  if (path === undefined || path === '<NA>') {
    world.counters.n_store_evts_drops++;
    if (thread.entered !== undefined) thread.entered.code = 0;
    return;
  }
  world.counters.n_stored_evts++;
  let entered = thread.entered;
  if (entered === undefined) {
    entered = { code: 0, dirfd: AT_FDCWD, path: undefined, openFlags: undefined, mode: undefined };
    thread.entered = entered;
  }
  entered.code = view.code;
  entered.path = path;
  entered.dirfd = layout.dirfd < 0 ? AT_FDCWD : view.i32(layout.dirfd);
  entered.openFlags = layout.flags < 0 || view.size(layout.flags) === 0 ? undefined : view.u32(layout.flags);
  entered.mode = layout.mode < 0 || view.size(layout.mode) === 0 ? undefined : view.u32(layout.mode);
}

/** Uses up what was kept. False when it belongs to another call than the one that ends: it is then dropped. */
export function takeEntered(world: World, entered: EnteredCall, enterCode: number): boolean {
  const isSame = entered.code === enterCode;
  entered.code = 0;
  if (isSame) world.counters.n_retrieved_evts++;
  else world.counters.n_retrieve_evts_drops++;
  return isSame;
}

/** The connect's address is in its exit event too; its fd was looked up before. */
function noteConnect(world: World, event: CurrentEvent, view: EventView, thread: Thread): void {
  event.fdNum = view.i32(0);
  event.fd = world.fdOf(thread, event.fdNum);
}

export const enterTransitions: TransitionFamily = {
  name: 'enter',
  transitions: {
    2: keepWith({ dirfd: -1, path: 0, flags: 1, mode: 2 }),
    22: noteConnect,
    58: keepWith({ dirfd: -1, path: 0, flags: -1, mode: 1 }),
    292: keepWith({ dirfd: -1, path: 0, flags: -1, mode: -1 }),
    306: keepWith({ dirfd: 0, path: 1, flags: 2, mode: 3 }),
    326: keepWith({ dirfd: 0, path: 1, flags: 2, mode: 3 }),
    330: keepWith({ dirfd: 0, path: 1, flags: -1, mode: -1 }),
  },
};
