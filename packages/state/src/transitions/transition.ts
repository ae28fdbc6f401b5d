/** What an event does to the tables. HOT: called straight from the pipeline, through an array indexed by code. */

import type { EventView } from '@peregrine/events';
import type { CurrentEvent } from '../event-context.ts';
import type { StateNeed } from '../options.ts';
import type { Thread } from '../thread.ts';
import type { World } from '../world.ts';

/** `event.fd` is the entry of the fd that the event uses, if known. */
export type Transition = (world: World, event: CurrentEvent, view: EventView, thread: Thread) => void;

/** For events that have no thread, or may make theirs: `event.thread` is what is known, and may be set. */
export type ThreadlessTransition = (world: World, event: CurrentEvent, view: EventView) => void;

/** Transitions of one family of events, by event code. */
export interface TransitionFamily {
  readonly name: string;
  readonly transitions?: Readonly<Record<number, Transition>>;
  readonly threadless?: Readonly<Record<number, ThreadlessTransition>>;
  /** Only worth its cost when somebody reads one of these. */
  readonly onlyFor?: readonly StateNeed[];
}
