/**
 * A web server with files on disk and its client: `web-load.ts COUNT close|keep`. Each request is one file, over a
 * connection of its own or over few that stay.
 */

import { mkdtempSync, readFile, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FILE_COUNT = 50;
const AT_ONCE = 8;

const count = Number(process.argv[2]);
const agent = new Agent({ keepAlive: process.argv[3] === 'keep', maxSockets: AT_ONCE });
const folder = mkdtempSync(join(tmpdir(), 'peregrine-web-'));
for (let i = 0; i < FILE_COUNT; i++) writeFileSync(join(folder, `${i}.html`), `<p>${i}</p>`.repeat(500));

const server = createServer((request, response) => {
  readFile(join(folder, request.url ?? ''), (error, page) => {
    response.writeHead(error === null ? 200 : 404).end(page);
  });
});

function fetchPage(port: number, number: number): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: `/${number % FILE_COUNT}.html`, agent }, (response) => {
      response.resume().once('end', resolve);
    }).once('error', reject);
  });
}

server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address() as AddressInfo; // It listens on a port.
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < count) await fetchPage(port, next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  agent.destroy();
  server.close();
  rmSync(folder, { recursive: true });
});
