/**
 * Messages of NATS. Those of a stream (JetStream) are acknowledged when their alerts are out, and come again until then;
 * those of a plain subject are given once to one member of the group, whatever becomes of it.
 */

import {
  type ConsumerConfig,
  type ConsumerMessages,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { Gatherer } from './gatherer.ts';
import type { ClientTls, OpenQueueOptions } from './open-queue.ts';
import { orAborted } from './or-aborted.ts';
import type { Messages, QueueReader } from './queue-feed.ts';
import type { QueueAddress } from './queue-settings.ts';

export interface NatsContext extends OpenQueueOptions {
  readonly address: QueueAddress;
  readonly tls: ClientTls | undefined;
  readonly credentials: string | undefined;
}

const CONNECT_LIMIT_MS = 10_000;
/** Without a sign of life for so long, the server gives a message to another. */
const ACK_WAIT_NS = 30e9;
/** That many are given in this time. */
const SIGNS_OF_LIFE = 3;
/** Messages on their way: handed out and not acknowledged. */
const MOST_UNACKNOWLEDGED = 2_000;
const MOST_TOGETHER = 500;
const CLOSE_LIMIT_MS = 5_000;

async function connected({ address, settings, tls, credentials, ...rest }: NatsContext) {
  const { user, password } = settings;
  const connection = await connect({
    servers: [...address.servers],
    name: 'peregrine',
    timeout: CONNECT_LIMIT_MS,
    maxReconnectAttempts: -1,
    ...(user === '' ? {} : { user, pass: password }),
    ...(user === '' && password !== '' ? { token: password } : {}),
    ...(credentials === undefined
      ? {}
      : { authenticator: credsAuthenticator(new TextEncoder().encode(credentials)) }),
    ...(tls === undefined ? {} : { tls: tlsOptions(tls) }),
  });
  void tellOfLosses(connection, rest);
  return connection;
}

function tlsOptions({ ca, identity }: ClientTls) {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(identity === undefined ? {} : { cert: identity, key: identity }),
  };
}

/** The client connects again by itself; that it had to is worth a word. */
async function tellOfLosses(
  connection: NatsConnection,
  { counters, complaints }: Pick<OpenQueueOptions, 'counters' | 'complaints'>,
): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type !== 'disconnect' && status.type !== 'error') continue;
    counters.failures++;
    complaints.add(`the connection to NATS has trouble (${status.type})`, connection.getServer());
  }
}

async function closed(connection: NatsConnection): Promise<void> {
  // What is written is sent before it ends; a server that is gone is not waited for.
  const late = setTimeout(() => void connection.close(), CLOSE_LIMIT_MS);
  await connection.drain().catch(() => connection.close());
  clearTimeout(late);
}

