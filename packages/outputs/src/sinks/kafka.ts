/** Alerts in a topic of Kafka. */

import { choice, delivered, flag, type Outcome, optional, schema, secret, text } from '@peregrine/base';
import type { Producer, ProducerOptions } from '@platformatic/kafka';
import { defineClientSink, type SinkConfig, type SinkContext } from '../sink.ts';
import { nodeTlsOptions } from '../transport/tls-trust.ts';
import { causeOf, linkedDestination } from './parts/linked-destination.ts';
import { hostPortOf, serverAddresses } from './parts/server-address.ts';

const MOST_TOGETHER = 500;
/** Brokers take one mebibyte at once unless they are told otherwise. */
const MOST_BYTES_TOGETHER = 900 * 1024;

/** Names of the protocol's errors that are about the messages themselves. */
const aboutTheMessage = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'CORRUPT_MESSAGE',
]);

const mechanisms = {
  PLAIN: 'PLAIN',
  SCRAM_SHA256: 'SCRAM-SHA-256',
  SCRAM_SHA512: 'SCRAM-SHA-512',
} as const;
const compressions = { NONE: 'none', GZIP: 'gzip', SNAPPY: 'snappy', LZ4: 'lz4', ZSTD: 'zstd' } as const;
/** Without an answer (`NONE`) nobody could say that an alert is delivered. */
const acknowledgements = { ALL: -1, ONE: 1, NONE: 1 } as const;

const config = schema({
  hostport: serverAddresses({
    doc: 'Addresses of brokers; the others of the cluster are found through them.',
    example: 'kafka:9092',
    ports: { '': 9092 },
  }),
  topic: text({ doc: 'Topic that takes the alerts.', example: 'falco' }),
  sasl: optional(
    choice(['PLAIN', 'SCRAM_SHA256', 'SCRAM_SHA512'], {
      doc: 'How the hub proves who it is; empty, it does not.',
    }),
  ),
  username: text({ default: '', doc: 'User for `sasl`.' }),
  password: optional(secret({ doc: 'Password for `sasl`.' })),
  tls: flag({ default: false, doc: 'Connect with TLS; `mutualtls` does so too.' }),
  balancer: choice(['round_robin', 'least_bytes', 'crc32', 'crc32_random', 'murmur2', 'murmur2_random'], {
    default: 'round_robin',
    doc: 'How partitions are chosen. Alerts have no key: `crc32` and `murmur2` put all into one partition, which keeps them in order.',
  }),
  clientid: text({
    default: '',
    doc: 'Name of the hub in logs and quotas of the brokers; empty, it is `peregrine`.',
  }),
  compression: choice(['NONE', 'GZIP', 'SNAPPY', 'LZ4', 'ZSTD'], {
    default: 'NONE',
    doc: 'How messages are packed.',
  }),
  async: flag({
    default: false,
    doc: 'Means nothing any more: answers are waited for, and nothing else waits meanwhile.',
  }),
  requiredacks: choice(['NONE', 'ONE', 'ALL'], {
    default: 'NONE',
    doc: 'Who has an alert before it counts as delivered: the leader of the partition (`ONE`, and `NONE` too, which once meant that losses were not noticed), or all replicas in step (`ALL`).',
  }),
  topiccreation: flag({ default: false, doc: 'Have the brokers make the topic where it is missing.' }),
});
type Config = SinkConfig<typeof config.keys, Record<never, never>>;
type Choose = NonNullable<ProducerOptions<Buffer, Buffer, Buffer, Buffer>['partitioner']>;

export const kafka = defineClientSink({
  name: 'kafka',
  title: 'Kafka',
  category: 'queues',
  doc: 'Produces each alert to a topic of Kafka.',
  config,
  enabledBy: ['hostport', 'topic'],
  hasTls: true,
  refuses: ({ sasl, username }) =>
    sasl !== undefined && username === ''
      ? [{ key: 'username', why: 'is not set, and `kafka.sasl` needs it' }]
      : [],
  batching: () => ({ mostAlerts: MOST_TOGETHER, mostBytes: MOST_BYTES_TOGETHER, waitMs: 0 }),
  open: async (settings, context) => {
    const { Producer } = await import('@platformatic/kafka');
    const options = producerOptions(settings, context);
    return linkedDestination<Producer<Buffer, Buffer, Buffer, Buffer>>({
      context,
      secrets: [settings.password?.reveal() ?? ''],
      open: async () => {
        const producer = new Producer(options);
        const { topic, topiccreation } = settings;
        try {
          await producer.metadata({ topics: [topic], autocreateTopics: topiccreation });
        } catch (error) {
          void producer.close(true).catch(() => {});
          throw error;
        }
        return producer;
      },
      close: (producer) => producer.close(true),
      deliver: async (producer, deliveries) => {
        await producer.send({
          messages: deliveries.map(({ alert }) => ({
            topic: settings.topic,
            value: Buffer.from(alert.json),
          })),
        });
        return delivered;
      },
      outcomeOf: rejectionOf,
    });
  },
});

function producerOptions(
  settings: Config,
  { tls, timeoutMs }: SinkContext,
): ProducerOptions<Buffer, Buffer, Buffer, Buffer> {
  const { hostport, clientid, sasl, username, password, balancer } = settings;
  return {
    clientId: clientid || 'peregrine',
    bootstrapBrokers: hostport.map(hostPortOf),
    ...{ connectTimeout: timeoutMs, requestTimeout: timeoutMs, timeout: timeoutMs },
    // Trying again is the delivery's affair: it keeps the order and says what goes on.
    retries: 0,
    acks: acknowledgements[settings.requiredacks],
    compression: compressions[settings.compression],
    autocreateTopics: settings.topiccreation,
    partitioner: chooserOf(balancer, settings.topic),
    ...(settings.tls || tls.identity !== undefined ? { tls: nodeTlsOptions(tls) } : {}),
    ...(sasl === undefined
      ? {}
      : { sasl: { mechanism: mechanisms[sasl], username, password: password?.reveal() ?? '' } }),
  };
}

/** COMPAT: what `murmur2` makes of nothing, which is the key; of it, `crc32` makes 0. */
const MURMUR2_OF_NOTHING = 275_646_681;

/** What it gives is taken modulo the count of partitions. */
function chooserOf(balancer: Config['balancer'], topic: string): Choose {
  let next = 0;
  switch (balancer) {
    case 'crc32':
      return () => 0;
    case 'murmur2':
      return () => MURMUR2_OF_NOTHING;
    case 'least_bytes': {
      const bytes: number[] = [];
      return ({ value }, _key, { metadata }) => {
        const count = metadata?.topics.get(topic)?.partitionsCount ?? 1;
        for (let i = bytes.length; i < count; i++) bytes.push(0);
        const least = bytes.indexOf(Math.min(...bytes.slice(0, count)));
        bytes[least] = (bytes[least] ?? 0) + (value?.length ?? 0);
        return least;
      };
    }
    default:
      return () => next++;
  }
}

/** `undefined`: it is not about the alert. */
function rejectionOf(error: unknown): Outcome | undefined {
  const names = errorNames(error);
  const name = names.find((candidate) => aboutTheMessage.has(candidate));
  return name === undefined ? undefined : { kind: 'rejected', reason: `${name}: ${causeOf(error)}` };
}

/** Names of the protocol's errors that it holds, at any depth. */
function errorNames(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [];
  const own = 'apiId' in error && typeof error.apiId === 'string' ? [error.apiId] : [];
  const inner = error instanceof AggregateError ? error.errors : [];
  return [...own, ...[...inner, error.cause].flatMap(errorNames)];
}
