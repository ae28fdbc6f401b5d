/**
 * A feed: what gives JSON events beside the kernel's. A feed is pulled: whoever runs it asks for the next batch when it
 * has room, and says of each batch when its alerts are out, so that nothing is acknowledged before.
 */

import type { JsonNode } from '@peregrine/events';
import type { FeedCounters } from './feed-counters.ts';

export interface FedEvent {
  readonly document: JsonNode;
  /** Nanoseconds since the epoch. */
  readonly timeNs: bigint;
}

export interface Batch {
  readonly events: readonly FedEvent[];
  /**
   * All alerts of the batch are out: it may be acknowledged, and need not be read again. Called once, in the order of the
   * batches; never for those that were in work when the program ended. Its documents must not be looked at after it.
   */
  readonly done: () => void;
}

export interface Feed {
  /** For people: `http://127.0.0.1:9765/k8s-audit`. */
  readonly title: string;
  readonly counters: FeedCounters;
  /** Waits for events. `undefined`: there will be no more, or the signal ended the wait. */
  next(signal: AbortSignal): Promise<Batch | undefined>;
  close(): Promise<void>;
}

/** What a feed may tell while it runs; whoever runs it passes it on. */
export type Tell = (level: 'info' | 'warning' | 'error', text: string) => void;

export const nothingToAcknowledge = (): void => {};
