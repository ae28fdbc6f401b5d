/** A server on this machine that takes what outputs send, keeps it, and answers as a test wants. */

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface ReceivedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Names and values as they came, in order. */
  readonly headers: readonly (readonly [string, string])[];
  /** Unpacked. */
  readonly body: string;
}

export interface ReceiverAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpReceiver {
  readonly origin: string;
  readonly requests: readonly ReceivedRequest[];
  /** What to answer from now on. */
  answer(with_: ReceiverAnswer | ((request: ReceivedRequest) => ReceiverAnswer)): void;
  close(): Promise<void>;
}

export async function openHttpReceiver(): Promise<HttpReceiver> {
  const requests: ReceivedRequest[] = [];
  let answer: ReceiverAnswer | ((request: ReceivedRequest) => ReceiverAnswer) = { status: 200 };
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const request = receivedOf(incoming, Buffer.concat(chunks));
      requests.push(request);
      const { status, headers = {}, body = '' } = typeof answer === 'function' ? answer(request) : answer;
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // It listens on an address, not on a path.
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    answer: (chosen) => {
      answer = chosen;
    },
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

function receivedOf(incoming: IncomingMessage, bytes: Buffer): ReceivedRequest {
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
    headers.push([incoming.rawHeaders[i] ?? '', incoming.rawHeaders[i + 1] ?? '']);
  }
  const body = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
  return { method: incoming.method ?? '', path: incoming.url ?? '', headers, body: body.toString('utf8') };
}
