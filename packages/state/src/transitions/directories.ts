/** Calls that change the working directory or the root. */

import type { EventView } from '@peregrine/events';
import type { CurrentEvent } from '../event-context.ts';
import { asDirectory } from '../paths.ts';
import { resetDescendantTerms } from '../term-resets.ts';
import { type Thread, threadFlag } from '../thread.ts';
import type { World } from '../world.ts';
import type { TransitionFamily } from './transition.ts';

const RES = 0;
const PATH = 1;

/** Where there is no main thread there is nothing to hold a working directory. */
function hasDirectory(thread: Thread): boolean {
  return (thread.flags & threadFlag.fake) === 0;
}

function chdir(world: World, _event: CurrentEvent, view: EventView, thread: Thread): void {
  const path = view.text(PATH);
  if (view.i32(RES) < 0 || path === undefined || !hasDirectory(thread)) return;
  thread.process.cwd = world.directory(thread, path);
}

function fchdir(_world: World, event: CurrentEvent, view: EventView, thread: Thread): void {
  const { fd } = event;
  if (view.i32(RES) < 0 || fd === undefined || !hasDirectory(thread)) return;
  thread.process.cwd = asDirectory(fd.name);
}

function getcwd(world: World, _event: CurrentEvent, view: EventView, thread: Thread): void {
  const path = view.text(PATH);
  if (view.i32(RES) < 0 || path === undefined || !hasDirectory(thread)) return;
  thread.process.cwd = world.directory(thread, path);
}

function chroot(world: World, _event: CurrentEvent, view: EventView, thread: Thread): void {
  const path = view.text(PATH);
  if (view.i32(RES) !== 0 || path === undefined) return;
  thread.root = world.resolve(thread, path);
  world.matchContainer(thread);
  resetDescendantTerms(thread);
}

export const directoryTransitions: TransitionFamily = {
  name: 'directories',
  transitions: { 93: getcwd, 95: chdir, 97: fchdir, 267: chroot },
};
