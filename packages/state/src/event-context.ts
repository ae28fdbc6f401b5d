/** One event with all that the tables know of it: what fields read. Reused for every event. */

import type { EventType, EventView } from '@peregrine/events';
import type { Fd } from './fd.ts';
import type { Thread } from './thread.ts';
import type { Tables } from './tables.ts';

/** What the state engine says of an event after it took it in. */
export interface EventContext {
  readonly view: EventView;
  readonly tables: Tables;
  /** The event's type; same as `view.code` names. */
  type: EventType;
  /** Counts from 1 within a run; includes events that are not delivered. */
  num: number;
  /** The event's thread: a table entry or a fake. `undefined` for events that have none (meta, async). */
  thread: Thread | undefined;
  /** Table entry of the event's fd, as it stands after the event; survives its close until the next event. */
  fd: Fd | undefined;
  /** The event's fd number; `NO_FD` when it has none. */
  fdNum: number;
  /** The tuple or the name of `fd` changed with this event. */
  isFdNameChanged: boolean;
  /** Time since the previous event, nanoseconds. */
  deltaNs: number;
  /** Arguments of the stored enter event (open, creat, openat, openat2, connect), where they win over the exit's. */
  enterPath: string | undefined;
}

export const NO_FD = -100_000;
