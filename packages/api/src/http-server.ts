/**
 * A small HTTP server for a privileged program: it reads no bodies, keeps nothing between requests, and takes few
 * connections at a time, so that no caller can make it grow.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type HttpServer, listen } from './listener.ts';
import { type Answer, type Route, textAnswer } from './route.ts';

export interface HttpServerOptions {
  /** An IP address. */
  readonly address: string;
  /** 0 is any that is free. */
  readonly port: number;
  /** File with certificate and key: HTTPS instead of HTTP. */
  readonly certificate: string | undefined;
  readonly routes: readonly Route[];
  /** A route threw: a bug, or what it asks does not answer. */
  readonly onTrouble: (text: string) => void;
}

const MOST_CONNECTIONS = 64;
const REQUEST_LIMIT_MS = 10_000;
const IDLE_LIMIT_MS = 5_000;

/** Resolves when it listens. Throws a `Fault` when it cannot. */
export function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const limits = {
    mostConnections: MOST_CONNECTIONS,
    requestLimitMs: REQUEST_LIMIT_MS,
    idleLimitMs: IDLE_LIMIT_MS,
  };
  return listen({ ...options, ...limits }, (request, response) => {
    respond(request, response, options).catch((error: unknown) => {
      options.onTrouble(error instanceof Error ? error.message : String(error));
      send(request, response, textAnswer('the answer cannot be given now\n', 503));
    });
  });
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { routes }: HttpServerOptions,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return send(request, response, textAnswer('only GET and HEAD are answered\n', 405));
  }
  const [path] = (request.url ?? '').split('?');
  const route = routes.find((candidate) => candidate.path === path);
  send(
    request,
    response,
    route === undefined ? textAnswer('there is nothing here\n', 404) : await route.answer(),
  );
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (response.headersSent || response.destroyed) return;
  response.statusCode = answer.status;
  response.setHeader('content-type', answer.contentType);
  response.setHeader('cache-control', 'no-store');
  response.setHeader('x-content-type-options', 'nosniff');
  // What was not read of a body ends with the connection.
  if (request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined)
    response.setHeader('connection', 'close');
  response.end(request.method === 'HEAD' ? '' : answer.body);
}
