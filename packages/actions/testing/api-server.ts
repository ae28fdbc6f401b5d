/** An HTTP server that answers as a test says, for what is behind `KubePort`: bytes on the wire, not a cluster. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  readonly socket: Socket;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Instead of an answer. */
  readonly cut?: true;
}

export class TestApiServer {
  readonly seen: Seen[] = [];
  reply: (seen: Seen) => Reply | Promise<Reply> = () => ({ body: {} });
  readonly server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const { method = '', url = '', headers, socket } = request;
      const seen = { method, url, headers, body: Buffer.concat(chunks).toString('utf8'), socket };
      if (url === '/version') {
        response.end('{}');
        return;
      }
      this.seen.push(seen);
      const { status = 200, headers: own = {}, body, cut } = await this.reply(seen);
      if (cut) socket.destroy();
      else response.writeHead(status, own).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  #folder = '';

  /** Path of a kubeconfig file with a token. */
  async open(token = 'first'): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.#folder = await mkdtemp(join(tmpdir(), 'kube-'));
    await this.writeConfig(token);
    return join(this.#folder, 'config');
  }

  async writeConfig(token: string): Promise<void> {
    // TCP servers that listen have such an address.
    const { port } = this.server.address() as AddressInfo;
    const cluster = { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: { token } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    };
    await writeFile(join(this.#folder, 'config'), JSON.stringify(config));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.#folder, { recursive: true, force: true });
  }
}
