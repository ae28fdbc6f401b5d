/**
 * The server of the web interface: its files, its API, and the interface of Falcosidekick-UI. Every request goes through the
 * same door: address, host, who asks, what they may, what they sent. Nothing of it is left to whoever answers.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Fault } from '@peregrine/base';
import type { ServerTls } from '../hub-server.ts';
import { opened } from '../listener.ts';
import { AccountHandlers } from './account-handlers.ts';
import type { AccountRecords } from './account-records.ts';
import { API_STYLE_PATH, apiPage, apiStyle } from './api-page.ts';
import { ApiRequests } from './api-requests.ts';
import { APPROVAL_PATH, type ApprovalLinks, ApprovalRequests } from './approval-requests.ts';
import { ApiError, type ApiHandlers } from './handlers.ts';
import { OIDC_CALLBACK_PATH, OIDC_PATH, OidcRequests } from './oidc-requests.ts';
import { type OidcOptions, OidcSignIn } from './oidc-sign-in.ts';
import { openApiDocument } from './openapi.ts';
import { checkHost, isLoopback } from './request-checks.ts';
import { addressIn } from './request-parts.ts';
import { redirect, sendProblem, setSecurityHeaders } from './responses.ts';
import { SessionCookie } from './session-cookie.ts';
import { SignIn } from './sign-in.ts';
import { loadStaticFiles, type StaticFile, sendStaticFile, staticFile } from './static-files.ts';
import type { UpstreamPorts } from './upstream.ts';
import { UpstreamRequests } from './upstream-requests.ts';

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
  /** Where people open it, if that is another address: a proxy is in front. */
  readonly publicUrl: URL | undefined;
  /** Users sign in at an OpenID provider. */
  readonly oidc: OidcOptions | undefined;
  /** Who approves a response with a link; `undefined`: there are none. */
  readonly approvals?: ApprovalLinks | undefined;
  /** From the first byte of a request to the last of its body; 30 s unless set. */
  readonly requestLimitMs?: number;
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

const REQUEST_LIMIT_MS = 30_000;
/** Streams write more often: who takes nothing for so long has gone, or keeps a place from others. */
const STALLED_MS = 120_000;
const MOST_CONNECTIONS = 1_024;
const RETRY_SECONDS = 5;

/** A store that is away comes back, and one that was too slow is asked for less. */
const isPassing = ({ code }: Fault): boolean => code === 'store-away' || code === 'store-slow';

