/**
 * The HTTP side of the hub: paths, methods, bodies and statuses of falcosidekick. What becomes of a body is the caller's
 * affair.
 *
 * Bodies are bounded, each and all together; headers and bodies that do not come are given up after a minute. COMPAT:
 * every path that is no other takes alerts, and the type of a body is looked at only to see whether it is a stream.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { opened } from './listener.ts';

export interface HubAnswer {
  readonly status: number;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came of a part of a stream. */
export type StreamStep = { readonly kind: 'taken' } | { readonly kind: 'stop'; readonly answer: HubAnswer };

export interface AlertStream {
  /** Whole lines, without the newline at the end of the last. Waits while too much is under way. */
  take(lines: string): Promise<StreamStep>;
  /** Nothing more comes. */
  end(): Promise<HubAnswer>;
}

export interface HubRoutes {
  readonly ingest: (body: Buffer) => Promise<HubAnswer>;
  /** For bodies that are lines of JSON. */
  readonly openStream: () => AlertStream;
  readonly test: () => Promise<HubAnswer>;
  readonly metrics: () => Promise<HubAnswer>;
  /** By their paths, what other hubs send, with its `Authorization`. */
  readonly ofHubs?: ReadonlyMap<
    string,
    (body: Buffer, authorization: string | undefined) => Promise<HubAnswer>
  >;
}

export interface ServerTls {
  readonly cert: string;
  readonly key: string;
  /** The authority whose certificates senders must have; `undefined`: anybody may send. */
  readonly clientAuthority: string | undefined;
}

export interface HubServerOptions {
  /** An IP address; empty is all. */
  readonly address: string;
  readonly port: number;
  readonly tls: ServerTls | undefined;
  /** Paths that are served: all, or those that are left after others moved to another port. */
  readonly paths: readonly string[];
  readonly routes: HubRoutes;
  readonly mostBodyBytes: number;
  readonly onTrouble: (text: string) => void;
}

export interface HubServer {
  readonly port: number;
  /** Takes no new connections, answers what is under way, and closes. */
  close(): Promise<void>;
}

const LIMIT_MS = 60_000;
const DISCARD_LIMIT_MS = 5_000;
/** Bodies in memory at the same time, bytes, as far as they have come. */
const MOST_BYTES_UNDER_WAY = 128 * 1024 * 1024;
const MOST_CONNECTIONS = 4_096;
/** A line of a stream is handed on when there are so many chars of lines, or no more come at once. */
const STREAM_CHARS = 256 * 1024;
const TEXT = 'text/plain; charset=utf-8';
const LINES = /^application\/(?:x-ndjson|ndjson|jsonl|jsonlines|x-jsonlines|json-seq)\b/i;

/** Resolves when it listens. Throws a `Fault` when it cannot. */
export async function openHubServer(options: HubServerOptions): Promise<HubServer> {
  const service = new Service(options);
  // A request as a whole has no limit, since a stream may last; its body has one of its own, below.
  const limits = { requestTimeout: 0, headersTimeout: LIMIT_MS, keepAliveTimeout: LIMIT_MS };
  const { tls } = options;
  const server =
    tls === undefined
      ? createServer(limits)
      : createTlsServer({
          ...limits,
          cert: tls.cert,
          key: tls.key,
          minVersion: 'TLSv1.2',
          ...(tls.clientAuthority === undefined
            ? {}
            : { ca: tls.clientAuthority, requestCert: true, rejectUnauthorized: true }),
        });
  server.maxConnections = MOST_CONNECTIONS;
  server.on('request', (request, response) => service.serve(request, response));
  await opened(server, { ...options, choose: 'set `listenport`' });
  const { port } = server.address() as AddressInfo; // It listens on an address, not on a path.
  return {
    port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), 5_000);
      await closed;
      clearTimeout(timer);
    },
  };
}

class Service {
  readonly #options: HubServerOptions;
  #bytesUnderWay = 0;

