/** A listening HTTP or HTTPS server, for whatever answers its requests. */

import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Fault } from '@peregrine/base';

export interface ListenOptions {
  /** An IP address. */
  readonly address: string;
  /** 0 is any that is free. */
  readonly port: number;
  /** File with certificate and key: HTTPS instead of HTTP. */
  readonly certificate: string | undefined;
  readonly mostConnections: number;
  /** From the first byte of a request to the last of its body. */
  readonly requestLimitMs: number;
  /** How long a connection stays open between requests. */
  readonly idleLimitMs: number;
}

export interface HttpServer {
  /** `http://127.0.0.1:8765`. */
  readonly url: string;
  /** Takes no more, waits as long as `graceMs` for answers that are due, and ends all connections. */
  close(graceMs?: number): Promise<void>;
}

const IDLE_CHECK_MS = 50;

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** Resolves when it listens. Throws a `Fault` when it cannot. */
export async function listen(options: ListenOptions, handler: RequestHandler): Promise<HttpServer> {
  const limits = {
    requestTimeout: options.requestLimitMs,
    headersTimeout: options.requestLimitMs,
    keepAliveTimeout: options.idleLimitMs,
  };
  const server =
    options.certificate === undefined
      ? createServer(limits, handler)
      : createTlsServer({ ...limits, ...readCertificate(options.certificate) }, handler);
  server.maxConnections = options.mostConnections;
  await opened(server, { ...options, choose: 'choose another port' });
  const { port } = server.address() as AddressInfo; // It listens on an address, not on a path.
  const scheme = options.certificate === undefined ? 'http' : 'https';
  const host = options.address.includes(':') ? `[${options.address}]` : options.address;
  return {
    url: `${scheme}://${host}:${port}`,
    close: async (graceMs = 0) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if (graceMs === 0) server.closeAllConnections();
      // Those that have got their answers are kept open for more; there will be none.
      const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearInterval(idle);
      clearTimeout(timer);
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

/**
 * Has a server listen; an empty address is all of them. `title`: who listens, for the message; `choose`: what to do where
 * another program has the port. Throws a `Fault` when it cannot.
 */
export function opened(
  server: Server,
  {
    address,
    port,
    title,
    choose,
  }: {
    readonly address: string;
    readonly port: number;
    readonly title?: string;
    readonly choose: string;
  },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (cause: NodeJS.ErrnoException) => {
    const where = `${address === '' ? 'all addresses' : address} port ${port}`;
    const what = title === undefined ? 'cannot listen' : `${title} cannot listen`;
    reject(
      new Fault('http-listen', `${what} on ${where}: ${cause.message}`, {
        cause,
        ...(cause.code === 'EADDRINUSE' ? { hint: `another program listens there: ${choose}` } : {}),
      }),
    );
  });
  if (address === '') server.listen(port, () => resolve());
  else server.listen(port, address, () => resolve());
  return promise;
}
