/** Alerts on subjects of NATS: published plainly, or to a stream of JetStream that keeps them. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JetStreamClient } from '@nats-io/jetstream';
import type { ConnectionOptions, NatsConnection } from '@nats-io/transport-node';
import { delivered, flag, type Outcome, optional, schema, secret, text } from '@peregrine/base';
import { type Delivery, defineClientSink, type SinkConfig, type SinkContext } from '../sink.ts';
import { nodeTlsOptions } from '../transport/tls-trust.ts';
import { causeOf, linkedDestination } from './parts/linked-destination.ts';
import { subjectOf, subjectTemplate } from './parts/nats-subject.ts';
import { hostPortOf, serverAddresses } from './parts/server-address.ts';

/** Messages that are on their way to a stream before the first acknowledgement is waited for. */
const MOST_TOGETHER = 100;
const MOST_BYTES_TOGETHER = 1024 * 1024;
/** The client compares what it is to send with what the server said that it takes. */
const TOO_LARGE = 'max_payload';

const config = schema({
  hostport: serverAddresses({
    doc: 'Addresses of the servers, `nats://` or `natss://` for TLS, with user and password (or a token) where needed.',
    example: 'nats://nats:4222',
    ports: { nats: 4222, natss: 4222, tls: 4222, '': 4222 },
  }),
  subjecttemplate: subjectTemplate(),
  jetstream: flag({
    default: false,
    doc: 'Publish to a stream, which acknowledges when it keeps the alert and recognises repeats; one must take the subjects.',
  }),
  credentialsfile: text({
    default: '',
    doc: 'File with the token and key of a user.',
    example: '/etc/nats.creds',
  }),
  nkeyseed: optional(secret({ doc: 'Seed of the key that the server knows the hub by.' })),
});
type Config = SinkConfig<typeof config.keys, Record<never, never>>;

export const nats = defineClientSink({
  name: 'nats',
  title: 'NATS',
  category: 'queues',
  doc: 'Publishes each alert on a subject of NATS.',
  config,
  enabledBy: ['hostport'],
  hasTls: true,
  hasConcurrency: true,
  batching: () => ({ mostAlerts: MOST_TOGETHER, mostBytes: MOST_BYTES_TOGETHER, waitMs: 0 }),
  open: async (settings, context) => {
    const client = await import('@nats-io/transport-node');
    const { jetstream } = await import('@nats-io/jetstream');
    const options = await connectionOptions(settings, context, client);
    return linkedDestination<Link>({
      context,
      secrets: settings.hostport.map(({ user, password }) => password.reveal() || user),
      open: async (_signal, onLoss) => {
        const connection = await client.connect(options);
        const refusals: Refusals = { count: 0, bySubject: new Map() };
        void watch(connection, refusals, onLoss);
        return { connection, refusals, stream: settings.jetstream ? jetstream(connection) : undefined };
      },
      close: ({ connection }) => connection.close(),
      deliver: (link, deliveries) =>
        link.stream === undefined
          ? publishPlainly(link, deliveries, settings)
          : Promise.all(
              deliveries.map((delivery) => publishToStream(link.stream, delivery, settings, context)),
            ),
    });
  },
});

interface Link {
  readonly connection: NatsConnection;
  readonly refusals: Refusals;
  readonly stream: JetStreamClient | undefined;
}

/** Why the server did not take what was published on a subject; sends may overlap, so that each has a number. */
interface Refusals {
  count: number;
  readonly bySubject: Map<string, { readonly number: number; readonly reason: string }>;
}

/** Subjects that are remembered: alerts may bring any number. */
const MOST_REFUSALS = 1_000;

async function connectionOptions(
  settings: Config,
  { tls, timeoutMs }: SinkContext,
  { credsAuthenticator, nkeyAuthenticator }: typeof import('@nats-io/transport-node'),
): Promise<ConnectionOptions> {
  const [first] = settings.hostport;
  const isTls = settings.hostport.some(({ protocol }) => protocol === 'natss' || protocol === 'tls');
  const { ca, ...rest } = nodeTlsOptions(tls);
  const password = first?.password.reveal() ?? '';
  const seed = settings.nkeyseed?.reveal();
  const { readFile } = await import('node:fs/promises');
  return {
    servers: settings.hostport.map(hostPortOf),
    name: 'peregrine',
    timeout: timeoutMs,
    // Whoever sends connects: what waits in a client would not be in the journal's order.
    reconnect: false,
    ...(first === undefined || first.user === ''
      ? {}
      : password === ''
        ? { token: first.user }
        : { user: first.user, pass: password }),
    ...(settings.credentialsfile === ''
      ? {}
      : { authenticator: credsAuthenticator(await readFile(settings.credentialsfile)) }),
    ...(seed === undefined ? {} : { authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)) }),
    ...(isTls || rest.cert !== undefined || !rest.rejectUnauthorized
      ? { tls: { ...rest, ...(ca === undefined ? {} : { ca: ca.join('\n') }) } }
      : {}),
  };
}

async function watch(
  connection: NatsConnection,
  refusals: Refusals,
  onLoss: (reason: string) => void,
): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type !== 'error') continue;
    const [, subject] = /publish to "([^"]+)"/i.exec(status.error.message) ?? [];
    if (subject === undefined) continue;
    if (refusals.bySubject.size >= MOST_REFUSALS) refusals.bySubject.clear();
    refusals.bySubject.set(subject, { number: ++refusals.count, reason: causeOf(status.error) });
  }
  const error = await connection.closed();
  onLoss(error instanceof Error ? causeOf(error) : 'the connection was closed');
}

/** The server has them when it has answered what was asked after them. */
async function publishPlainly(
  { connection, refusals }: Link,
  deliveries: readonly Delivery[],
  { subjecttemplate }: Config,
): Promise<readonly Outcome[]> {
  const before = refusals.count;
  const published = deliveries.map(({ alert }): { readonly subject: string; readonly refusal?: Outcome } => {
    const subject = subjectOf(subjecttemplate, alert);
    try {
      connection.publish(subject, alert.json);
      return { subject };
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      return { subject, refusal };
    }
  });
  await connection.flush();
  // What the server said before its answer reaches the watcher a turn later.
  await nextTurn();
  return published.map(({ subject, refusal }) => {
    const refused = refusals.bySubject.get(subject);
    if (refusal !== undefined) return refusal;
    return refused === undefined || refused.number <= before
      ? delivered
      : { kind: 'retry', reason: refused.reason, afterMs: undefined };
  });
}

async function publishToStream(
  stream: JetStreamClient | undefined,
  { alert, call }: Delivery,
  { subjecttemplate }: Config,
  { timeoutMs }: SinkContext,
): Promise<Outcome> {
  const subject = subjectOf(subjecttemplate, alert);
  try {
    await stream?.publish(subject, alert.json, { msgID: call.deliveryId, timeout: timeoutMs });
    return delivered;
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal !== undefined) return refusal;
    const reason = isUnanswered(error) ? `no stream takes the subject \`${subject}\`` : causeOf(error);
    return { kind: 'retry', reason, afterMs: undefined };
  }
}

/** `undefined`: the error is not about the alert. */
function refusalOf(error: unknown): Outcome | undefined {
  const reason = causeOf(error);
  return reason.includes(TOO_LARGE) ? { kind: 'rejected', reason } : undefined;
}

/** The client takes it as a server without streams; there may be streams, and none for this subject. */
function isUnanswered(error: unknown): boolean {
  return error instanceof Error && /^(?:NoResponders|JetStreamNotEnabled)/.test(error.name);
}
