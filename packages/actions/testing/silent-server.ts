/** A server that takes requests and never answers. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SilentServer {
  readonly origin: string;
  /** Resolves when a request is there. */
  readonly asked: Promise<void>;
  close(): Promise<void>;
}

export async function openSilentServer(): Promise<SilentServer> {
  const { promise: asked, resolve: tell } = Promise.withResolvers<void>();
  const server = createServer((request) => request.resume().on('end', tell));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // It listens on an address, not on a path.
  return {
    origin: `http://127.0.0.1:${port}`,
    asked,
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

/** An address at which nothing listens. */
export async function closedAddress(): Promise<string> {
  const server = await openSilentServer();
  await server.close();
  return server.origin;
}
