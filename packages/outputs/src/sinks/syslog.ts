/** Alerts for a log daemon: over UDP, TCP or TLS. No daemon acknowledges; delivered is what the connection took. */

import type { Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { hostname } from 'node:os';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { choice, delivered, integer, type Outcome, optional, schema, text } from '@peregrine/base';
import {
  type Delivery,
  type Destination,
  defineClientSink,
  type SinkConfig,
  type SinkContext,
} from '../sink.ts';
import { nodeTlsOptions } from '../transport/tls-trust.ts';
import { causeOf, linkedDestination } from './parts/linked-destination.ts';
import { type SyslogHead, syslogFacilities, syslogLine } from './parts/syslog-line.ts';

const MOST_TOGETHER = 200;
const MOST_BYTES_TOGETHER = 1024 * 1024;
/** What a datagram of IPv4 holds. */
const MOST_DATAGRAM_BYTES = 65_507;
/** How long a network that has said no is listened to after the next messages, milliseconds. */
const DOUBT_MS = 200;
const ports = { udp: 514, tcp: 514, tls: 6514 } as const;

const config = schema({
  host: text({ doc: 'Host of the log daemon.', example: 'syslog.example.org' }),
  port: optional(integer({ min: 1, max: 65_535, doc: 'Port; 514 unless set, 6514 with TLS.' })),
  protocol: choice(['tcp', 'udp', 'tls'], { default: 'tcp', doc: 'How messages get there.' }),
  format: choice(['json', 'cef'], {
    default: 'json',
    doc: "The alert as JSON, or as a line of ArcSight's CEF.",
  }),
  rfc: choice(['3164', '5424'], { default: '3164', doc: 'Form of what stands before the alert.' }),
  framing: optional(
    choice(['newline', 'octet_counting'], {
      doc: 'What tells messages apart in a stream: an end of line, or their length; the latter unless set with TLS or RFC 5424.',
    }),
  ),
  facility: choice(Object.keys(syslogFacilities) as (keyof typeof syslogFacilities)[], {
    // Its own keys.
    default: 'kern',
    doc: 'Facility of the messages.',
  }),
});
type Config = SinkConfig<typeof config.keys, Record<never, never>>;

export const syslog = defineClientSink({
  name: 'syslog',
  title: 'Syslog',
  category: 'logs',
  doc: 'Sends each alert to a log daemon.',
  config,
  enabledBy: ['host'],
  hasTls: true,
  batching: () => ({ mostAlerts: MOST_TOGETHER, mostBytes: MOST_BYTES_TOGETHER, waitMs: 0 }),
  open: async (settings, context) =>
    settings.protocol === 'udp' ? datagrams(settings, context) : stream(settings, context),
});

function headOf({ rfc, facility }: Config): SyslogHead {
  return { rfc, facility, hostName: hostname(), pid: process.pid };
}

function stream(settings: Config, context: SinkContext): Destination {
  const head = headOf(settings);
  const { host, protocol, port = ports[protocol], format } = settings;
  const isCounted = (settings.framing ?? defaultFraming(settings)) === 'octet_counting';
  const frame = ({ alert }: Delivery): Buffer => {
    const line = Buffer.from(syslogLine(alert, head, format), 'utf8');
    return Buffer.concat(isCounted ? [Buffer.from(`${line.length} `), line] : [line, Buffer.of(0x0a)]);
  };
  return linkedDestination<Socket>({
    context,
    open: async (signal, onLoss) => {
      const socket = await connected({ host, port, isTls: protocol === 'tls' }, context, signal);
      let why = 'the connection was closed';
      socket.on('error', (error) => {
        why = causeOf(error);
      });
      // A daemon never says anything: what comes is of no interest, but its end is.
      socket.on('end', () => socket.destroy());
      socket.on('close', () => onLoss(why));
      socket.resume();
      return socket;
    },
    close: async (socket) => {
      socket.end();
      if (!socket.destroyed && !socket.writableFinished) await once(socket, 'finish').catch(() => {});
      socket.destroy();
    },
    deliver: async (socket, deliveries) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const bytes = Buffer.concat(deliveries.map(frame));
      socket.write(bytes, (error) => (error === null || error === undefined ? resolve() : reject(error)));
      await promise;
      return delivered;
    },
  });
}

function defaultFraming({ protocol, rfc }: Config): 'newline' | 'octet_counting' {
  return protocol === 'tls' || rfc === '5424' ? 'octet_counting' : 'newline';
}

async function connected(
  { host, port, isTls }: { readonly host: string; readonly port: number; readonly isTls: boolean },
  { tls: trust }: SinkContext,
  signal: AbortSignal,
): Promise<Socket> {
  if (isTls) {
    const tls = await import('node:tls');
    const servername = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
    const socket = tls.connect({ host, port, ...nodeTlsOptions(trust), ...servername });
    return opened(socket, 'secureConnect', signal);
  }
  const net = await import('node:net');
  return opened(net.connect({ host, port, keepAlive: true }), 'connect', signal);
}

async function opened(socket: Socket, event: string, signal: AbortSignal): Promise<Socket> {
  try {
    await once(socket, event, { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

interface Datagrams {
  readonly socket: DatagramSocket;
  /** What the network said last about what was sent: nobody is at the port. */
  refusal: string | undefined;
  /** Whether it said so of the last messages. */
  isDoubtful: boolean;
}

async function datagrams(settings: Config, context: SinkContext): Promise<Destination> {
  const { createSocket } = await import('node:dgram');
  const { lookup } = await import('node:dns/promises');
  const head = headOf(settings);
  const { host, port = ports.udp, format } = settings;
  return linkedDestination<Datagrams>({
    context,
    open: async () => {
      const { address, family } = await lookup(host);
      const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
      const link: Datagrams = { socket, refusal: undefined, isDoubtful: false };
      socket.on('error', (error) => {
        link.refusal = causeOf(error);
      });
      socket.connect(port, address);
      await once(socket, 'connect');
      return link;
    },
    close: ({ socket }) => {
      socket.close();
    },
    deliver: async (link, deliveries) => {
      link.refusal = undefined;
      const outcomes = await Promise.all(
        deliveries.map(({ alert }) => sendDatagram(link.socket, syslogLine(alert, head, format))),
      );
      // That nobody is there is said a moment later; who was there last time is given no more than a turn.
      if (link.isDoubtful) await pause(DOUBT_MS);
      else await nextTurn();
      const reason = link.refusal;
      link.isDoubtful = reason !== undefined;
      if (reason === undefined) return outcomes;
      return outcomes.map((outcome) =>
        outcome.kind === 'delivered' ? { kind: 'retry', reason, afterMs: undefined } : outcome,
      );
    },
  });
}

function sendDatagram(socket: DatagramSocket, line: string): Promise<Outcome> {
  const bytes = Buffer.from(line, 'utf8');
  if (bytes.length > MOST_DATAGRAM_BYTES) {
    const reason = `a datagram holds ${MOST_DATAGRAM_BYTES} bytes, and the message has ${bytes.length}`;
    return Promise.resolve({ kind: 'rejected', reason });
  }
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  socket.send(bytes, (error) => (error === null ? resolve(delivered) : reject(error)));
  return promise;
}
