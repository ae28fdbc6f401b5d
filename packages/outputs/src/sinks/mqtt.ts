/** Alerts on a topic of an MQTT broker, with the quality of service that is asked for. */

import { randomBytes } from 'node:crypto';
import { choice, delivered, flag, optional, schema, secret, text } from '@peregrine/base';
import type { IClientOptions, MqttClient } from 'mqtt';
import { type Delivery, defineClientSink, type SinkConfig, type SinkContext } from '../sink.ts';
import { nodeTlsOptions } from '../transport/tls-trust.ts';
import { causeOf, linkedDestination } from './parts/linked-destination.ts';
import { hostPortOf, type ServerAddress, serverAddress } from './parts/server-address.ts';

const MOST_TOGETHER = 100;
const MOST_BYTES_TOGETHER = 1024 * 1024;
/** Messages without acknowledgement yet; brokers have room for few, and some lose what is beyond. */
const MOST_IN_FLIGHT = 10;
const MQTT_3_1_1 = 4;

/** What the schemes of addresses mean to the client library. */
const schemes: Readonly<Record<string, string>> = {
  '': 'mqtt',
  mqtt: 'mqtt',
  tcp: 'mqtt',
  mqtts: 'mqtts',
  ssl: 'mqtts',
  tls: 'mqtts',
  ws: 'ws',
  wss: 'wss',
};

const config = schema({
  broker: serverAddress({
    doc: 'Address of the broker: `tcp://`, `ssl://` for TLS, `ws://` or `wss://`.',
    example: 'tcp://mosquitto:1883',
    ports: { '': 1883, tcp: 1883, mqtt: 1883, ssl: 8883, tls: 8883, mqtts: 8883, ws: 80, wss: 443 },
  }),
  topic: text({ default: 'falco/events', doc: 'Topic of the alerts.' }),
  qos: choice(['0', '1', '2'], {
    default: '0',
    doc: 'Quality of service: 0 asks the broker for a sign of life after the alert, 1 and 2 for its acknowledgement.',
  }),
  retained: flag({
    default: false,
    doc: 'Have the broker keep the last alert for whoever subscribes later.',
  }),
  user: text({ default: '', doc: 'User, where the broker has users.' }),
  password: optional(secret({ doc: 'Password of the user.' })),
});
type Config = SinkConfig<typeof config.keys, Record<never, never>>;

export const mqtt = defineClientSink({
  name: 'mqtt',
  title: 'MQTT',
  category: 'queues',
  doc: 'Publishes each alert on a topic of an MQTT broker.',
  config,
  enabledBy: ['broker'],
  hasTls: true,
  refuses: ({ topic }) =>
    topic === '' || /[+#\0]/.test(topic)
      ? [{ key: 'topic', why: 'is no topic to publish on: it is empty or has a wildcard' }]
      : [],
  batching: () => ({ mostAlerts: MOST_TOGETHER, mostBytes: MOST_BYTES_TOGETHER, waitMs: 0 }),
  open: async (settings, context) => {
    const { connectAsync } = await import('mqtt');
    const address = addressOf(settings.broker);
    return linkedDestination<MqttClient>({
      context,
      secrets: [settings.password?.reveal() ?? '', settings.broker.password.reveal()],
      open: async (_signal, onLoss) => {
        const client = await connectAsync(address, clientOptions(settings, context), false);
        let why = 'the connection was closed';
        client.on('error', (error) => {
          why = causeOf(error);
        });
        client.on('close', () => onLoss(why));
        return client;
      },
      close: (client) => client.endAsync(true),
      deliver: async (client, deliveries) => {
        await publish(client, deliveries, settings);
        return delivered;
      },
    });
  },
});

async function publish(
  client: MqttClient,
  deliveries: readonly Delivery[],
  { topic, qos, retained }: Config,
): Promise<void> {
  const level = qos === '0' ? 0 : qos === '1' ? 1 : 2;
  for (let i = 0; i < deliveries.length; i += MOST_IN_FLIGHT) {
    const sent = deliveries
      .slice(i, i + MOST_IN_FLIGHT)
      .map(({ alert }) => client.publishAsync(topic, alert.json, { qos: level, retain: retained }));
    await Promise.all(sent);
  }
  // The broker has read all that came before what it answers.
  if (level === 0) await signOfLife(client);
}

function signOfLife(client: MqttClient): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const take = ({ cmd }: { readonly cmd?: string }): void => {
    if (cmd !== 'pingresp') return;
    client.off('packetreceive', take);
    resolve();
  };
  client.on('packetreceive', take);
  client.sendPing();
  return promise;
}

function addressOf(broker: ServerAddress): string {
  return `${schemes[broker.protocol] ?? 'mqtt'}://${hostPortOf(broker)}/${broker.path}`;
}

function clientOptions({ broker, user, password }: Config, { tls, timeoutMs }: SinkContext): IClientOptions {
  const name = user || broker.user;
  const word = password?.reveal() || broker.password.reveal();
  return {
    ...nodeTlsOptions(tls),
    // COMPAT: the beginning of the name that falcosidekick gives; brokers may have rules for it.
    clientId: `falcosidekick-${randomBytes(3).toString('hex')}`,
    protocolVersion: MQTT_3_1_1,
    clean: true,
    connectTimeout: timeoutMs,
    // Whoever sends connects: what waits in a client would not be in the journal's order.
    ...{ reconnectPeriod: 0, queueQoSZero: false },
    ...(name === '' ? {} : { username: name }),
    ...(word === '' ? {} : { password: word }),
  };
}
