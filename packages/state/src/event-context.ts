/** One event with all that the tables know of it: what fields read. Reused for every event. */

import { type EventType, EventView, eventRoster, TextInterner } from '@peregrine/events';
import type { Fd } from './fd.ts';
import type { Container, Tables } from './tables.ts';
import type { Thread } from './thread.ts';

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
  /**
   * The container that an asynchronous event tells of, the one that went included. Only good where `view.code` is
   * that of such events.
   */
  container: Container | undefined;
  /** Table entry of the event's fd, as it stands after the event; survives its close until the next event. */
  fd: Fd | undefined;
  /** The event's fd number; `NO_FD` when it has none, -1 when none was made. */
  fdNum: number;
  /** The tuple or the name of `fd` changed with this event. */
  isFdNameChanged: boolean;
  /** Time since the previous event, nanoseconds. Needs `time` among the engine's needs. */
  deltaNs: number;
  /** Time of the first event since the start or the last reset, in words. Needs `time` as well. */
  firstTsLow: number;
  firstTsHigh: number;
  /** Path of the stored enter event (open, creat, openat, openat2), where it wins over the exit's. */
  enterPath: string | undefined;
  /** Directory fd that goes with `enterPath`. */
  enterDirfd: number;
  /** Open flags of the stored enter event; the kernel's own bits come from the exit. */
  enterOpenFlags: number | undefined;
  /** Mode of the stored enter event. */
  enterMode: number | undefined;
}

export const NO_FD = -100_000;
/** `fdNum` of an event that should have made an fd and did not. */
export const NO_NEW_FD = -1;

/** The context that the engine hands out. */
export class CurrentEvent implements EventContext {
  readonly tables: Tables;
  view: EventView = new EventView(new TextInterner());
  type: EventType = eventRoster[0] as EventType; // The roster is never empty.
  num = 0;
  thread: Thread | undefined = undefined;
  container: Container | undefined = undefined;
  fd: Fd | undefined = undefined;
  fdNum = NO_FD;
  isFdNameChanged = false;
  deltaNs = 0;
  firstTsLow = 0;
  firstTsHigh = 0;
  enterPath: string | undefined = undefined;
  enterDirfd = NO_FD;
  enterOpenFlags: number | undefined = undefined;
  enterMode: number | undefined = undefined;

  constructor(tables: Tables) {
    this.tables = tables;
  }
}
