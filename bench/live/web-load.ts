/**
 * A web server with files on disk and its client: `web-load.ts COUNT close|keep [CGROUP_PROCS]`. Each request is one file,
 * over a connection of its own or over few that stay. With a file `cgroup.procs`, the client is a process of its own that
 * goes there first: elsewhere than the server, as clients are.
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFile, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FILE_COUNT = 50;
const AT_ONCE = 8;

const [, , countText = '', mode = '', elsewhere, portText] = process.argv;
const count = Number(countText);

function fetchPage(agent: Agent, port: number, number: number): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: `/${number % FILE_COUNT}.html`, agent }, (response) => {
      response.resume().once('end', resolve);
    }).once('error', reject);
  });
}

async function fetchAll(port: number): Promise<void> {
  const agent = new Agent({ keepAlive: mode === 'keep', maxSockets: AT_ONCE });
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < count) await fetchPage(agent, port, next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  agent.destroy();
}

function fetchFromElsewhere(procs: string, port: number): Promise<void> {
  const script = 'echo $$ > "$1"; shift; exec "$@"';
  const program = [process.execPath, import.meta.filename, countText, mode, procs, String(port)];
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', script, 'sh', procs, ...program], { stdio: 'inherit' });
    child.once('close', (status) =>
      status === 0 ? resolve() : reject(new Error(`the client ended with ${status}`)),
    );
  });
}

async function serve(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'peregrine-web-'));
  for (let i = 0; i < FILE_COUNT; i++) writeFileSync(join(folder, `${i}.html`), `<p>${i}</p>`.repeat(500));
  const server = createServer((request, response) => {
    readFile(join(folder, request.url ?? ''), (error, page) => {
      response.writeHead(error === null ? 200 : 404).end(page);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // It listens on a port.
  await (elsewhere === undefined ? fetchAll(port) : fetchFromElsewhere(elsewhere, port));
  server.close();
  rmSync(folder, { recursive: true });
}

await (portText === undefined ? serve() : fetchAll(Number(portText)));
