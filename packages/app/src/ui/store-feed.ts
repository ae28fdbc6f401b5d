/**
 * Brings alerts from the journal into the store. The store keeps, with the alerts, how far the journal was read: whatever is
 * killed in between, reading goes on exactly where the store is.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AlertStory,
  decodeStory,
  MOST_STORY_EVENTS,
  type StoredAlert,
  type StoryContinuation,
} from '@peregrine/alert';
import type { JournalConsumer } from '@peregrine/journal';
import type { AlertStore, IncomingAlert } from '@peregrine/store';
import type { HubLog } from '../hub/hub-log.ts';
import { REPLAYED } from '../hub/replay-orders.ts';
import { FORWARDED } from '../response/forward-alerts.ts';

export interface StoreFeedOptions {
  readonly store: AlertStore;
  readonly consumer: JournalConsumer;
  /** Names the journal: another one begins anew. */
  readonly feed: string;
  /** Where the journal went on when it was opened. A crash of the machine may have taken what the store knows beyond it. */
  readonly startSeq: number;
  readonly decode: (payload: Uint8Array) => StoredAlert | undefined;
  readonly log: HubLog;
}

const READ = { mostRecords: 2_000, mostBytes: 4 * 1024 * 1024 };
const FIRST_PAUSE_MS = 200;
const MOST_PAUSE_MS = 10_000;

export class StoreFeed {
  readonly #options: StoreFeedOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  /** Alerts that were brought over since the start. */
  keptCount = 0;
  /** Failures since it last worked. */
  failureCount = 0;
  failedCount = 0;

  constructor(options: StoreFeedOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** Alerts in the journal that the store does not have. */
  get lagCount(): number {
    return this.#options.consumer.lagCount;
  }

  get lostCount(): number {
    return this.#options.consumer.lostCount;
  }

  /** Brings over what is there, for so long at most; the rest waits in the journal. */
  async stop(drainMs: number): Promise<void> {
    const endMs = performance.now() + drainMs;
    while (this.#options.consumer.lagCount > 0 && performance.now() < endMs && this.failureCount === 0)
      await new Promise((resolve) => setTimeout(resolve, 10));
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { store, consumer, feed, startSeq, log } = this.#options;
    const { signal } = this.#stop;
    let pauseMs = FIRST_PAUSE_MS;
    let isPlaced = false;
    let mostSeq = startSeq;
    while (!signal.aborted) {
      try {
        if (!isPlaced) {
          const known = await store.placeIn(feed);
          const place = known === undefined ? undefined : Math.min(known, mostSeq);
          await consumer.rewind(place);
          if (place !== undefined) consumer.commit(place);
          mostSeq = Number.POSITIVE_INFINITY;
          isPlaced = true;
        }
        await this.#bringOver(signal);
        if (this.failureCount > 0) log('info', 'alerts are kept in the store again');
        this.failureCount = 0;
        pauseMs = FIRST_PAUSE_MS;
      } catch (error) {
        isPlaced = false;
        this.failedCount++;
        if (this.failureCount++ === 0)
          log('error', `alerts wait in the journal, since the store does not take them: ${reasonOf(error)}`);
        await sleep(pauseMs, undefined, { signal }).catch(() => {});
        pauseMs = Math.min(MOST_PAUSE_MS, pauseMs * 2);
      }
    }
  }

  async #bringOver(signal: AbortSignal): Promise<void> {
    const { store, consumer, feed, decode } = this.#options;
    const records = await consumer.read(READ, signal);
    const last = records.at(-1);
    if (last === undefined) return;
    const batch: IncomingAlert[] = [];
    const continuations: StoryContinuation[] = [];
    for (const { payload } of records) {
      const stored = decode(payload);
      const told = decodeStory(payload);
      if (stored === undefined) {
        if (told !== undefined) continuations.push(told);
        continue;
      }
      // What is there for one output once more is in the store already, and what is there to act on is in that of another hub. Of an alert, what is told is a story.
      if (stored.mark !== REPLAYED && stored.mark !== FORWARDED)
        batch.push({ alert: stored.alert, mark: stored.mark, story: told as AlertStory | undefined });
    }
    // Before the place moves on: a continuation that comes twice changes nothing.
    for (const continuation of continuations)
      if (!continuesWithin(batch, continuation))
        await store.continueStory(continuation.key, continuation.after);
    await store.append(batch, { feed, seq: last.seq + 1 });
    consumer.commit(last.seq + 1);
    this.keptCount += batch.length;
  }
}

/** Adds it to an alert of the same batch, if it is about one. */
function continuesWithin(batch: IncomingAlert[], { key, after }: StoryContinuation): boolean {
  const at = batch.findIndex(({ story }) => story?.key === key);
  const found = batch[at];
  if (found?.story === undefined) return false;
  const { story } = found;
  batch[at] = {
    ...found,
    story: { ...story, after: [...story.after, ...after].slice(0, MOST_STORY_EVENTS) },
  };
  return true;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
