/** Alerts in a queue of RabbitMQ, each confirmed by the broker. */

import { delivered, type Outcome, schema, secret, text } from '@peregrine/base';
import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { type Delivery, defineClientSink } from '../sink.ts';
import { nodeTlsOptions } from '../transport/tls-trust.ts';
import { causeOf, linkedDestination } from './parts/linked-destination.ts';

/** Messages that are published before the first confirmation is waited for. */
const MOST_TOGETHER = 100;
const MOST_BYTES_TOGETHER = 1024 * 1024;
/** What the broker says when it ends a channel on which such a message came. */
const TOO_LARGE = /message size \d+ is larger than/i;
const ADDRESS = /^amqps?:\/\/[^/]/i;

export const rabbitmq = defineClientSink({
  name: 'rabbitmq',
  title: 'RabbitMQ',
  category: 'queues',
  doc: 'Publishes each alert to a queue of RabbitMQ.',
  config: schema({
    url: secret({
      doc: 'Address of the broker, `amqp://` or `amqps://`, with user, password and virtual host.',
      example: 'amqp://falco:password@rabbitmq:5672/',
    }),
    queue: text({ doc: 'Queue that takes the alerts; it must be there.', example: 'falco' }),
  }),
  enabledBy: ['url', 'queue'],
  hasTls: true,
  refuses: ({ url }) =>
    ADDRESS.test(url.reveal()) && URL.canParse(url.reveal())
      ? []
      : [{ key: 'url', why: 'is not an address that begins with `amqp://` or `amqps://`' }],
  batching: () => ({ mostAlerts: MOST_TOGETHER, mostBytes: MOST_BYTES_TOGETHER, waitMs: 0 }),
  open: async ({ url, queue }, context) => {
    const { connect } = await import('amqplib');
    return linkedDestination<Link>({
      context,
      secrets: [url.reveal(), decodeURIComponent(new URL(url.reveal()).password)],
      open: async (_signal, onLoss) => {
        const connection = await connect(url.reveal(), {
          ...nodeTlsOptions(context.tls),
          timeout: context.timeoutMs,
          clientProperties: { connection_name: 'peregrine' },
        });
        return linkOf(connection, onLoss);
      },
      close: ({ connection }) => connection.close(),
      deliver: (link, deliveries) => publish(link, queue, deliveries),
      outcomeOf: (error) => {
        const reason = causeOf(error);
        return TOO_LARGE.test(reason) ? { kind: 'rejected', reason } : undefined;
      },
    });
  },
});

interface Link {
  readonly connection: ChannelModel;
  readonly channel: ConfirmChannel;
  /** Ids of messages that came back since there is no such queue. */
  readonly returned: Set<string>;
}

async function linkOf(connection: ChannelModel, onLoss: (reason: string) => void): Promise<Link> {
  const returned = new Set<string>();
  // An error comes before the end that it causes, and says why.
  let why = 'the connection was closed';
  const keep = (error: Error): void => {
    why = causeOf(error);
  };
  const end = (): void => onLoss(why);
  connection.on('error', keep);
  connection.on('close', end);
  const channel = await connection.createConfirmChannel();
  channel.on('error', keep);
  channel.on('close', end);
  channel.on('return', ({ properties }) => {
    if (typeof properties.messageId === 'string') returned.add(properties.messageId);
  });
  return { connection, channel, returned };
}

async function publish(
  { channel, returned }: Link,
  queue: string,
  deliveries: readonly Delivery[],
): Promise<readonly Outcome[]> {
  returned.clear();
  const confirmed = deliveries.map(({ alert, call }) => {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const properties = {
      contentType: 'text/plain',
      messageId: call.deliveryId,
      // Brokers keep it through a restart, and give it back when there is no such queue.
      ...{ persistent: true, mandatory: true },
    };
    channel.sendToQueue(queue, Buffer.from(alert.json), properties, (error) => {
      const reason = returned.has(call.deliveryId)
        ? `there is no queue \`${queue}\``
        : error === null || error === undefined
          ? undefined
          : `the broker did not take it: ${causeOf(error)}`;
      resolve(reason === undefined ? delivered : { kind: 'retry', reason, afterMs: undefined });
    });
    return promise;
  });
  return Promise.all(confirmed);
}
