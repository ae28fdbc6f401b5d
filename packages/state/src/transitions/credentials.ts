/** Calls that change whom a thread acts for, and what it may do. */

import type { EventView } from '@peregrine/events';
import { readCapabilities, uniformCapabilities } from '../capabilities.ts';
import type { CurrentEvent } from '../event-context.ts';
import { resetDescendantTerms, resetProcessTerms } from '../term-resets.ts';
import type { Thread } from '../thread.ts';
import type { World } from '../world.ts';
import type { Transition, TransitionFamily } from './transition.ts';

const RES = 0;
/** The kernel's name for all capabilities that there are. */
const ALL_CAPABILITIES = uniformCapabilities(0xffff_ffff, 0x1ff);
const CLONE_NEWUSER = 1 << 20;

/** COMPAT: the raw parameter is kept, also where it says "leave as is" (libs 0.25, parsers.cpp). */
function setUid(param: number): Transition {
  return (_world, _event, view, thread) => {
    if (view.i32(RES) !== 0 || view.size(param) === 0) return;
    thread.uid = view.u32(param);
    resetProcessTerms(thread);
  };
}

function setGid(param: number): Transition {
  return (_world, _event, view, thread) => {
    if (view.i32(RES) !== 0 || view.size(param) === 0) return;
    thread.gid = view.u32(param);
    resetProcessTerms(thread);
  };
}

function setsid(_world: World, _event: CurrentEvent, view: EventView, thread: Thread): void {
  const sid = view.i32(RES);
  if (sid < 0) return;
  thread.sid = sid;
  resetDescendantTerms(thread);
}

function capset(_world: World, _event: CurrentEvent, view: EventView, thread: Thread): void {
  if (view.i32(RES) < 0) return;
  thread.capabilities = readCapabilities(view, 1, thread.capabilities);
  resetProcessTerms(thread);
}

/** Within a user namespace of its own a thread may do everything. */
function enterNamespaces(flagsParam: number): Transition {
  return (_world, _event, view, thread) => {
    if (view.i32(RES) < 0 || (view.u32(flagsParam) & CLONE_NEWUSER) === 0) return;
    thread.capabilities = ALL_CAPABILITIES;
    resetProcessTerms(thread);
  };
}

export const credentialTransitions: TransitionFamily = {
  name: 'credentials',
  transitions: {
    193: setUid(2),
    195: setGid(2),
    199: setUid(1),
    201: setGid(1),
    241: enterNamespaces(2),
    275: setsid,
    285: enterNamespaces(1),
    353: capset,
    427: setUid(2),
    429: setGid(2),
  },
};
