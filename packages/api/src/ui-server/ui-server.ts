/**
 * The server of the web interface: its files, its API, and the interface of Falcosidekick-UI. Every request goes through the
 * same door: address, host, who asks, what they may, what they sent. Nothing of it is left to whoever answers.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { z } from 'zod';
import { type OperationName, type Role, roles } from '../contract/index.ts';
import type { ServerTls } from '../hub-server.ts';
import { opened } from '../listener.ts';
import { AccountHandlers } from './account-handlers.ts';
import type { AccountRecords } from './account-records.ts';
import { ApiError, type ApiHandlers, type ContentReply } from './handlers.ts';
import { openApiDocument } from './openapi.ts';
import { addressIn, jsonIn, jsonTextIn, queryObject } from './request-parts.ts';
import { type Route, routeOf } from './routes.ts';
import { type Identity, SignIn } from './sign-in.ts';
import { loadStaticFiles, type StaticFile } from './static-files.ts';
import { answerUpstream, type UpstreamPorts } from './upstream.ts';

export interface UiServerOptions {
  /** An IP address. */
  readonly address: string;
  readonly port: number;
  readonly tls: ServerTls | undefined;
  /** Files of the interface; `undefined`: there is the API only. */
  readonly staticFolder: string | undefined;
  readonly handlers: ApiHandlers;
  readonly upstream: UpstreamPorts;
  readonly accounts: AccountRecords;
  /** Nobody is asked who they are. Only on an address that no other machine reaches. */
  readonly isOpen: boolean;
  /** A configured user has a password that everybody knows; the interface says so. */
  readonly hasDefaultPassword: boolean;
  /** Host names, beside those of this machine, that it is called by. */
  readonly hostNames: readonly string[];
  readonly version: string;
  readonly nowMs: () => number;
  readonly onTrouble: (text: string) => void;
}

export interface UiServer {
  readonly port: number;
  /** `http://127.0.0.1:2802`. */
  readonly url: string;
  /** An address that signs in whoever opens it first, within ten minutes. */
  createLink(): string;
  close(): Promise<void>;
}

