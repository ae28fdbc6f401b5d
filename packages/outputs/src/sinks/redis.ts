/** Alerts in Redis: at the end of a list, or in a hash under their ids. */

import { readFileSync } from 'node:fs';
import { choice, delivered, Fault, flag, integer, optional, schema, secret, text } from '@peregrine/base';
import { defineClientSink, type SinkConfig, type SinkContext } from '../sink.ts';
import { nodeTlsOptions } from '../transport/tls-trust.ts';
import { reasonOf } from '../transport/write-all.ts';
import { causeOf, linkedDestination } from './parts/linked-destination.ts';
import { serverAddress } from './parts/server-address.ts';

const MOST_TOGETHER = 200;
const MOST_BYTES_TOGETHER = 1024 * 1024;

const config = schema({
  address: serverAddress({
    doc: 'Address of the server.',
    example: 'redis:6379',
    ports: { '': 6379, redis: 6379, rediss: 6379 },
  }),
  username: text({ default: '', doc: 'User, where the server has users.' }),
  password: optional(secret({ doc: 'Password of the user or of the server.' })),
  database: integer({ default: 0, min: 0, doc: 'Number of the database.' }),
  storagetype: choice(['list', 'hashmap'], {
    default: 'list',
    doc: 'Alerts go to the end of a list, or into a hash under their ids, where repeats replace each other.',
  }),
  key: text({ default: 'falco', doc: 'Name of the list or the hash.' }),
  tls: flag({ default: false, doc: 'Connect with TLS; `rediss://` and `mutualtls` do so too.' }),
  certfile: text({ default: '', doc: 'File with the certificate to show, in place of `mutualtlsclient`.' }),
  keyfile: text({ default: '', doc: 'File with the key of `certfile`.' }),
  cacertfile: text({ default: '', doc: "File with the authorities of the server's certificate." }),
});
type Config = SinkConfig<typeof config.keys, Record<never, never>>;

export const redis = defineClientSink({
  name: 'redis',
  title: 'Redis',
  category: 'database',
  doc: 'Keeps each alert in Redis.',
  config,
  enabledBy: ['address'],
  hasTls: true,
  hasConcurrency: true,
  refuses: ({ certfile, keyfile }) =>
    (certfile === '') === (keyfile === '')
      ? []
      : [{ key: certfile === '' ? 'certfile' : 'keyfile', why: 'is not set: a certificate needs its key' }],
  batching: () => ({ mostAlerts: MOST_TOGETHER, mostBytes: MOST_BYTES_TOGETHER, waitMs: 0 }),
  open: async (settings, context) => {
    const { createClient } = await import('@redis/client');
    const options = clientOptions(settings, context);
    const { key, storagetype } = settings;
    return linkedDestination({
      context,
      secrets: [settings.password?.reveal() ?? '', settings.address.password.reveal()],
      open: async (_signal, onLoss) => {
        const client = createClient(options);
        client.on('error', (error: Error) => onLoss(causeOf(error)));
        client.on('end', () => onLoss('the connection was closed'));
        return client.connect();
      },
      close: (client) => {
        client.destroy();
      },
      // One command for all of them: the server takes all or none.
      deliver: async (client, deliveries) => {
        const alerts = deliveries.map(({ alert }) => alert);
        if (storagetype === 'hashmap')
          await client.hSet(
            key,
            alerts.flatMap(({ uuid, json }) => [uuid, json]),
          );
        else
          await client.rPush(
            key,
            alerts.map(({ json }) => json),
          );
        return delivered;
      },
    });
  },
});

function clientOptions(settings: Config, { tls, timeoutMs }: SinkContext) {
  const { address, username, password, database } = settings;
  const { host, port } = address;
  const user = username || address.user;
  const word = password?.reveal() || address.password.reveal();
  const isTls = settings.tls || address.protocol === 'rediss' || tls.identity !== undefined;
  // Whoever sends connects: what waits in a client would not be in the journal's order.
  const common = { host, port, connectTimeout: timeoutMs, reconnectStrategy: false } as const;
  return {
    // The older protocol, which every server speaks; what only Redis' own cloud has is not asked for.
    ...({ RESP: 2, maintNotifications: 'disabled' } as const),
    ...{ disableOfflineQueue: true, name: 'peregrine' },
    ...(database === 0 ? {} : { database }),
    ...(user === '' ? {} : { username: user }),
    ...(word === '' ? {} : { password: word }),
    socket: isTls ? { ...common, ...tlsOptions(settings, tls), tls: true as const } : common,
  };
}

function tlsOptions({ certfile, keyfile, cacertfile }: Config, tls: SinkContext['tls']) {
  const authorities = cacertfile === '' ? [] : [readPem('cacertfile', cacertfile)];
  const identity =
    certfile === ''
      ? tls.identity
      : { cert: readPem('certfile', certfile), key: readPem('keyfile', keyfile) };
  return nodeTlsOptions({ ...tls, authorities: [...tls.authorities, ...authorities], identity });
}

function readPem(key: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Fault('output-unavailable', `cannot read \`redis.${key}\`: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
