/**
 * Messages of a topic of Kafka, as a member of a consumer group. Offsets are committed when the alerts of all messages
 * before them are out, and not before. When partitions are given to other members, what was on its way is theirs.
 */

import { Consumer, type Message, type MessagesStream } from '@platformatic/kafka';
import { Gatherer } from './gatherer.ts';
import type { ClientTls, OpenQueueOptions } from './open-queue.ts';
import type { Messages, QueueReader } from './queue-feed.ts';
import type { QueueAddress } from './queue-settings.ts';

export interface KafkaContext extends OpenQueueOptions {
  readonly address: QueueAddress;
  readonly tls: ClientTls | undefined;
}

type Bytes = MessagesStream<Buffer, Buffer, Buffer, Buffer>;

const REQUEST_LIMIT_MS = 10_000;
/** A member that says nothing for so long has lost its partitions to the others. */
const SESSION_MS = 10_000;
const SIGN_OF_LIFE_MS = 2_000;
const FETCH_BYTES = 4 * 1024 * 1024;
const FETCH_WAIT_MS = 1_000;
const MOST_TOGETHER = 500;
const BACKLOG_EVERY_MS = 5_000;
/** Failed requests are tried so often before the connection is given up, and opened anew. */
const RETRIES = 3;
const mechanisms = {
  plain: 'PLAIN',
  'scram-sha-256': 'SCRAM-SHA-256',
  'scram-sha-512': 'SCRAM-SHA-512',
} as const;

export async function openKafka(context: KafkaContext): Promise<QueueReader> {
  const { address, settings, tls } = context;
  const consumer = new Consumer({
    clientId: 'peregrine',
    groupId: settings.group,
    bootstrapBrokers: [...address.servers],
    ...{ connectTimeout: REQUEST_LIMIT_MS, timeout: REQUEST_LIMIT_MS, retries: RETRIES },
    ...{ sessionTimeout: SESSION_MS, rebalanceTimeout: SESSION_MS, heartbeatInterval: SIGN_OF_LIFE_MS },
    ...{ maxBytes: FETCH_BYTES, maxWaitTime: FETCH_WAIT_MS, highWaterMark: MOST_TOGETHER },
    ...(tls === undefined ? {} : { tls: tlsOptions(tls) }),
    ...(settings.user === ''
      ? {}
      : {
          sasl: {
            mechanism: mechanisms[settings.saslMechanism],
            username: settings.user,
            password: settings.password,
          },
        }),
  });
  try {
    const stream = await consumer.consume({
      topics: [address.name],
      mode: 'committed',
      fallbackMode: settings.startAt === 'oldest' ? 'earliest' : 'latest',
      autocommit: false,
    });
    return new KafkaReader(consumer, stream, context);
  } catch (error) {
    await consumer.close(true).catch(() => {});
    throw error;
  }
}

function tlsOptions({ ca, identity }: ClientTls) {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(identity === undefined ? {} : { cert: identity, key: identity }),
  };
}

class KafkaReader implements QueueReader {
  readonly #consumer: Consumer<Buffer, Buffer, Buffer, Buffer>;
  readonly #topic: string;
  readonly #complaints: KafkaContext['complaints'];
  readonly #messages: Gatherer<Message<Buffer, Buffer, Buffer, Buffer>>;
  /** Raised each time partitions are given out anew. */
  #round = 0;
  /** Next offset by partition, not committed yet. */
  #due = new Map<number, bigint>();
  #committing: Promise<void> | undefined;

  constructor(consumer: Consumer<Buffer, Buffer, Buffer, Buffer>, stream: Bytes, context: KafkaContext) {
    const { address, complaints, counters } = context;
    this.#consumer = consumer;
    this.#topic = address.name;
    this.#complaints = complaints;
    this.#messages = new Gatherer(stream[Symbol.asyncIterator](), MOST_TOGETHER);
    consumer.on('consumer:group:join', () => {
      this.#round++;
      this.#due.clear();
    });
    // Where reading began is written down at once: what comes from now on must not be passed over after a restart.
    this.#commitStart(stream);
    stream.on('offsets', () => this.#commitStart(stream));
    consumer.on('consumer:lag', (lag) => {
      const partitions = lag.get(address.name) ?? [];
      counters.backlog = partitions.reduce((sum, count) => sum + Math.max(0, Number(count)), 0);
    });
    consumer.startLagMonitoring({ topics: [address.name] }, BACKLOG_EVERY_MS);
  }

  async read(signal: AbortSignal): Promise<Messages | undefined> {
    const taken = await this.#messages.take(signal);
    if (taken.length === 0) return undefined;
    const round = this.#round;
    const next = new Map(taken.map(({ partition, offset }) => [partition, offset + 1n]));
    return {
      // A message without a value takes an earlier one back; it is no event.
      bodies: taken.flatMap(({ value }) => value ?? []),
      done: () => {
        if (round !== this.#round) return;
        const [assigned] = this.#consumer.assignments ?? [];
        for (const [partition, offset] of next)
          if (assigned?.partitions.includes(partition)) this.#due.set(partition, offset);
        this.#commitSoon();
      },
    };
  }

  async close(): Promise<void> {
    await this.#committing;
    await this.#consumer.close(true);
  }

  #commitStart(stream: Bytes): void {
    for (const [key, offset] of stream.offsetsCommitted) {
      const partition = Number(key.slice(key.lastIndexOf(':') + 1));
      if (offset !== undefined && !this.#due.has(partition)) this.#due.set(partition, offset);
    }
    this.#commitSoon();
  }

  /** One after the other: what is due meanwhile goes with the next. */
  #commitSoon(): void {
    this.#committing ??= this.#commit().finally(() => {
      this.#committing = undefined;
    });
  }

  async #commit(): Promise<void> {
    while (this.#due.size > 0) {
      const due = [...this.#due];
      this.#due.clear();
      try {
        const rest = { topic: this.#topic, leaderEpoch: -1 };
        await this.#consumer.commit({
          offsets: due.map(([partition, offset]) => ({ ...rest, partition, offset })),
        });
      } catch (error) {
        // With what is due next; should that never come, the messages do, to this member or another.
        for (const [partition, offset] of due)
          if (!this.#due.has(partition)) this.#due.set(partition, offset);
        const why = error instanceof Error ? error.message : String(error);
        this.#complaints.add('Kafka did not take how far was read', why);
        return;
      }
    }
  }
}
