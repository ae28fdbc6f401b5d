/**
 * Requests to one API server, over connections that are kept open. The official client makes new connections for each
 * request; what it says of addresses and credentials is used here, and its ways are not.
 */

import http from 'node:http';
import https from 'node:https';
import { type Answer, failureOfAnswer, failureOfError } from './failure-of.ts';
import type { Credentials, KubeAccess } from './kube-access.ts';

/** Connecting takes no longer, milliseconds. */
const CONNECT_MS = 5_000;
/** Connections that are open at once, and that are kept open for later requests. */
const MOST_SOCKETS = 64;
const MOST_IDLE_SOCKETS = 8;

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: { readonly contentType: string; readonly text: string };
  readonly accept?: string;
  /** Longest answer that is read; what is longer is cut off, and the connection closed. */
  readonly mostBytes: number;
  /** It ends the same however often it is sent. */
  readonly isRepeatable: boolean;
}

/** Where a request goes, and how: also for connections that are not plain requests. */
export interface Route {
  readonly url: URL;
  readonly credentials: Credentials;
}

export class ApiConnection {
  readonly #access: KubeAccess;
  #agent: http.Agent | https.Agent | undefined;
  #tls: Credentials['tls'] = {};

  constructor(access: KubeAccess) {
    this.#access = access;
  }

  /** Resolves to an answer with a status below 300; rejects with a `KubeFailure`, or with the signal's reason. */
  async send(request: ApiRequest, signal: AbortSignal): Promise<Answer> {
    const what = `${request.method} ${request.path.split('?', 1)[0]}`;
    let answer = await this.#sendSafely(request, { what, isRefused: false, signal });
    if (answer.status === 401) answer = await this.#sendSafely(request, { what, isRefused: true, signal });
    const isFine = answer.status >= 200 && answer.status < 300;
    if (!isFine) throw failureOfAnswer(what, answer, request.method !== 'GET');
    return answer;
  }

  /** For a connection of its own. */
  async routeOf(path: string, isRefused: boolean): Promise<Route> {
    const credentials = await this.#access.credentials(isRefused);
    return { url: new URL(`${this.#access.server}${path}`), credentials };
  }

  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
  }

  /** A connection that was kept open may have been closed by the server just now: where it is safe, another is made. */
  async #sendSafely(
    request: ApiRequest,
    context: { readonly what: string; readonly isRefused: boolean; readonly signal: AbortSignal },
  ): Promise<Answer> {
    const route = await this.routeOf(request.path, context.isRefused);
    context.signal.throwIfAborted();
    const first = await this.#sendOnce(request, route, context);
    if (first !== 'stale') return first;
    const second = await this.#sendOnce(request, route, { ...context, isFresh: true });
    // The first one may have done it.
    if (second !== 'stale' && request.method === 'DELETE' && second.status === 404)
      return { ...second, status: 200 };
    if (second !== 'stale') return second;
    throw failureOfError(context.what, new Error('the connection was closed'), request.method !== 'GET');
  }

  #agentFor({ tls, proxy }: Credentials, isPlain: boolean): http.Agent | https.Agent {
    if (proxy !== undefined) return proxy;
    if (this.#agent !== undefined && isSameTls(tls, this.#tls)) return this.#agent;
    // Those under way end on the old connections.
    const old = this.#agent;
    if (old !== undefined) setImmediate(() => closeIdle(old));
    const pool = {
      keepAlive: true,
      keepAliveMsecs: 30_000,
      maxSockets: MOST_SOCKETS,
      maxFreeSockets: MOST_IDLE_SOCKETS,
      scheduling: 'lifo',
    } as const;
    this.#tls = tls;
    this.#agent = isPlain ? new http.Agent(pool) : new https.Agent({ ...pool, ...tls });
    return this.#agent;
  }

  /** `stale`: a kept connection ended before any answer, and the request may be sent again. */
  #sendOnce(
    request: ApiRequest,
    { url, credentials }: Route,
    { what, signal, isFresh = false }: { what: string; signal: AbortSignal; isFresh?: boolean },
  ): Promise<Answer | 'stale'> {
    const isPlain = url.protocol === 'http:';
    const pooled = this.#agentFor(credentials, isPlain);
    const { body, accept = 'application/json' } = request;
    const headers: Record<string, string> = { ...credentials.headers, accept, 'user-agent': 'peregrine' };
    if (body !== undefined) {
      headers['content-type'] = body.contentType;
      headers['content-length'] = String(Buffer.byteLength(body.text));
    }
    const options = {
      ...{ method: request.method, headers, signal },
      agent: isFresh && credentials.proxy === undefined ? false : pooled,
      ...(isFresh && !isPlain ? credentials.tls : {}),
    };
    return new Promise((resolve, reject) => {
      const sent = isPlain ? http.request(url, options) : https.request(url, options);
      let isConnected = false;
      const timer = setTimeout(
        () => sent.destroy(new Error(`no connection within ${CONNECT_MS} ms`)),
        CONNECT_MS,
      );
      const connected = (): void => {
        isConnected = true;
        clearTimeout(timer);
      };
      sent.on('socket', (socket) => {
        if (!socket.connecting) connected();
        else socket.once(isPlain ? 'connect' : 'secureConnect', connected);
      });
      sent.on('error', (error) => {
        clearTimeout(timer);
        if (signal.aborted) return reject(signal.reason);
        const isStale = sent.reusedSocket && request.isRepeatable && !isFresh;
        if (isStale) return resolve('stale');
        reject(failureOfError(what, error, isConnected && request.method !== 'GET'));
      });
      sent.on('response', (response) => {
        readAnswer(response, request.mostBytes).then(resolve, (error: unknown) =>
          reject(signal.aborted ? signal.reason : failureOfError(what, error, request.method !== 'GET')),
        );
      });
      sent.end(body?.text);
    });
  }
}

async function readAnswer(response: http.IncomingMessage, mostBytes: number): Promise<Answer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response) {
    const bytes: Buffer = chunk;
    chunks.push(bytes.subarray(0, mostBytes - sizeBytes));
    sizeBytes += bytes.length;
    // Leaving the loop closes the connection.
    if (sizeBytes > mostBytes) break;
  }
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}

function isSameTls(a: Credentials['tls'], b: Credentials['tls']): boolean {
  const isSame = (x: unknown, y: unknown): boolean =>
    Buffer.isBuffer(x) && Buffer.isBuffer(y) ? x.equals(y) : x === y;
  return (['ca', 'cert', 'key', 'servername', 'rejectUnauthorized'] as const).every((name) =>
    isSame(a[name], b[name]),
  );
}

function closeIdle({ freeSockets }: http.Agent | https.Agent): void {
  for (const sockets of Object.values(freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}
