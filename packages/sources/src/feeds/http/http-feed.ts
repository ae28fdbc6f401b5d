/**
 * Events that others send: a web server for POST requests that hold JSON. A request is answered when the alerts of its
 * events are out, not before. What waits is bounded in bytes; when there is no room, the answer is 429 before the body is
 * read. Whoever sends nonsense, or too slowly, or too much, gets an answer that says so, and is counted.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { BatchQueue } from '../batch-queue.ts';
import type { Complaints } from '../complaints.ts';
import type { Batch, Feed } from '../feed.ts';
import type { FeedCounters, RefuseReason, RejectReason } from '../feed-counters.ts';
import type { Unpacked, Unpacker } from '../unpack.ts';
import { BodyPool } from './body-pool.ts';
import { type Listener, type ListenOptions, listen, type Oddity } from './listen.ts';
import { BodyFailure, readBody } from './read-body.ts';

export interface HttpFeedOptions extends ListenOptions {
  /** Whole paths that are answered. */
  readonly paths: readonly string[];
  readonly mostBodyBytes: number;
  /** Bodies that may wait for their alerts to be out, all together. */
  readonly mostWaitingBytes: number;
  /** An answer is not put off for longer than this, milliseconds: whoever waits would give up. */
  readonly answerWithinMs: number;
  /** Whether the request may come in, by its headers alone. */
  readonly isWelcome: (request: IncomingMessage) => boolean;
  /** Whether body and headers go together (a signature). Absent: nothing is checked. */
  readonly isGenuine?: (request: IncomingMessage, body: Buffer) => boolean;
  readonly unpacker: Unpacker;
  /** Adds what only the headers say. Absent: events are as the body says. */
  readonly unpackBody?: (request: IncomingMessage, body: Buffer) => Unpacked;
  readonly counters: FeedCounters;
  readonly complaints: Complaints;
}

const RETRY_AFTER_S = 1;
/** Of memory for bodies that nobody uses now: some batches of 400 events. */
const MOST_FREE_BYTES = 16 << 20;
/** For so long, what comes after an answer is read and thrown away. */
const LINGER_MS = 2_000;

const oddities: Readonly<Record<Oddity, string>> = {
  slow: 'a connection is closed, since no request came in time',
  no_http: 'a connection is closed, since what came is no HTTP',
  no_tls: 'a connection is closed, since TLS did not come about',
  crowded: 'a connection is closed, since there are too many, and it kept the others waiting',
};

interface Refusal {
  readonly status: number;
  readonly reason: RefuseReason;
  readonly text: string;
}

export class HttpFeed implements Feed {
  readonly counters: FeedCounters;
  readonly #options: HttpFeedOptions;
  readonly #queue = new BatchQueue();
  readonly #pool = new BodyPool(MOST_FREE_BYTES);
  #listener: Listener | undefined;
  title = '';

  private constructor(options: HttpFeedOptions) {
    this.#options = options;
    this.counters = options.counters;
  }

