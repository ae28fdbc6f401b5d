/** Events of a generator: the shape in which plugins that are modules give theirs. */

import type { JsonDocument } from '@peregrine/base';
import { Complaints } from './complaints.ts';
import { type Batch, type FedEvent, type Feed, nothingToAcknowledge, type Tell } from './feed.ts';
import { FeedCounters } from './feed-counters.ts';
import { measureJson } from './json-size.ts';

export interface GivenBatch {
  readonly events: readonly (Pick<FedEvent, 'object'> & Partial<FedEvent>)[];
  readonly done?: () => void;
}

export interface GeneratorFeedOptions {
  readonly title: string;
  readonly batches: (signal: AbortSignal) => AsyncIterable<GivenBatch>;
  readonly tell: Tell;
  readonly nameOf: (object: JsonDocument) => string;
}

const MOST_EVENT_BYTES = 1 << 20;

export class GeneratorFeed implements Feed {
  readonly title: string;
  readonly counters = new FeedCounters();
  readonly #options: GeneratorFeedOptions;
  readonly #complaints: Complaints;
  readonly #abort = new AbortController();
  #batches: AsyncIterator<GivenBatch> | undefined;

  constructor(options: GeneratorFeedOptions) {
    this.#options = options;
    this.title = options.title;
    this.#complaints = new Complaints(options.tell);
  }

  async next(signal: AbortSignal): Promise<Batch | undefined> {
    const stop = (): void => this.#abort.abort();
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    this.#batches ??= this.#options.batches(this.#abort.signal)[Symbol.asyncIterator]();
    try {
      const { done, value } = await this.#batches.next();
      return done ? undefined : this.#take(value);
    } catch (error) {
      // A wait that the signal ended is no failure.
      if (signal.aborted) return undefined;
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#batches?.return?.();
  }

  #take({ events, done = nothingToAcknowledge }: GivenBatch): Batch {
    const nowMs = Date.now();
    const taken: FedEvent[] = [];
    for (const { object, timeNs = BigInt(nowMs) * 1_000_000n } of events) {
      const fit = measureJson(object, MOST_EVENT_BYTES);
      if (fit === 'fits') taken.push({ object, timeNs });
      else {
        this.counters.reject(fit);
        this.#complaints.add(`an event of ${this.title} is left out: ${fit}`, this.#options.nameOf(object));
      }
    }
    const latest = taken.at(-1);
    if (latest !== undefined) this.counters.took(taken.length, 0, latest.timeNs, nowMs);
    return { events: taken, done };
  }
}

/** The start of a document, for messages about it. */
export function documentNamed(object: JsonDocument): string {
  return Object.keys(object).slice(0, 8).join(' ');
}
