/** Lines of JSON for Logstash, over TCP or TLS. */

import type { Socket } from 'node:net';
import { documentOf, encodeJson, type HubAlert, type HubValue } from '@peregrine/alert';
import { delivered, flag, integer, list, schema, text } from '@peregrine/base';
import { defineClientSink, type SinkConfig, type SinkContext } from '../sink.ts';
import { nodeTlsOptions } from '../transport/tls-trust.ts';
import { linkedDestination } from './parts/linked-destination.ts';
import { readPem } from './parts/pem-files.ts';

const MOST_TOGETHER = 200;
const MOST_BYTES_TOGETHER = 1024 * 1024;

const config = schema({
  address: text({ default: '', doc: 'Host of the server.', example: 'logstash' }),
  port: integer({ default: 5_044, min: 1, max: 65_535, doc: 'Port of its TCP input.' }),
  tags: list(text({ doc: 'A tag.' }), {
    default: [],
    doc: 'Tags to add to those of each alert.',
    example: 'falco',
  }),
  tls: flag({ default: false, doc: 'Encrypt; `mutualtls` does so, too.' }),
  mutualtls: flag({
    default: false,
    doc: "Present the certificate of `certfile`; the server's is then checked, whatever `checkcert` says.",
  }),
  checkcert: flag({ default: false, doc: "Check the server's certificate." }),
  certfile: text({ default: '', doc: 'File with our certificate.' }),
  keyfile: text({ default: '', doc: 'File with its key.' }),
  cacertfile: text({ default: '', doc: 'File with the authority that the server is checked against.' }),
});
type Config = SinkConfig<typeof config.keys, Record<never, never>>;

export const logstash = defineClientSink({
  name: 'logstash',
  title: 'Logstash',
  category: 'logs',
  doc: 'Sends each alert as a line of JSON to a TCP input of Logstash.',
  config,
  enabledBy: ['address'],
  refuses: ({ mutualtls, certfile, keyfile }) =>
    mutualtls && (certfile === '' || keyfile === '')
      ? [{ key: certfile === '' ? 'certfile' : 'keyfile', why: 'is not set, and `mutualtls` needs it' }]
      : [],
  batching: () => ({ mostAlerts: MOST_TOGETHER, mostBytes: MOST_BYTES_TOGETHER, waitMs: 0 }),
  open: async (settings, context) => {
    const connect = await connectorFor(settings, context);
    return linkedDestination({
      context,
      open: connect,
      close: (socket) => {
        socket.destroy();
      },
      deliver: async (socket, deliveries) => {
        const lines = deliveries.map(({ alert }) => `${lineOf(alert, settings)}\n`).join('');
        await written(socket, lines);
        return delivered;
      },
    });
  },
});

/** COMPAT: `proc.aname[2]` becomes `proc.aname.2`. */
function lineOf(alert: HubAlert, { tags }: Config): string {
  const fields: Record<string, HubValue> = {};
  for (const [name, value] of Object.entries(alert.fields)) fields[name.replace(/\[(\d+)\]/g, '.$1')] = value;
  return encodeJson(documentOf({ ...alert, fields, tags: [...alert.tags, ...tags] }));
}

type Connect = (signal: AbortSignal, onLoss: (reason: string) => void) => Promise<Socket>;

async function connectorFor(settings: Config, context: SinkContext): Promise<Connect> {
  const { address: host, port } = settings;
  if (!settings.tls && !settings.mutualtls) {
    const { connect } = await import('node:net');
    return (signal, onLoss) => connected(connect({ host, port }), 'connect', signal, onLoss);
  }
  const { connect } = await import('node:tls');
  const { isIP } = await import('node:net');
  const options = tlsOptions(settings, context);
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return (signal, onLoss) =>
    connected(connect({ host, port, ...servername, ...options }), 'secureConnect', signal, onLoss);
}

function tlsOptions({ mutualtls, checkcert, certfile, keyfile, cacertfile }: Config, { tls }: SinkContext) {
  const authorities = cacertfile === '' ? [] : [readPem('logstash.cacertfile', cacertfile)];
  return nodeTlsOptions({
    isChecked: checkcert || mutualtls,
    authorities: [...tls.authorities, ...authorities],
    identity: mutualtls
      ? { cert: readPem('logstash.certfile', certfile), key: readPem('logstash.keyfile', keyfile) }
      : undefined,
  });
}

function connected(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
  onLoss: (reason: string) => void,
): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const fail = (reason: string): void => {
    reject(new Error(reason));
    onLoss(reason);
    socket.destroy();
  };
  socket.once(event, () => resolve(socket));
  socket.on('error', (error) => fail(error.message));
  // The server says nothing but that it goes.
  socket.on('end', () => fail('the server closed the connection'));
  socket.on('close', () => fail('the connection was closed'));
  socket.resume();
  signal.addEventListener('abort', () => reject(new Error('no connection in time')), { once: true });
  socket.setKeepAlive(true, 30_000);
  return promise;
}

/** Until the system has it: the protocol has no acknowledgement. */
function written(socket: Socket, lines: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.write(lines, (error) => (error ? reject(error) : resolve()));
  return promise;
}