/** One consumer of that name for all members of the group; whoever made it before has said how it is. */
export async function openJetStream(context: NatsContext): Promise<QueueReader> {
  const { settings, address, counters } = context;
  const connection = await connected(context);
  try {
    const manager = await jetstreamManager(connection);
    const known = await consumerConfigOf(manager, settings);
    if (known === undefined)
      await manager.consumers.add(settings.stream, consumerConfig(settings, address.name));
    else checkConsumer(known, settings.group, address.name);
    const consumer = await jetstream(connection).consumers.get(settings.stream, settings.group);
    const messages = await consumer.consume({
      max_messages: MOST_TOGETHER,
      abort_on_missing_resource: true,
    });
    const { config } = await consumer.info(true);
    return new StreamReader(connection, messages, (config.ack_wait ?? ACK_WAIT_NS) / 1e6, counters);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** `undefined`: there is no such consumer yet. */
async function consumerConfigOf(
  manager: JetStreamManager,
  { stream, group }: NatsContext['settings'],
): Promise<ConsumerConfig | undefined> {
  try {
    return (await manager.consumers.info(stream, group)).config;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound)
      return undefined;
    throw error;
  }
}

function checkConsumer(
  { ack_policy: policy, filter_subject: subject }: ConsumerConfig,
  group: string,
  wanted: string,
): void {
  if (policy !== 'explicit')
    throw new Error(`the consumer \`${group}\` has the ack policy \`${policy}\`, and needs \`explicit\``);
  if (subject !== undefined && subject !== wanted)
    throw new Error(`the consumer \`${group}\` is for the subject \`${subject}\`, not for \`${wanted}\``);
}

function consumerConfig(
  { group, startAt }: NatsContext['settings'],
  subject: string,
): Partial<ConsumerConfig> {
  return {
    durable_name: group,
    filter_subject: subject,
    ack_policy: 'explicit',
    deliver_policy: startAt === 'oldest' ? 'all' : 'new',
    ack_wait: ACK_WAIT_NS,
    max_ack_pending: MOST_UNACKNOWLEDGED,
  };
}

class StreamReader implements QueueReader {
  readonly #connection: NatsConnection;
  readonly #stream: ConsumerMessages;
  readonly #messages: Gatherer<JsMsg>;
  readonly #counters: NatsContext['counters'];
  readonly #unacknowledged = new Set<JsMsg>();
  readonly #signsOfLife: NodeJS.Timeout;
  #isClosed = false;

  constructor(
    connection: NatsConnection,
    stream: ConsumerMessages,
    ackWaitMs: number,
    counters: NatsContext['counters'],
  ) {
    this.#connection = connection;
    this.#stream = stream;
    this.#messages = new Gatherer(stream[Symbol.asyncIterator](), MOST_TOGETHER);
    this.#counters = counters;
    this.#signsOfLife = setInterval(() => {
      for (const message of this.#unacknowledged) message.working();
    }, ackWaitMs / SIGNS_OF_LIFE);
  }

  async read(signal: AbortSignal): Promise<Messages | undefined> {
    const taken = await this.#messages.take(signal);
    if (taken.length === 0) return undefined;
    for (const message of taken) this.#unacknowledged.add(message);
    this.#counters.backlog = taken.at(-1)?.info.pending ?? 0;
    return {
      bodies: taken.map(({ data }) => data),
      done: () => {
        for (const message of taken) {
          this.#unacknowledged.delete(message);
          if (!this.#isClosed) message.ack();
        }
      },
    };
  }

  async close(): Promise<void> {
    clearInterval(this.#signsOfLife);
    await this.#stream.close();
    // COMPAT: What is not acknowledged by now comes again when its time is over. It is not refused, since NATS 2.9 then
    // gives other messages twice and forgets these.
    this.#isClosed = true;
    await closed(this.#connection);
  }
}

export async function openSubject(context: NatsContext): Promise<QueueReader> {
  const connection = await connected(context);
  return new SubjectReader(connection, context);
}

class SubjectReader implements QueueReader {
  readonly #connection: NatsConnection;
  readonly #counters: NatsContext['counters'];
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #arrival = Promise.withResolvers<undefined>();
  #isOver = false;

  constructor(connection: NatsConnection, context: NatsContext) {
    const { address, settings, counters, complaints, mostWaitingBytes } = context;
    this.#connection = connection;
    this.#counters = counters;
    connection.subscribe(address.name, {
      queue: settings.group,
      callback: (error, { data }) => {
        if (error !== null) return;
        // INVARIANT: NATS does not wait for whoever is slow, so that something has to go.
        if (counters.waitingBytes + this.#waitingBytes + data.length > mostWaitingBytes) {
          counters.refuse('queue_full');
          complaints.add('a message is lost, since there is no room for it', `subject ${address.name}`);
          return;
        }
        this.#waiting.push(data);
        this.#waitingBytes += data.length;
        this.#arrival.resolve(undefined);
      },
    });
    void connection.closed().then(() => {
      this.#isOver = true;
      this.#arrival.resolve(undefined);
    });
  }

  async read(signal: AbortSignal): Promise<Messages | undefined> {
    while (this.#waiting.length === 0) {
      if (signal.aborted) return undefined;
      if (this.#isOver) throw new Error('the connection is closed');
      await orAborted(this.#arrival.promise, signal);
      this.#arrival = Promise.withResolvers();
    }
    const bodies = this.#waiting.splice(0, MOST_TOGETHER);
    this.#waitingBytes -= bodies.reduce((sum, body) => sum + body.length, 0);
    this.#counters.backlog = this.#waiting.length;
    return { bodies, done: () => {} };
  }

  close(): Promise<void> {
    return closed(this.#connection);
  }
}
