/**
 * Messages of a queue or a log that a service keeps (NATS, Kafka), each a JSON document. What is taken together is one
 * batch, and is acknowledged when its alerts are out. A connection that is lost for good is opened again, after pauses
 * that grow.
 */

import { untilAnswered } from '../aws/retrying.ts';
import type { Complaints } from '../complaints.ts';
import type { Batch, FedEvent, Feed } from '../feed.ts';
import type { FeedCounters } from '../feed-counters.ts';
import type { Unpacker } from '../unpack.ts';
import { orAborted } from './or-aborted.ts';

export interface Messages {
  readonly bodies: readonly Uint8Array[];
  /** Their alerts are out. Does nothing once the reader is closed: the service gives them again. */
  readonly done: () => void;
}

export interface QueueReader {
  /** Waits for messages. `undefined`: the signal ended the wait. Rejects when there will be none on this connection. */
  read(signal: AbortSignal): Promise<Messages | undefined>;
  /** What was acknowledged is out before it resolves. */
  close(): Promise<void>;
}

export interface QueueFeedOptions {
  readonly title: string;
  /** Rejects when the service cannot be reached, or refuses. */
  readonly open: () => Promise<QueueReader>;
  readonly mostMessageBytes: number;
  readonly unpacker: Unpacker;
  readonly counters: FeedCounters;
  readonly complaints: Complaints;
}

const MARK = '\u00ef\u00bb\u00bf';

export class QueueFeed implements Feed {
  readonly title: string;
  readonly counters: FeedCounters;
  readonly #options: QueueFeedOptions;
  #reader: QueueReader | undefined;

  constructor(options: QueueFeedOptions) {
    this.#options = options;
    this.title = options.title;
    this.counters = options.counters;
  }

  async next(signal: AbortSignal): Promise<Batch | undefined> {
    const { counters, complaints } = this.#options;
    const messages = await untilAnswered(() => this.#read(signal), {
      ...{ what: `${this.title} gave no messages`, counters, complaints, signal },
    });
    if (messages === undefined) return undefined;
    const { bodies, done } = messages;
    const events = bodies.flatMap((body) => this.#unpack(body));
    const bytes = bodies.reduce((sum, body) => sum + body.length, 0);
    counters.waitingEvents += events.length;
    counters.waitingBytes += bytes;
    return {
      events,
      done: () => {
        counters.waitingEvents -= events.length;
        counters.waitingBytes -= bytes;
        done();
      },
    };
  }

  async close(): Promise<void> {
    await this.#reader?.close();
    this.#reader = undefined;
  }

  async #read(signal: AbortSignal): Promise<Messages | undefined> {
    this.#reader ??= await this.#openOr(signal);
    if (this.#reader === undefined) return undefined;
    try {
      return await this.#reader.read(signal);
    } catch (error) {
      // What it had to say was said by the error.
      await this.#reader.close().catch(() => {});
      this.#reader = undefined;
      throw error;
    }
  }

  /** A service that lets one wait does not keep the program from its end. */
  async #openOr(signal: AbortSignal): Promise<QueueReader | undefined> {
    const opening = this.#options.open();
    const reader = await orAborted(opening, signal);
    if (reader === undefined)
      opening.then(
        (late) => late.close(),
        () => {},
      );
    return reader;
  }

  #unpack(body: Uint8Array): readonly FedEvent[] {
    const { unpacker, mostMessageBytes } = this.#options;
    if (body.length > mostMessageBytes) {
      const start = Buffer.from(body.subarray(0, 100)).toString('utf8');
      unpacker.tooLarge(`a message of ${body.length} bytes: ${start}`);
      return [];
    }
    return unpacker.bytes(withoutMark(body)).events;
  }
}

/** Some programs put a byte order mark before all that they write, which is no JSON. */
function withoutMark({ buffer, byteOffset, length }: Uint8Array): Buffer {
  const bytes = Buffer.from(buffer, byteOffset, length);
  return bytes.toString('latin1', 0, MARK.length) === MARK ? bytes.subarray(MARK.length) : bytes;
}
