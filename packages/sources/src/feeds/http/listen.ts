/** A listening HTTP or HTTPS server with limits on connections and time. */

import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { Fault } from '@peregrine/base';
import { Connections } from './connections.ts';

export interface TlsFiles {
  /** File with certificate and key, both as PEM. */
  readonly certificate: string;
  /** File with the authorities whose client certificates are let in; absent, none is asked for. */
  readonly clientAuthority: string | undefined;
}

export interface ListenOptions {
  /** `undefined`: all addresses. */
  readonly host: string | undefined;
  /** 0 is any that is free. */
  readonly port: number;
  readonly tls: TlsFiles | undefined;
  /** A request that has not come whole after so long is cut off, milliseconds. */
  readonly requestWithinMs: number;
}

/** What becomes of connections that bring no request. */
export type Oddity = 'slow' | 'no_http' | 'no_tls' | 'crowded';

export interface Listener {
  /** `http://127.0.0.1:9765`. */
  readonly url: string;
  close(): Promise<void>;
}

const MOST_CONNECTIONS = 256;
const MOST_HANDSHAKES = 64;
const HEADERS_LIMIT_MS = 10_000;
/** Requests are answered by whoever reads them before the server itself cuts them off. */
const CUT_OFF_LATER_MS = 5_000;
const LOOK_EVERY_MS = 5_000;
const IDLE_LIMIT_MS = 120_000;
/** How long answers that are due may take at the end. */
const GRACE_MS = 5_000;

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Throws a `Fault` when it cannot listen. `onOddity`: told what is odd about a connection, and of whom. */
export async function listen(
  options: ListenOptions,
  handler: Handler,
  onOddity: (oddity: Oddity, detail: string) => void,
): Promise<Listener> {
  const { requestWithinMs } = options;
  const limits = {
    requestTimeout: requestWithinMs + CUT_OFF_LATER_MS,
    headersTimeout: Math.min(HEADERS_LIMIT_MS, requestWithinMs),
    keepAliveTimeout: IDLE_LIMIT_MS,
    connectionsCheckingInterval: Math.min(LOOK_EVERY_MS, requestWithinMs),
  };
  const server =
    options.tls === undefined
      ? createServer(limits, handler)
      : createTlsServer(
          { ...limits, ...readTls(options.tls), handshakeTimeout: limits.headersTimeout },
          handler,
        );
  watchConnections(server, options.tls === undefined ? 'connection' : 'secureConnection', onOddity);
  await opened(server, options);
  const { port } = server.address() as AddressInfo; // It listens on an address, not on a path.
  const host = options.host ?? '0.0.0.0';
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), GRACE_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

function watchConnections(
  server: Server,
  opening: 'connection' | 'secureConnection',
  onOddity: Parameters<typeof listen>[2],
): void {
  const from = (socket: Socket): string => `from ${socket.remoteAddress}`;
  const connections = new Connections(MOST_CONNECTIONS, (socket) => onOddity('crowded', from(socket)));
  // Handshakes have a limit of time of their own.
  server.maxConnections = MOST_CONNECTIONS + MOST_HANDSHAKES;
  server.on(opening, (socket: Socket) => connections.opened(socket));
  server.on('drop', (dropped) => onOddity('crowded', `from ${dropped?.remoteAddress}`));
  server.on('request', (request, response) => connections.asked(request, response));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (/^ERR_(SSL|TLS)_/.test(error.code ?? '')) {
      onOddity('no_tls', `${from(socket)}: ${error.message.trim()}`);
      socket.destroy();
      return;
    }
    const isSlow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    // Whoever reads a request that has begun is told by the request itself.
    if (!connections.isComing(socket) && error.code !== 'ECONNRESET')
      onOddity(isSlow ? 'slow' : 'no_http', from(socket));
    const status = isSlow ? '408 Request Timeout' : '400 Bad Request';
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    socket.destroySoon();
  });
}

function readTls({ certificate, clientAuthority }: TlsFiles) {
  const pem = readPem(certificate, 'the file must hold the certificate and its key, both as PEM');
  if (clientAuthority === undefined) return { cert: pem, key: pem };
  const ca = readPem(clientAuthority, 'the file must hold the authorities of client certificates, as PEM');
  return { cert: pem, key: pem, ca, requestCert: true, rejectUnauthorized: true };
}

function readPem(path: string, hint: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new Fault('source-certificate', `cannot read the certificate \`${path}\``, { cause, hint });
  }
}

function opened(server: Server, { host, port }: ListenOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (cause: NodeJS.ErrnoException) => {
    const message = `cannot listen for events on ${host ?? 'any address'}, port ${port}: ${cause.message}`;
    const hint =
      cause.code === 'EADDRINUSE' ? 'another program listens there: choose another port' : undefined;
    reject(new Fault('source-listen', message, { cause, ...(hint === undefined ? {} : { hint }) }));
  });
  server.listen(port, host, () => resolve());
  return promise;
}
