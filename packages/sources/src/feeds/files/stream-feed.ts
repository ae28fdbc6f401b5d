/** JSON lines from any stream of bytes: standard input, a file that grows. What is taken from it is not asked for again. */

import { type Batch, type Feed, nothingToAcknowledge } from '../feed.ts';
import type { FeedCounters } from '../feed-counters.ts';
import type { Unpacker } from '../unpack.ts';
import { LineSplitter } from './line-splitter.ts';

export interface StreamFeedOptions {
  readonly title: string;
  /** `undefined` in place of a piece: what follows has nothing to do with what was before. */
  readonly pieces: (signal: AbortSignal) => AsyncIterable<Buffer | undefined>;
  readonly mostLineBytes: number;
  readonly unpacker: Unpacker;
  readonly counters: FeedCounters;
}

/** Events handed on together, so that a long line-up does not keep its alerts back. */
const MOST_EVENTS = 1_000;

export class StreamFeed implements Feed {
  readonly title: string;
  readonly counters: FeedCounters;
  readonly #options: StreamFeedOptions;
  readonly #lines: LineSplitter;
  #waiting: Buffer[] = [];
  #pieces: AsyncIterator<Buffer | undefined> | undefined;
  #isOver = false;

  constructor(options: StreamFeedOptions) {
    this.#options = options;
    this.title = options.title;
    this.counters = options.counters;
    this.#lines = new LineSplitter(options.mostLineBytes, (start) =>
      options.unpacker.tooLarge(`a line of more than ${options.mostLineBytes} bytes: ${start}`),
    );
  }

  async next(signal: AbortSignal): Promise<Batch | undefined> {
    this.#pieces ??= this.#options.pieces(signal)[Symbol.asyncIterator]();
    for (;;) {
      const batch = this.#takeLines();
      if (batch !== undefined) return batch;
      if (this.#isOver || signal.aborted) return undefined;
      const { done, value } = await this.#pieces.next();
      if (done) {
        this.#isOver = true;
        this.#waiting.push(...this.#lines.end());
      } else if (value === undefined) this.#lines.reset();
      else this.#waiting.push(...this.#lines.push(value));
    }
  }

  async close(): Promise<void> {
    // Not waited for: a wait for more bytes ends with the signal, not with this.
    void this.#pieces?.return?.();
  }

  #takeLines(): Batch | undefined {
    let taken = 0;
    const events = [];
    for (const line of this.#waiting) {
      if (events.length >= MOST_EVENTS) break;
      events.push(...this.#options.unpacker.bytes(line).events);
      taken++;
    }
    this.#waiting = this.#waiting.slice(taken);
    return events.length === 0 ? undefined : { events, done: nothingToAcknowledge };
  }
}