  /** Throws a `Fault` when it cannot listen. */
  static async open(options: HttpFeedOptions): Promise<HttpFeed> {
    const feed = new HttpFeed(options);
    feed.#listener = await listen(
      options,
      (request, response) => void feed.#serve(request, response),
      (oddity, detail) => feed.#wonder(oddity, detail),
    );
    feed.title = `${feed.#listener.url}${options.paths[0] ?? ''}`;
    return feed;
  }

  next(signal: AbortSignal): Promise<Batch | undefined> {
    return this.#queue.next(signal);
  }

  async close(): Promise<void> {
    this.#queue.end();
    await this.#listener?.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = this.#refusalOf(request);
    if (refusal !== undefined) {
      this.#refuse(request, response, refusal);
      return;
    }
    const { counters, mostBodyBytes, mostWaitingBytes, requestWithinMs } = this.#options;
    let size = 0;
    const takeRoom = (bytes: number): boolean => {
      // One body has room always, however little there is.
      if (counters.waitingBytes > size && counters.waitingBytes + bytes > mostWaitingBytes) return false;
      size += bytes;
      counters.waitingBytes += bytes;
      return true;
    };
    let body: Buffer;
    try {
      body = await readBody(request, {
        ...{ mostBytes: mostBodyBytes, withinMs: requestWithinMs },
        ...{ takeRoom, pool: this.#pool },
      });
    } catch (error) {
      counters.waitingBytes -= size;
      this.#refuse(request, response, refusalOfBody(error, mostBodyBytes));
      return;
    }
    this.#take(request, response, body);
  }

  #wonder(oddity: Oddity, detail: string): void {
    const { counters, complaints } = this.#options;
    counters.refuse(oddity);
    complaints.add(oddities[oddity], detail);
  }

  #refusalOf(request: IncomingMessage): Refusal | undefined {
    const { paths, mostBodyBytes, mostWaitingBytes, counters, isWelcome } = this.#options;
    const [path = ''] = (request.url ?? '').split('?');
    if (!paths.includes(path)) return { status: 404, reason: 'not_found', text: 'there is nothing here' };
    if (request.method !== 'POST')
      return { status: 405, reason: 'method', text: `${request.method} method not allowed: send POST` };
    if (!isWelcome(request))
      return { status: 401, reason: 'unauthorized', text: 'the bearer token is missing or wrong' };
    // COMPAT: `falco-plugins/k8saudit` answers 400, not 415.
    if (!/\bapplication\/json\b/i.test(request.headers['content-type'] ?? ''))
      return { status: 400, reason: 'content_type', text: 'wrong Content Type: send application/json' };
    if ((request.headers['content-encoding'] ?? 'identity') !== 'identity')
      return { status: 415, reason: 'content_type', text: 'bodies must not be compressed' };
    const size = declaredBytes(request) ?? 0;
    if (size > mostBodyBytes) return tooLarge(mostBodyBytes);
    if (counters.waitingBytes > 0 && counters.waitingBytes + size > mostWaitingBytes) return noRoom;
    return undefined;
  }

  #take(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const { counters, unpacker, isGenuine, unpackBody, answerWithinMs } = this.#options;
    const leave = (): void => {
      counters.waitingBytes -= body.length;
      this.#pool.giveBack(body);
    };
    if (isGenuine?.(request, body) === false) {
      leave();
      this.#refuse(request, response, {
        status: 401,
        reason: 'unauthorized',
        text: 'the signature does not go with the body',
      });
      return;
    }
    const { events, rejections } = unpackBody?.(request, body) ?? unpacker.bytes(body);
    if (events.length === 0) {
      leave();
      if (rejections.size === 0) answer(response, 200, '');
      else this.#refuse(request, response, refusalOfContent(rejections));
      return;
    }
    const timer = setTimeout(() => {
      counters.refuse('not_in_time');
      answer(response, 503, 'the alerts are not out yet: send it again', { 'retry-after': '5' });
    }, answerWithinMs);
    counters.waitingEvents += events.length;
    this.#queue.push({
      events,
      done: () => {
        clearTimeout(timer);
        leave();
        counters.waitingEvents -= events.length;
        answer(response, 200, '');
      },
    });
  }

  #refuse(request: IncomingMessage, response: ServerResponse, { status, reason, text }: Refusal): void {
    const { counters, complaints } = this.#options;
    counters.refuse(reason);
    if (reason !== 'aborted')
      complaints.add(`a request got the answer ${status}: ${text}`, `from ${request.socket.remoteAddress}`);
    // What is not read of a body must not be taken for the next request; where the next may come, it is read and thrown away.
    const isDrained = (reason === 'queue_full' && request.readableFlowing === null) || request.complete;
    const send = isDrained ? answer : answerAndLinger;
    send(response, status, text, {
      ...(status === 405 ? { allow: 'POST' } : {}),
      ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      ...(status === 429 ? { 'retry-after': String(RETRY_AFTER_S) } : {}),
      ...(isDrained ? {} : { connection: 'close' }),
    });
    request.resume();
  }
}

function answer(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  writeHead(response, status, text, headers);
  response.end(text === '' ? undefined : `${text}\n`);
}

function writeHead(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, {
    ...headers,
    ...(text === '' ? {} : { 'content-type': 'text/plain; charset=utf-8' }),
    'content-length': text === '' ? 0 : Buffer.byteLength(text) + 1,
  });
}

/**
 * Answers while the body is still coming. A connection that is closed with bytes unread is reset, and takes the answer with
 * it: so the rest is read for a while, and thrown away.
 */
function answerAndLinger(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>>,
): void {
  if (response.headersSent || response.destroyed) return;
  writeHead(response, status, text, headers);
  response.write(`${text}\n`);
  const timer = setTimeout(() => response.end(), LINGER_MS);
  const { req: request } = response;
  const end = (): void => {
    clearTimeout(timer);
    response.end();
  };
  request.once('end', end);
  request.once('close', end);
}

function declaredBytes(request: IncomingMessage): number | undefined {
  const length = request.headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

const noRoom: Refusal = {
  status: 429,
  reason: 'queue_full',
  text: 'there is no room now: send it again',
};

function tooLarge(limit: number): Refusal {
  return {
    status: 413,
    reason: 'too_large',
    text: `the body is larger than ${limit} bytes (\`webhook_max_batch_size\`)`,
  };
}

function refusalOfBody(error: unknown, limit: number): Refusal {
  const kind = error instanceof BodyFailure ? error.kind : 'aborted';
  if (kind === 'too_large') return tooLarge(limit);
  if (kind === 'no_room') return noRoom;
  return kind === 'slow'
    ? { status: 408, reason: 'slow', text: 'the body did not come in time' }
    : { status: 400, reason: 'aborted', text: 'the body did not come to its end' };
}

/** What is wrong with a body that gave no event at all. */
function refusalOfContent(rejections: ReadonlyMap<RejectReason, string>): Refusal {
  const text = `bad request: ${[...rejections.values()].join('; ').slice(0, 1_000)}`;
  const isOnlySize = [...rejections.keys()].every((reason) => reason === 'too_large');
  return { status: isOnlySize ? 413 : 400, reason: 'bad_body', text };
}
