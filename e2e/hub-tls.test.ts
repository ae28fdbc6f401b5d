/** The hub over TLS: with certificates of both sides, and with paths that are served without. */

import { readFileSync } from 'node:fs';
import { createServer, request as httpsRequest } from 'node:https';
import { type AddressInfo, createServer as createPlainServer } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bugIn, type Running, root, run, Scratch, start, until } from './program.ts';

const LIMIT_MS = 60_000;
const tls = (name: string): string => join(root, 'corpora/tls', name);
const pem = (name: string): string => readFileSync(tls(name), 'utf8');

let scratch: Scratch;
let running: Running | undefined;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(async () => {
  running?.child.kill('SIGKILL');
  await running?.ended;
  scratch.remove();
});

/** Ports of TLS and, where paths moved, without. */
async function startHub(more: string): Promise<readonly number[]> {
  const config = scratch.write(
    'config.yaml',
    `listenaddress: 127.0.0.1\nlistenport: 0\njournal: { path: ${scratch.path('state')} }\n${more}`,
  );
  const program = start('peregrine', ['hub', '-c', config]);
  running = program;
  await until('listening', () => program.err().includes('is up and listening on'), LIMIT_MS);
  const line = /is up and listening on (.*)/.exec(program.err())?.[1] ?? '';
  return [...line.matchAll(/127\.0\.0\.1:(\d+)/g)].map((match) => Number(match[1]));
}

const body =
  '{"output":"o","priority":"Notice","rule":"r","time":"2024-03-01T10:00:00Z","output_fields":{"a":1}}';

/** Status, or why there is none. */
function ask(port: number | undefined, path: string, hasCertificate: boolean): Promise<number | string> {
  const { promise, resolve } = Promise.withResolvers<number | string>();
  const outgoing = httpsRequest(
    {
      host: '127.0.0.1',
      port,
      path,
      method: 'POST',
      ca: pem('authority.crt'),
      servername: 'localhost',
      checkServerIdentity: () => undefined,
      agent: false,
      ...(hasCertificate ? { cert: pem('client.crt'), key: pem('client.key') } : {}),
    },
    (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    },
  );
  outgoing.on('error', (error) => resolve(error.message));
  outgoing.end(body);
  return promise;
}

async function freePort(): Promise<number> {
  const server = createPlainServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // It listens on an address, not on a path.
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

const server = `deploy: true, certfile: ${tls('server.crt')}, keyfile: ${tls('server.key')}`;

describe('the hub over TLS', { timeout: 3 * LIMIT_MS }, () => {
  test('takes alerts from those with a certificate only, and serves some paths without TLS', async () => {
    const plain = await freePort();
    const [port, plainPort] = await startHub(
      `tlsserver: { ${server}, mutualtls: true, cacertfile: ${tls('authority.crt')}, notlsport: ${plain}, notlspaths: [/metrics, /healthz] }\n`,
    );
    expect(plainPort).toBe(plain);
    expect(await ask(port, '/', true)).toBe(200);
    expect(await ask(port, '/', false)).toEqual(expect.any(String));
    const metrics = await fetch(`http://127.0.0.1:${plainPort}/metrics`);
    expect(await metrics.text()).toContain('inputs_total{source="requests",status="accepted"} 1\n');
    expect((await fetch(`http://127.0.0.1:${plainPort}/`, { method: 'POST', body })).status).toBe(404);
    // It moved there, and is any path here.
    expect(await ask(port, '/metrics', true)).toBe(200);
    expect(running?.err()).toContain('for TLS and');
    running?.child.kill('SIGTERM');
    const ended = await running?.ended;
    expect(ended && [ended.status, bugIn(ended)]).toEqual([0, '']);
  });

  test('presents a certificate to destinations, and checks theirs', async () => {
    const names: string[] = [];
    const destination = createServer(
      {
        cert: pem('server.crt'),
        key: pem('server.key'),
        ca: pem('authority.crt'),
        requestCert: true,
        rejectUnauthorized: false,
      },
      (request, response) => {
        const socket = request.socket as TLSSocket; // A server of TLS has no others.
        names.push(socket.authorized ? 'known' : 'unknown');
        response.end();
      },
    );
    await new Promise<void>((resolve) => destination.listen(0, '127.0.0.1', resolve));
    const { port: destinationPort } = destination.address() as AddressInfo; // As above.
    const [port] = await startHub(
      `mutualtlsclient: { certfile: ${tls('client.crt')}, keyfile: ${tls('client.key')}, cacertfile: ${tls('authority.crt')} }\nwebhook: { address: "https://localhost:${destinationPort}/", mutualtls: true }\nslack: { webhookurl: "https://localhost:${destinationPort}/" }\nteams: { webhookurl: "https://localhost:${destinationPort}/", checkcert: false }\n`,
    );
    expect((await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body })).status).toBe(200);
    await until('two deliveries', () => names.length === 2, LIMIT_MS);
    expect(names.toSorted()).toEqual(['known', 'unknown']);
    // Slack trusts the system's authorities, of which this one is none.
    await until('a refusal', () => /Slack - .*(?:certificate|issuer)/.test(running?.err() ?? ''), LIMIT_MS);
    destination.closeAllConnections();
    destination.close();
  });

  test('does not start without the files that it needs', async () => {
    const config = scratch.write(
      'bad.yaml',
      `listenport: 0\njournal: { path: ${scratch.path('state')} }\ndebug: perhaps\ntlsserver: { deploy: true, certfile: /nowhere.crt }\nmutualtlsclient: { certfile: /gone.crt }\nslack: { webhookurl: "https://localhost/x", mutualtls: true }\n`,
    );
    for (const more of [[], ['--check']]) {
      const ended = await run('peregrine', ['hub', '-c', config, ...more]);
      expect([ended.status, bugIn(ended)]).toEqual([1, '']);
      expect(ended.err).toContain('cannot read `/nowhere.crt`, which `tlsserver.certfile` needs');
      expect(ended.err).toContain('`debug`');
      expect(ended.err).toContain('cannot read `/gone.crt`, which `slack.mutualtls` needs');
    }
  });
});
