/**
 * The hub's counters for StatsD and DogStatsD, over UDP. What is sent is what was added since the last time, so that
 * thousands of alerts are a few datagrams.
 */

import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { type Infer, list, optional, schema, text } from '@peregrine/base';
import { type ServerAddress, serverAddress } from '../sinks/parts/server-address.ts';
import { reasonOf } from '../transport/write-all.ts';

/** COMPAT: before every name. */
const NAMESPACE = 'falcosidekick.';
/** What one datagram carries over any network. */
const MOST_BYTES = 1_432;
const INTERVAL_MS = 5_000;

/** Keys of `statsd` and `dogstatsd`. */
export const statsdConfig = schema(
  {
    forwarder: optional<ServerAddress>(
      serverAddress({
        doc: 'Host and port of the daemon; absent, there is none.',
        example: 'statsd:8125',
        ports: { '': 8125 },
      }),
    ),
    namespace: text({ default: NAMESPACE, doc: 'Beginning of every name.' }),
    tags: list(text({ doc: 'A tag.' }), { default: [], doc: 'Tags of every counter.', example: 'env:prod' }),
  },
  { doc: 'Counters of the hub, over UDP: what is added is sent every few seconds.' },
);
export type StatsdSettings = Infer<typeof statsdConfig>;

/** A counter as it stands: it never becomes less. */
export interface CounterReading {
  /** Without the namespace: `outputs`. */
  readonly name: string;
  /** `output:slack`, `status:ok`. */
  readonly tags: readonly string[];
  readonly count: number;
}

export interface StatsdOptions {
  readonly style: 'statsd' | 'dogstatsd';
  readonly settings: StatsdSettings & { readonly forwarder: ServerAddress };
  readonly read: () => readonly CounterReading[];
  /** Said when it stops working, not each time. */
  readonly onTrouble: (reason: string) => void;
  readonly intervalMs?: number;
}

export class StatsdReporter {
  readonly #options: StatsdOptions;
  readonly #sent = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #socket: Promise<Socket> | undefined;
  #isTroubled = false;

  /** Begins at once. */
  constructor(options: StatsdOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#report(), options.intervalMs ?? INTERVAL_MS);
  }

  /** Sends what is new, and no more after that. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#report();
    const socket = await this.#socket?.catch(() => undefined);
    socket?.close();
  }

  async #report(): Promise<void> {
    const { style, settings, read } = this.#options;
    const lines: string[] = [];
    const standing = new Map<string, number>();
    for (const reading of read()) {
      const key = [reading.name, ...reading.tags].join('\0');
      const added = reading.count - (this.#sent.get(key) ?? 0);
      if (added <= 0) continue;
      lines.push(lineOf(reading, added, style, settings));
      standing.set(key, reading.count);
    }
    if (lines.length === 0) return;
    try {
      this.#socket ??= this.#open();
      const socket = await this.#socket;
      for (const datagram of packed(lines)) await sent(socket, datagram);
      for (const [key, count] of standing) this.#sent.set(key, count);
      this.#isTroubled = false;
    } catch (error) {
      // What was not sent is sent with what comes next.
      this.#socket = undefined;
      this.#tell(reasonOf(error));
    }
  }

  async #open(): Promise<Socket> {
    const { createSocket } = await import('node:dgram');
    const { lookup } = await import('node:dns/promises');
    const { host, port } = this.#options.settings.forwarder;
    const { address, family } = await lookup(host);
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    // Nobody at the port: the network says so now and then, and nothing waits for it.
    socket.on('error', (error) => this.#tell(reasonOf(error)));
    socket.connect(port, address);
    await once(socket, 'connect');
    socket.unref();
    return socket;
  }

  #tell(reason: string): void {
    if (!this.#isTroubled) this.#options.onTrouble(reason);
    this.#isTroubled = true;
  }
}

/** COMPAT: in StatsD, which has no tags, the values of tags are parts of the name. */
function lineOf(
  { name, tags }: CounterReading,
  added: number,
  style: StatsdOptions['style'],
  { namespace, tags: fixed }: StatsdSettings,
): string {
  const values = tags.map((tag) => `.${clean(tag.slice(tag.indexOf(':') + 1)).replaceAll('.', '_')}`);
  const all = (style === 'dogstatsd' ? [...tags, ...fixed] : fixed).map(cleanTag);
  const full = `${namespace}${name}${style === 'statsd' ? values.join('') : ''}`;
  return `${full}:${added}|c${all.length === 0 ? '' : `|#${all.join(',')}`}`;
}

/** Without what has a meaning in a line. */
function clean(text: string): string {
  return text.replace(/\s+/g, '').replace(/[:|@#,]/g, '_');
}

function cleanTag(tag: string): string {
  const at = tag.indexOf(':');
  return at < 0 ? clean(tag) : `${clean(tag.slice(0, at))}:${clean(tag.slice(at + 1))}`;
}

function packed(lines: readonly string[]): readonly string[] {
  const datagrams: string[] = [];
  for (const line of lines) {
    const last = datagrams.at(-1);
    if (last !== undefined && Buffer.byteLength(last) + Buffer.byteLength(line) < MOST_BYTES)
      datagrams[datagrams.length - 1] = `${last}\n${line}`;
    else datagrams.push(line);
  }
  return datagrams;
}

function sent(socket: Socket, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(text, (error) => (error === null ? resolve() : reject(error)));
  });
}