/** Resolves when it listens. Throws a `Fault` when it cannot. */
export async function openUiServer(options: UiServerOptions): Promise<UiServer> {
  const service = new Service(options);
  const { tls, address, requestLimitMs = REQUEST_LIMIT_MS } = options;
  const limits = {
    requestTimeout: requestLimitMs,
    headersTimeout: requestLimitMs,
    connectionsCheckingInterval: requestLimitMs / 2,
    keepAliveTimeout: 10_000,
    maxHeaderSize: 16_384,
  };
  const server =
    tls === undefined
      ? createServer(limits)
      : createTlsServer({ ...limits, cert: tls.cert, key: tls.key, minVersion: 'TLSv1.2' });
  server.maxConnections = MOST_CONNECTIONS;
  server.setTimeout(STALLED_MS);
  server.on('request', (request, response) => service.serve(request, response));
  await opened(server, { ...options, title: 'the web interface', choose: 'set `ui.listenport`' });
  const { port } = server.address() as AddressInfo; // It listens on an address, not on a path.
  const host = address === '' ? 'localhost' : address.includes(':') ? `[${address}]` : address;
  const url = `${tls === undefined ? 'http' : 'https'}://${host}:${port}`;
  service.url = url;
  return {
    port,
    url,
    createLink: () => `${url}/sign-in/link/${service.signIn.createLink()}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      service.api.endStreams();
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), 2_000);
      await closed;
      clearTimeout(timer);
    },
  };
}

class Service {
  readonly signIn: SignIn;
  readonly api: ApiRequests;
  readonly #options: UiServerOptions;
  readonly #cookie: SessionCookie;
  readonly #isSecure: boolean;
  /** Where it listens; known only then. */
  url = '';
  readonly #oidc: OidcRequests | undefined;
  readonly #upstream: UpstreamRequests;
  readonly #approvals: ApprovalRequests | undefined;
  readonly #files: ReadonlyMap<string, StaticFile>;
  /** The API about itself, by path. */
  readonly #docs: ReadonlyMap<string, StaticFile>;

  constructor(options: UiServerOptions) {
    this.#options = options;
    const { accounts, handlers, isOpen, nowMs, tls, publicUrl, version, hasDefaultPassword } = options;
    this.#isSecure = tls !== undefined || publicUrl?.protocol === 'https:';
    const cookie = new SessionCookie(this.#isSecure);
    const signIn = new SignIn({ accounts, isOpen, cookieName: cookie.name, nowMs });
    this.#cookie = cookie;
    this.signIn = signIn;
    const publicHost = publicUrl?.host;
    const account = new AccountHandlers({
      accounts,
      signIn,
      isOpen,
      version,
      nowMs,
      hasDefaultPassword,
      oidcTitle: options.oidc?.title,
    });
    if (options.oidc !== undefined) {
      const oidc = new OidcSignIn({ settings: options.oidc, accounts, signIn, nowMs });
      const { onTrouble } = options;
      const ownUrl = (): string => publicUrl?.origin ?? this.url;
      this.#oidc = new OidcRequests({ oidc, signIn, cookie, accounts, ownUrl, nowMs, onTrouble });
      oidc
        .prepare()
        .catch((error: unknown) =>
          onTrouble(
            `nobody can sign in with OpenID Connect for now: ${error instanceof Error ? error.message : String(error)}`,
          ),
        );
    }
    this.api = new ApiRequests({ signIn, cookie, account, accounts, handlers, publicHost, nowMs });
    this.#upstream = new UpstreamRequests(signIn, options.upstream, publicHost);
    this.#approvals =
      options.approvals && new ApprovalRequests({ links: options.approvals, accounts, nowMs });
    this.#files = options.staticFolder === undefined ? new Map() : loadStaticFiles(options.staticFolder);
    this.#docs = new Map([
      [
        'openapi.json',
        staticFile('application/json; charset=utf-8', JSON.stringify(openApiDocument(version))),
      ],
      ['docs', staticFile('text/html; charset=utf-8', apiPage(version))],
      [API_STYLE_PATH, staticFile('text/css; charset=utf-8', apiStyle)],
    ]);
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    setSecurityHeaders(response, this.#isSecure);
    this.#answer(request, response).catch((error: unknown) => {
      if (response.destroyed || (request.destroyed && !request.complete)) return;
      if (error instanceof ApiError) sendProblem(request, response, error);
      else if (error instanceof Fault && isPassing(error)) {
        const { message, hint } = error;
        const more = { retryAfterSeconds: RETRY_SECONDS, ...(hint === undefined ? {} : { hint }) };
        sendProblem(request, response, new ApiError(503, error.code, message, more));
      } else if (!(error instanceof Error && error.name === 'AbortError')) {
        this.#options.onTrouble(error instanceof Error ? (error.stack ?? error.message) : String(error));
        sendProblem(request, response, new ApiError(500, 'failed', 'the request failed; the log says why'));
      }
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (isLoopback(this.#options.address)) checkHost(request, this.#options.publicUrl?.hostname);
    const address = addressIn(request.url ?? '/');
    if (address === undefined) throw new ApiError(400, 'bad-address', 'the address cannot be read');
    const { parts, query } = address;
    const [first, second, ...rest] = parts;
    if (first === 'api' && second === 'v2') {
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      if (isRead && this.#docs.has(rest.join('/')))
        return sendStaticFile(request, response, this.#docs, rest.join('/'));
      return this.api.answer(request, response, rest, query);
    }
    if (first === 'api' && second === 'v1') return this.#upstream.answer(request, response, rest, query);
    if (this.#approvals !== undefined && first === APPROVAL_PATH[0] && second === APPROVAL_PATH[1])
      return this.#approvals.answer(request, response, rest, query);
    if (request.method === 'POST' && parts.length === 1 && first === '')
      return this.#upstream.addEvent(request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new ApiError(405, 'wrong-method', 'only GET and HEAD are answered here');
    if (first === 'sign-in' && second === 'link' && rest.length === 1)
      return this.#followLink(request, response, rest[0] ?? '');
    if (this.#oidc !== undefined && `/${parts.join('/')}` === OIDC_PATH) return this.#oidc.begin(response);
    if (this.#oidc !== undefined && `/${parts.join('/')}` === OIDC_CALLBACK_PATH)
      return this.#oidc.finish(request, response, query);
    sendStaticFile(request, response, this.#files, parts.join('/'));
  }

  async #followLink(request: IncomingMessage, response: ServerResponse, token: string): Promise<void> {
    const begun = await this.signIn.followLink(token, request.socket.remoteAddress ?? '');
    if (begun !== undefined) {
      await this.signIn.endSessionOf(request);
      this.#cookie.set(response, begun.token);
    }
    redirect(response, begun === undefined ? '/sign-in?link=used' : '/');
  }
}
