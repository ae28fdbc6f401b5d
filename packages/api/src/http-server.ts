/**
 * A small HTTP server for a privileged program: it reads no bodies, keeps nothing between requests, and takes few
 * connections at a time, so that no caller can make it grow.
 */

import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Fault } from '@peregrine/base';
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

export interface HttpServer {
  /** `http://127.0.0.1:8765`. */
  readonly url: string;
  close(): Promise<void>;
}

const MOST_CONNECTIONS = 64;
const REQUEST_LIMIT_MS = 10_000;
const IDLE_LIMIT_MS = 5_000;

/** Resolves when it listens. Throws a `Fault` when it cannot. */
export async function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const limits = {
    requestTimeout: REQUEST_LIMIT_MS,
    headersTimeout: REQUEST_LIMIT_MS,
    keepAliveTimeout: IDLE_LIMIT_MS,
  };
  const server =
    options.certificate === undefined
      ? createServer(limits)
      : createTlsServer({ ...limits, ...readCertificate(options.certificate) });
  server.maxConnections = MOST_CONNECTIONS;
  server.on('request', (request, response) => {
    respond(request, response, options).catch((error: unknown) => {
      options.onTrouble(error instanceof Error ? error.message : String(error));
      send(request, response, textAnswer('the answer cannot be given now\n', 503));
    });
  });
  await listen(server, options);
  const { port } = server.address() as AddressInfo; // It listens on an address, not on a path.
  const scheme = options.certificate === undefined ? 'http' : 'https';
  const host = options.address.includes(':') ? `[${options.address}]` : options.address;
  return {
    url: `${scheme}://${host}:${port}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function readCertificate(path: string): { readonly cert: Buffer; readonly key: Buffer } {
  try {
    const pem = readFileSync(path);
    return { cert: pem, key: pem };
  } catch (cause) {
    throw new Fault('http-certificate', `cannot read the certificate \`${path}\``, {
      cause,
      hint: 'the file must hold the certificate and its key, both as PEM',
    });
  }
}

function listen(server: Server, { address, port }: HttpServerOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (cause: NodeJS.ErrnoException) => {
    reject(
      new Fault('http-listen', `cannot listen on ${address} port ${port}: ${cause.message}`, {
        cause,
        ...(cause.code === 'EADDRINUSE'
          ? { hint: 'another program listens there: choose another port' }
          : {}),
      }),
    );
  });
  server.listen(port, address, () => resolve());
  return promise;
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
