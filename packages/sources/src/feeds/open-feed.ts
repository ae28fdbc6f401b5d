/** Where events come from, in words that all plugins share: an address, a file, a socket, standard input. */

import type { IncomingMessage } from 'node:http';
import { Fault } from '@peregrine/base';
import type { JsonNode } from '@peregrine/events';
import { Complaints } from './complaints.ts';
import type { Feed, Tell } from './feed.ts';
import { FeedCounters } from './feed-counters.ts';
import { FilesFeed } from './files/files-feed.ts';
import { followPieces } from './files/read-pieces.ts';
import { SocketFeed } from './files/socket-feed.ts';
import { readStandardInput } from './files/standard-input.ts';
import { StreamFeed } from './files/stream-feed.ts';
import { bearerCheck } from './http/bearer.ts';
import { HttpFeed } from './http/http-feed.ts';
import { openQueue } from './queues/open-queue.ts';
import type { QueueSettings } from './queues/queue-settings.ts';
import { type Unpack, type Unpacked, Unpacker } from './unpack.ts';

export interface FeedSettings {
  /** File with certificate and key, for `https://`. */
  readonly certificate: string;
  /** File with the authorities of client certificates; `''`: none is asked for. */
  readonly clientAuthority: string;
  /** What `Authorization: Bearer` must say; `''`: nothing. */
  readonly bearerToken: string;
  readonly mostEventBytes: number;
  readonly mostBodyBytes: number;
  readonly mostWaitingBytes: number;
  readonly answerWithinMs: number;
  /** A request that has not come whole by then is cut off. */
  readonly requestWithinMs: number;
  /** Absent: the plugin reads no services that keep messages. */
  readonly queue?: QueueSettings;
}

export interface FeedKind {
  readonly unpack: Unpack;
  readonly nameOf: (document: JsonNode) => string;
  /** Where HTTP requests are answered when the address names no port and no path. */
  readonly port: number;
  readonly path: string;
  /** Other spellings of paths that are answered as well. */
  readonly alsoPaths?: (path: string) => readonly string[];
  readonly isGenuine?: (request: IncomingMessage, body: Buffer) => boolean;
  readonly unpackBody?: (unpacker: Unpacker, request: IncomingMessage, body: Buffer) => Unpacked;
}

const HTTP = /^(https?):\/\/(?:\[([0-9a-fA-F:.]+)\]|([^:/?#]*))(?::(\d{1,5}))?(\/[^?#]*)?$/;

/** Throws a `Fault` when it cannot be opened. */
export async function openFeed(
  address: string,
  kind: FeedKind,
  settings: FeedSettings,
  tell: Tell,
): Promise<Feed> {
  const counters = new FeedCounters();
  const complaints = new Complaints(tell);
  const { unpack, nameOf } = kind;
  const unpacker = new Unpacker({
    unpack,
    nameOf,
    mostEventBytes: settings.mostEventBytes,
    counters,
    complaints,
  });
  const common = { unpacker, counters, mostLineBytes: settings.mostBodyBytes };
  if (/^https?:/.test(address)) return openHttp(address, kind, settings, { unpacker, counters, complaints });
  if (address === 'stdin' || address === '-')
    return new StreamFeed({ ...common, title: 'standard input', pieces: readStandardInput });
  if (/^(nats|kafka)\b/.test(address) && settings.queue !== undefined)
    return openQueue(address, {
      ...{ settings: settings.queue, unpacker, counters, complaints },
      mostMessageBytes: settings.mostBodyBytes,
      mostWaitingBytes: settings.mostWaitingBytes,
    });
  const { scheme, path } = schemeOf(address);
  switch (scheme) {
    case 'file':
      return new StreamFeed({ ...common, title: address, pieces: (signal) => followPieces(path, signal) });
    case 'unix':
      return SocketFeed.open({ ...common, path, mostWaitingBytes: settings.mostWaitingBytes });
    case '':
      return new FilesFeed({ ...common, path });
    default:
      throw new Fault('source-address', `\`${address}\` is no address to read events from`, {
        hint: `there is: http://HOST:PORT/PATH, https://HOST:PORT/PATH, file:///PATH, unix:///PATH, ${settings.queue === undefined ? '' : 'nats://HOST:PORT/SUBJECT, kafka://HOST:PORT/TOPIC, '}stdin, or the path of a file or folder`,
      });
  }
}

function schemeOf(address: string): { readonly scheme: string; readonly path: string } {
  const match = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/.exec(address);
  const [, scheme = '', path = address] = match ?? [];
  return { scheme, path };
}

async function openHttp(
  address: string,
  kind: FeedKind,
  settings: FeedSettings,
  parts: Pick<Parameters<typeof HttpFeed.open>[0], 'unpacker' | 'counters' | 'complaints'>,
): Promise<Feed> {
  const match = HTTP.exec(address);
  if (match === null || Number(match[4] ?? 1) > 65_535)
    throw new Fault('source-address', `\`${address}\` is no address to listen on`, {
      hint: `such as \`http://127.0.0.1:${kind.port}${kind.path}\``,
    });
  const [, scheme, ipv6, name, port, path = kind.path] = match;
  const { unpackBody, isGenuine } = kind;
  return HttpFeed.open({
    host: ipv6 ?? (name === '' ? undefined : name),
    port: port === undefined ? kind.port : Number(port),
    tls:
      scheme === 'https'
        ? { certificate: settings.certificate, clientAuthority: settings.clientAuthority || undefined }
        : undefined,
    paths: [path, ...(kind.alsoPaths?.(path) ?? [])],
    mostBodyBytes: settings.mostBodyBytes,
    mostWaitingBytes: settings.mostWaitingBytes,
    answerWithinMs: settings.answerWithinMs,
    requestWithinMs: settings.requestWithinMs,
    isWelcome: bearerCheck(settings.bearerToken),
    ...(isGenuine === undefined ? {} : { isGenuine }),
    ...(unpackBody === undefined
      ? {}
      : {
          unpackBody: (request: IncomingMessage, body: Buffer) => unpackBody(parts.unpacker, request, body),
        }),
    ...parts,
  });
}