  constructor(options: HubServerOptions) {
    this.#options = options;
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    this.#answerTo(request).then(
      (answer) => send(request, response, answer),
      (error: unknown) => {
        // A sender that went away needs no answer.
        if (request.destroyed && !request.complete) return;
        this.#options.onTrouble(error instanceof Error ? error.message : String(error));
        send(request, response, { status: 500, contentType: TEXT, body: 'the request failed\n' });
      },
    );
  }

  async #answerTo(request: IncomingMessage): Promise<HubAnswer> {
    const { routes, paths } = this.#options;
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const isServed = paths.includes(path);
    if (isServed && path === '/ping') return { status: 200, contentType: TEXT, body: 'pong\n' };
    if (isServed && path === '/healthz') {
      return { status: 200, contentType: 'application/json', body: '{"status": "ok"}' };
    }
    if (isServed && path === '/metrics') return routes.metrics();
    if (!paths.includes('/') && !(isServed && path === '/test'))
      return { status: 404, contentType: TEXT, body: '404 page not found\n' };
    if (request.method !== 'POST') return refusal(400, 'Please send with post http method');
    const ofHubs = routes.ofHubs?.get(path);
    if (ofHubs !== undefined)
      return this.#takeBody(request, (body) => ofHubs(body, request.headers.authorization));
    if (isServed && path === '/test') {
      request.resume();
      return routes.test();
    }
    const isStream = LINES.test(request.headers['content-type'] ?? '');
    return isStream ? this.#takeStream(request) : this.#takeBody(request, routes.ingest);
  }

  async #takeBody(request: IncomingMessage, use: (body: Buffer) => Promise<HubAnswer>): Promise<HubAnswer> {
    const { mostBodyBytes } = this.#options;
    if (Number(request.headers['content-length'] ?? 0) > mostBodyBytes) {
      await discard(request, mostBodyBytes * 4);
      return tooLarge(mostBodyBytes);
    }
    let sizeBytes = 0;
    const chunks: Buffer[] = [];
    const timer = setTimeout(() => request.destroy(), LIMIT_MS);
    try {
      const refused = await readAll(unpacked(request), (chunk) => {
        sizeBytes += chunk.length;
        this.#bytesUnderWay += chunk.length;
        if (sizeBytes > mostBodyBytes) return tooLarge(mostBodyBytes);
        if (this.#bytesUnderWay > MOST_BYTES_UNDER_WAY) return busy('too much is being sent at once');
        chunks.push(chunk);
        return undefined;
      });
      if (refused !== undefined) return refused;
      return await use(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
    } catch (error) {
      if (error instanceof Unreadable) return refusal(400, 'Please send a valid request body');
      throw error;
    } finally {
      clearTimeout(timer);
      this.#bytesUnderWay -= sizeBytes;
    }
  }

  async #takeStream(request: IncomingMessage): Promise<HubAnswer> {
    const { mostBodyBytes, routes } = this.#options;
    const stream = routes.openStream();
    const decoder = new TextDecoder();
    let rest = '';
    const timer = setTimeout(() => request.destroy(), LIMIT_MS);
    try {
      for await (const chunk of bytesOf(request)) {
        timer.refresh();
        rest += decoder.decode(chunk, { stream: true });
        const end = rest.lastIndexOf('\n');
        if (end < 0) {
          if (rest.length > mostBodyBytes) return tooLarge(mostBodyBytes);
          continue;
        }
        // Small pieces that follow each other at once go together.
        if (rest.length < STREAM_CHARS && request.readableLength > 0) continue;
        const step = await stream.take(rest.slice(0, end));
        if (step.kind === 'stop') return step.answer;
        rest = rest.slice(end + 1);
      }
      rest += decoder.decode();
      const step = rest === '' ? undefined : await stream.take(rest);
      return step?.kind === 'stop' ? step.answer : await stream.end();
    } catch (error) {
      if (error instanceof Unreadable) return refusal(400, 'Please send a valid request body');
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A sender that is cut off while it writes never reads why: what comes is taken and thrown away, within limits. */
async function discard(request: IncomingMessage, mostBytes: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, DISCARD_LIMIT_MS);
  let sizeBytes = 0;
  request.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes > mostBytes) resolve();
  });
  request.once('close', resolve);
  request.once('end', resolve);
  await promise;
  clearTimeout(timer);
  request.pause();
}

/** A body that is packed, and cannot be unpacked. */
class Unreadable extends Error {}

/** The body as it was before it was packed, if it is. */
function unpacked(request: IncomingMessage): Readable {
  const encoding = request.headers['content-encoding']?.toLowerCase();
  if (encoding !== 'gzip' && encoding !== 'x-gzip') return request;
  const unpacking = createGunzip();
  request.on('error', (error) => unpacking.destroy(error));
  return request.pipe(unpacking);
}

/** Hands over piece by piece; ends early with what `take` gives. */
function readAll<T>(body: Readable, take: (chunk: Buffer) => T | undefined): Promise<T | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
  body.on('data', (chunk: Buffer) => {
    const stop = take(chunk);
    if (stop === undefined) return;
    body.pause();
    resolve(stop);
  });
  body.once('end', () => resolve(undefined));
  body.once('error', (error: Error & { readonly code?: string }) => {
    const isPacking = error.code?.startsWith('Z_') === true;
    reject(isPacking ? new Unreadable('the body is not packed as it says', { cause: error }) : error);
  });
  body.once('close', () => reject(new Error('the sender went away')));
  return promise;
}

async function* bytesOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* unpacked(request) as AsyncIterable<Buffer>; // Without an encoding set, streams give buffers.
  } catch (error) {
    if (request.errored !== null) throw error;
    throw new Unreadable('the body is not packed as it says', { cause: error });
  }
}

function tooLarge(mostBytes: number): HubAnswer {
  return refusal(413, `Please send a request body of at most ${mostBytes} bytes`);
}

export function busy(reason: string, afterSeconds = 1): HubAnswer {
  return { ...refusal(503, reason), headers: { 'retry-after': String(afterSeconds) } };
}

/** COMPAT: the form in which Go refuses. */
export function refusal(status: number, text: string): HubAnswer {
  return { status, contentType: TEXT, headers: { 'x-content-type-options': 'nosniff' }, body: `${text}\n` };
}

function send(request: IncomingMessage, response: ServerResponse, answer: HubAnswer): void {
  if (response.headersSent || response.destroyed) return;
  const { status, contentType, headers = {}, body = '' } = answer;
  response.statusCode = status;
  if (contentType !== undefined) response.setHeader('content-type', contentType);
  for (const name in headers) response.setHeader(name, headers[name] ?? '');
  response.setHeader('content-length', Buffer.byteLength(body, 'utf8'));
  // What was not read of a body ends with the connection.
  if (!request.complete) response.setHeader('connection', 'close');
  response.end(request.method === 'HEAD' ? '' : body);
}
