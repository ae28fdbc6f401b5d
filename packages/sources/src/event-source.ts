/** What the app needs of anything that yields kernel events: live, or from a capture. */

import type { EventView } from '@peregrine/events';
import type { StateSink } from '@peregrine/state';

/** Called for each event, in order; the view is good only during the call. */
export type EventHandler = (view: EventView) => void;

export interface EventSource {
  /** What it is, for people: `capture host.scap`, `eBPF (tracepoint mode)`. */
  readonly title: string;
  /**
   * Hands on what is there now: state records to `sink`, events to `handler`. Never waits for more.
   * Returns the number of events handed on, or `end` when there will be no more.
   */
  poll(sink: StateSink, handler: EventHandler, limit: number): number | 'end';
  /** Events lost so far, by reason. */
  losses(): Readonly<Record<string, number>>;
  /**
   * Limits what is handed on to event codes with 1 at their index (of all 454); the others are counted in
   * `EventView.num` and passed over. A source that cannot choose has no such member.
   */
  want?(codes: Uint8Array | undefined): void;
  close(): void;
}
