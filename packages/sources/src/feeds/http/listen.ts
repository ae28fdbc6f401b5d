/** A listening HTTP or HTTPS server with limits on connections and time. */

import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Fault } from '@peregrine/base';

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
}

export interface Listener {
  /** `http://127.0.0.1:9765`. */
  readonly url: string;
  close(): Promise<void>;
}

const MOST_CONNECTIONS = 256;
/** An API server sends a batch within this; who takes longer holds a connection that others need. */
const REQUEST_LIMIT_MS = 30_000;
const HEADERS_LIMIT_MS = 10_000;
const IDLE_LIMIT_MS = 120_000;
/** How long answers that are due may take at the end. */
const GRACE_MS = 5_000;

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Throws a `Fault` when it cannot listen. */
export async function listen(options: ListenOptions, handler: Handler): Promise<Listener> {
  const limits = {
    requestTimeout: REQUEST_LIMIT_MS,
    headersTimeout: HEADERS_LIMIT_MS,
    keepAliveTimeout: IDLE_LIMIT_MS,
    connectionsCheckingInterval: 5_000,
  };
  const server =
    options.tls === undefined
      ? createServer(limits, handler)
      : createTlsServer({ ...limits, ...readTls(options.tls) }, handler);
  server.maxConnections = MOST_CONNECTIONS;
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
