/** Events of a generator: the shape in which plugins that are modules give theirs. */

import { type JsonDocument, objectIn } from '@peregrine/base';
import { JsonNode, measureJson } from '@peregrine/events';
import { Complaints } from './complaints.ts';
import { type Batch, type FedEvent, type Feed, nothingToAcknowledge, type Tell } from './feed.ts';
import { FeedCounters } from './feed-counters.ts';

export interface GivenEvent {
  readonly object: JsonDocument;
  /** Nanoseconds since the epoch. Absent: now. */
  readonly timeNs?: bigint;
}

export interface GivenBatch {
  readonly events: readonly GivenEvent[];
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
      const document = documentOf(object);
      const fit = document === undefined ? 'not_an_event' : measureJson(document, MOST_EVENT_BYTES);
      if (document !== undefined && fit === 'fits') taken.push({ document, timeNs });
      else if (fit !== 'fits') {
        this.counters.reject(fit);
        this.#complaints.add(`an event of ${this.title} is left out: ${fit}`, this.#options.nameOf(object));
      }
    }
    const latest = taken.at(-1);
    if (latest !== undefined) this.counters.took(taken.length, 0, latest.timeNs, nowMs);
    return { events: taken, done };
  }
}

/** `undefined`: it cannot be written as JSON, being of another type, or holding itself. */
function documentOf(object: unknown): JsonNode | undefined {
  try {
    const text: unknown = JSON.stringify(object);
    const document = typeof text === 'string' ? JsonNode.parse(Buffer.from(text)) : undefined;
    return document instanceof JsonNode && document.kind === 'object' ? document : undefined;
  } catch {
    return undefined;
  }
}

/** The start of a document, for messages about it. */
export function documentNamed(object: JsonDocument): string {
  return Object.keys(objectIn(object) ?? {})
    .slice(0, 8)
    .join(' ');
}