const LIMIT_MS = 30_000;
const MOST_CONNECTIONS = 1_024;
const HEARTBEAT_MS = 15_000;
const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Resolves when it listens. Throws a `Fault` when it cannot. */
export async function openUiServer(options: UiServerOptions): Promise<UiServer> {
  const service = new Service(options);
  const limits = {
    requestTimeout: LIMIT_MS,
    headersTimeout: LIMIT_MS,
    keepAliveTimeout: 10_000,
    maxHeaderSize: 16_384,
  };
  const { tls, address } = options;
  const server =
    tls === undefined
      ? createServer(limits)
      : createTlsServer({ ...limits, cert: tls.cert, key: tls.key, minVersion: 'TLSv1.2' });
  server.maxConnections = MOST_CONNECTIONS;
  server.on('request', (request, response) => service.serve(request, response));
  await opened(server, { ...options, title: 'the web interface', choose: 'set `ui.listenport`' });
  const { port } = server.address() as AddressInfo; // It listens on an address, not on a path.
  const host = address === '' ? 'localhost' : address.includes(':') ? `[${address}]` : address;
  const url = `${tls === undefined ? 'http' : 'https'}://${host}:${port}`;
  return {
    port,
    url,
    createLink: () => `${url}/sign-in/link/${service.signIn.createLink()}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      service.endStreams();
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), 2_000);
      await closed;
      clearTimeout(timer);
    },
  };
}

class Service {
  readonly signIn: SignIn;
  readonly #options: UiServerOptions;
  readonly #account: AccountHandlers;
  readonly #files: ReadonlyMap<string, StaticFile>;
  readonly #openApi: string;
  readonly #streams = new Set<AbortController>();

  constructor(options: UiServerOptions) {
    this.#options = options;
    const { accounts, isOpen, nowMs, tls, version, hasDefaultPassword } = options;
    this.signIn = new SignIn({ accounts, isOpen, isSecure: tls !== undefined, nowMs });
    this.#account = new AccountHandlers({
      accounts,
      signIn: this.signIn,
      isOpen,
      version,
      nowMs,
      hasDefaultPassword,
    });
    this.#files = options.staticFolder === undefined ? new Map() : loadStaticFiles(options.staticFolder);
    this.#openApi = JSON.stringify(openApiDocument(version));
  }

  endStreams(): void {
    for (const stream of this.#streams) stream.abort();
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    this.#setHeaders(response);
    this.#answer(request, response).catch((error: unknown) => {
      if (response.destroyed || (request.destroyed && !request.complete)) return;
      if (error instanceof ApiError) sendProblem(request, response, error);
      else if (!(error instanceof Error && error.name === 'AbortError')) {
        this.#options.onTrouble(error instanceof Error ? (error.stack ?? error.message) : String(error));
        sendProblem(request, response, new ApiError(500, 'failed', 'the request failed; the log says why'));
      }
    });
  }

  #setHeaders(response: ServerResponse): void {
    response.setHeader('content-security-policy', CSP);
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    response.setHeader('permissions-policy', 'camera=(), microphone=(), geolocation=()');
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-resource-policy', 'same-origin');
    response.setHeader('cache-control', 'no-store');
    if (this.#options.tls !== undefined) response.setHeader('strict-transport-security', 'max-age=31536000');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#checkHost(request);
    const address = addressIn(request.url ?? '/');
    if (address === undefined) throw new ApiError(400, 'bad-address', 'the address cannot be read');
    const { parts, query } = address;
    const [first, second, ...rest] = parts;
    if (first === 'api' && second === 'v2') return this.#answerApi(request, response, rest, query);
    if (first === 'api' && second === 'v1') return this.#answerUpstream(request, response, rest, query);
    if (request.method === 'POST' && parts.length === 1 && first === '')
      return this.#addEvent(request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new ApiError(405, 'wrong-method', 'only GET and HEAD are answered here');
    if (first === 'sign-in' && second === 'link' && rest.length === 1)
      return this.#followLink(request, response, rest[0] ?? '');
    this.#sendFile(request, response, parts);
  }

  /** A page elsewhere must not reach us under a name of its own (DNS rebinding). */
  #checkHost(request: IncomingMessage): void {
    if (!this.#options.isOpen) return;
    const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
    if (['localhost', '127.0.0.1', '[::1]', ...this.#options.hostNames].includes(host)) return;
    throw new ApiError(421, 'wrong-host', `this server is not called \`${host.slice(0, 200)}\``, {
      hint: 'open it as http://localhost, or set `ui.publicurl`',
    });
  }

  async #answerApi(
    request: IncomingMessage,
    response: ServerResponse,
    parts: readonly string[],
    query: URLSearchParams,
  ): Promise<void> {
    if (parts.length === 1 && parts[0] === 'openapi.json')
      return sendText(request, response, 200, this.#openApi);
    const match = routeOf(request.method ?? '', parts);
    if (match.kind === 'none') throw new ApiError(404, 'not-found', 'there is nothing here');
    if (match.kind === 'other-method') {
      response.setHeader('allow', match.methods.join(', '));
      throw new ApiError(405, 'wrong-method', `this takes ${match.methods.join(' and ')}`);
    }
    const { route, params } = match;
    const { operation, name } = route;
    const isChange = operation.method !== 'GET';
    if (isChange) checkOrigin(request);
    const identity = await this.signIn.identify(request);
    this.#checkRole(identity, operation.role);
    if (
      isChange &&
      identity?.csrfToken !== undefined &&
      request.headers['x-csrf-token'] !== identity.csrfToken
    )
      throw new ApiError(403, 'csrf', 'the header `X-CSRF-Token` is missing or wrong', {
        hint: 'load the page again',
      });
    const asked = {
      params,
      query: parsed(operation.query, queryObject(query, route.lists)),
      body: operation.body === undefined ? undefined : parsed(operation.body, await jsonIn(request)),
    };
    try {
      await this.#perform(request, response, route, identity, asked);
      if (isChange) await this.#audit(request, identity, name, params, asked.body, 'done');
    } catch (error) {
      if (isChange && error instanceof ApiError)
        await this.#audit(request, identity, name, params, asked.body, error.code);
      throw error;
    }
  }

  #checkRole(identity: Identity | undefined, needed: Role | 'anyone'): void {
    if (needed === 'anyone') return;
    if (identity === undefined) throw new ApiError(401, 'not-signed-in', 'sign in first');
    if (roles.indexOf(identity.caller.role) < roles.indexOf(needed))
      throw new ApiError(403, 'not-allowed', `this is for ${needed}s`, {
        hint: `you are signed in as ${identity.caller.role}`,
      });
  }

  async #perform(
    request: IncomingMessage,
    response: ServerResponse,
    { name }: Route,
    identity: Identity | undefined,
    asked: {
      readonly params: Readonly<Record<string, string>>;
      readonly query: unknown;
      readonly body: unknown;
    },
  ): Promise<void> {
    const own = await this.#performOwn(request, response, name, identity, asked);
    if (own !== undefined) return sendJson(request, response, own);
    if (identity === undefined) throw new ApiError(401, 'not-signed-in', 'sign in first');
    const gone = new AbortController();
    this.#streams.add(gone);
    response.once('close', () => {
      gone.abort();
      this.#streams.delete(gone);
    });
    const handler = this.#options.handlers[name as keyof ApiHandlers] as (
      request: unknown,
    ) => Promise<unknown>; // Checked by the schemas of that operation.
    const answer = await handler({
      ...asked,
      caller: identity.caller,
      lastEventId: headerOf(request, 'last-event-id'),
      signal: gone.signal,
    });
    if (isContent(answer)) await sendContent(request, response, answer, gone.signal);
    else sendJson(request, response, answer);
  }

  /** What concerns sessions and users; `undefined` for all else. The bodies were read with the schemas of the operations. */
  async #performOwn(
    request: IncomingMessage,
    response: ServerResponse,
    name: OperationName,
    identity: Identity | undefined,
    asked: {
      readonly params: Readonly<Record<string, string>>;
      readonly query: unknown;
      readonly body: unknown;
    },
  ): Promise<unknown> {
    const account = this.#account;
    const body = asked.body as never;
    const user = asked.params.name ?? '';
    switch (name) {
      case 'getSession':
        return account.session(identity);
      case 'signIn':
        return this.#signIn(request, response, body);
      case 'signOut':
        if (identity !== undefined) await this.signIn.signOut(identity);
        this.#setCookie(response, '', 0);
        return { ok: true };
      case 'changePassword':
        return identity && account.changePassword(identity, body);
      case 'listUsers':
        return account.listUsers();
      case 'addUser':
        return account.addUser(body);
      case 'changeUser':
        return account.changeUser(user, body);
      case 'removeUser':
        return account.removeUser(user);
      case 'listAuditLog':
        return account.auditLog(asked.query as never);
      default:
        return undefined;
    }
  }

  async #signIn(
    request: IncomingMessage,
    response: ServerResponse,
    { name, password }: { readonly name: string; readonly password: string },
  ): Promise<unknown> {
    const begun = await this.signIn.signIn(name, password, request.socket.remoteAddress ?? '');
    if (begun === undefined) throw new ApiError(401, 'wrong-password', 'name or password is wrong');
    this.#setCookie(response, begun.token);
    return this.#account.session(begun.identity);
  }

  async #followLink(request: IncomingMessage, response: ServerResponse, token: string): Promise<void> {
    const begun = await this.signIn.followLink(token, request.socket.remoteAddress ?? '');
    if (begun !== undefined) this.#setCookie(response, begun.token);
    response.statusCode = 303;
    response.setHeader('location', begun === undefined ? '/sign-in?link=used' : '/');
    response.end();
  }

  #setCookie(response: ServerResponse, value: string, maxAgeSeconds?: number): void {
    const age = maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`;
    const secure = this.#options.tls === undefined ? '' : '; Secure';
    response.setHeader(
      'set-cookie',
      `${this.signIn.cookieName}=${value}; Path=/; HttpOnly; SameSite=Strict${secure}${age}`,
    );
  }

  async #audit(
    request: IncomingMessage,
    identity: Identity | undefined,
    action: OperationName,
    params: Readonly<Record<string, string>>,
    body: unknown,
    outcome: string,
  ): Promise<void> {
    const named =
      action === 'signIn' || action === 'addUser' ? (body as { readonly name: string }).name : undefined; // As its schema says.
    await this.#options.accounts.addAudit({
      timeMs: this.#options.nowMs(),
      user: identity?.caller.name ?? named ?? '',
      address: request.socket.remoteAddress ?? '',
      action,
      target: [...Object.values(params), ...(named === undefined ? [] : [named])].join(' ').slice(0, 256),
      detail: outcome,
    });
  }

  async #answerUpstream(
    request: IncomingMessage,
    response: ServerResponse,
    parts: readonly string[],
    query: URLSearchParams,
  ): Promise<void> {
    const path = parts.filter((part, i) => part !== '' || i < parts.length - 1);
    const name = path.join('/');
    if (name === 'healthz') return sendText(request, response, 200, '{"status":"ok"}');
    if (request.method === 'POST') {
      if (name === '' || name === 'events/add') return this.#addEvent(request, response);
      if (name === 'auth' || name === 'authenticate') {
        const isKnown = (await this.signIn.identify(request)) !== undefined;
        return sendText(request, response, isKnown ? 200 : 401, isKnown ? '"authorized"' : '"unauthorized"');
      }
    }
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new ApiError(405, 'wrong-method', 'only GET is answered here');
    if ((await this.signIn.identify(request)) === undefined) {
      response.setHeader('www-authenticate', 'Basic realm="Peregrine"');
      return sendText(request, response, 401, '"unauthorized"');
    }
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const answer = await answerUpstream(path, query, this.#options.upstream, gone.signal);
    if (answer === undefined) throw new ApiError(404, 'not-found', 'there is nothing here');
    sendText(request, response, answer.status, answer.json);
  }

  /** COMPAT: sidekicks post without signing in; what they can do is add events. */
  async #addEvent(request: IncomingMessage, response: ServerResponse): Promise<void> {
    checkOrigin(request);
    await this.#options.upstream.addEvent(await jsonTextIn(request));
    sendText(request, response, 200, '"{}"');
  }

  #sendFile(request: IncomingMessage, response: ServerResponse, parts: readonly string[]): void {
    const path = parts.join('/');
    // Addresses of pages have no dot; the page itself sees to them.
    const file = this.#files.get(path) ?? (path.includes('.') ? undefined : this.#files.get('index.html'));
    if (file === undefined) throw new ApiError(404, 'not-found', 'there is nothing here');
    response.setHeader('content-type', file.contentType);
    response.setHeader(
      'cache-control',
      file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    );
    response.setHeader('vary', 'accept-encoding');
    const accepted = String(request.headers['accept-encoding'] ?? '');
    const [encoding, bytes] =
      file.brotli !== undefined && /\bbr\b/.test(accepted)
        ? ['br', file.brotli]
        : file.gzip !== undefined && /\bgzip\b/.test(accepted)
          ? ['gzip', file.gzip]
          : [undefined, file.bytes];
    if (encoding !== undefined) response.setHeader('content-encoding', encoding);
    response.setHeader('content-length', bytes.length);
    response.end(request.method === 'HEAD' ? undefined : bytes);
  }
}

/** A request that another site had a browser make. */
function checkOrigin(request: IncomingMessage): void {
  const origin = headerOf(request, 'origin');
  const isForeign =
    origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== request.headers.host);
  const isCrossSite = ['cross-site', 'same-site'].includes(headerOf(request, 'sec-fetch-site') ?? '');
  if (isForeign || isCrossSite)
    throw new ApiError(403, 'cross-site', 'requests of other sites are not answered');
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function parsed(schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const places = result.error.issues.map(({ path, message }) => ({
    message: `${path.length === 0 ? 'the body' : `\`${path.join('.')}\``}: ${message}`,
  }));
  throw new ApiError(400, 'bad-request', places[0]?.message ?? 'the request is wrong', { places });
}

function isContent(answer: unknown): answer is ContentReply {
  return typeof answer === 'object' && answer !== null && 'body' in answer && 'contentType' in answer;
}

async function sendContent(
  request: IncomingMessage,
  response: ServerResponse,
  { contentType, fileName, body }: ContentReply,
  signal: AbortSignal,
): Promise<void> {
  response.setHeader('content-type', contentType);
  if (fileName !== undefined) response.setHeader('content-disposition', `attachment; filename="${fileName}"`);
  const isStream = contentType.startsWith('text/event-stream');
  if (isStream) response.setHeader('x-accel-buffering', 'no');
  response.flushHeaders();
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const heartbeat = isStream
    ? setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS)
    : undefined;
  try {
    for await (const part of body) {
      if (signal.aborted) break;
      if (!response.write(part)) await drained(response);
    }
  } finally {
    clearInterval(heartbeat);
    response.end();
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}

function sendJson(request: IncomingMessage, response: ServerResponse, value: unknown): void {
  sendText(request, response, 200, JSON.stringify(value));
}

function sendProblem(request: IncomingMessage, response: ServerResponse, error: ApiError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, code, message, hint, places, retryAfterSeconds } = error;
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', retryAfterSeconds);
  const body = { error: message, code, hint, places: places.length === 0 ? undefined : places };
  sendText(request, response, status, JSON.stringify(body));
}

function sendText(request: IncomingMessage, response: ServerResponse, status: number, json: string): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.setHeader('content-length', Buffer.byteLength(json));
  // What was not read of a body ends with the connection.
  if (!request.complete) response.setHeader('connection', 'close');
  response.end(request.method === 'HEAD' ? undefined : json);
}
