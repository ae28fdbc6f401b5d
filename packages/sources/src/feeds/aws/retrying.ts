/** Asks a service again and again until it answers, with pauses that grow. */

import { setTimeout as pause } from 'node:timers/promises';
import type { Complaints } from '../complaints.ts';
import type { FeedCounters } from '../feed-counters.ts';

const LEAST_MS = 1_000;
const MOST_MS = 60_000;

export interface Retrying {
  readonly what: string;
  readonly counters: FeedCounters;
  readonly complaints: Complaints;
  readonly signal: AbortSignal;
}

/** `undefined`: the signal ended it. */
export async function untilAnswered<T>(ask: () => Promise<T>, options: Retrying): Promise<T | undefined> {
  const { what, counters, complaints, signal } = options;
  for (let waitMs = LEAST_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, MOST_MS)) {
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted) break;
      counters.failures++;
      const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      complaints.add(`${what}, and is tried again`, why);
      await pause(waitMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
    }
  }
  return undefined;
}
