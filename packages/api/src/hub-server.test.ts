/** Paths, methods and bodies, over real connections. */

import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { busy, type HubAnswer, type HubServer, openHubServer } from './hub-server.ts';

const all = ['/', '/ping', '/healthz', '/test', '/metrics'];
let server: HubServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** What the routes were given. */
interface Seen {
  readonly bodies: string[];
  readonly lines: string[];
  testCount: number;
}

async function open(
  options: { paths?: readonly string[]; mostBodyBytes?: number; answer?: HubAnswer } = {},
): Promise<Seen & { url: string }> {
  const seen: Seen = { bodies: [], lines: [], testCount: 0 };
  server = await openHubServer({
    address: '127.0.0.1',
    port: 0,
    tls: undefined,
    paths: options.paths ?? all,
    mostBodyBytes: options.mostBodyBytes ?? 1_000,
    onTrouble: () => {},
    routes: {
      ingest: async (body) => {
        seen.bodies.push(body.toString('utf8'));
        return options.answer ?? { status: 200 };
      },
      openStream: () => ({
        take: async (lines) => {
          seen.lines.push(lines);
          return lines.includes('stop') ? { kind: 'stop', answer: busy('full', 7) } : { kind: 'taken' };
        },
        end: async () => ({ status: 200, body: 'done' }),
      }),
      test: async () => {
        seen.testCount++;
        return { status: 200 };
      },
      metrics: async () => ({ status: 200, contentType: 'text/plain', body: 'm 1\n' }),
    },
  });
  return Object.assign(seen, { url: `http://127.0.0.1:${server.port}` });
}

async function ask(
  url: string,
  init: RequestInit = {},
): Promise<readonly [status: number, body: string, type: string | null]> {
  const response = await fetch(url, init);
  return [response.status, await response.text(), response.headers.get('content-type')];
}

const post = (
  body: NonNullable<RequestInit['body']>,
  headers: Readonly<Record<string, string>> = {},
): RequestInit => ({
  method: 'POST',
  body,
  headers,
});

test('paths answer as those of the reference', async () => {
  const seen = await open();
  const { url } = seen;
  expect(await ask(`${url}/ping`)).toEqual([200, 'pong\n', 'text/plain; charset=utf-8']);
  expect(await ask(`${url}/ping`, post('x'))).toEqual([200, 'pong\n', 'text/plain; charset=utf-8']);
  expect(await ask(`${url}/healthz`)).toEqual([200, '{"status": "ok"}', 'application/json']);
  expect(await ask(`${url}/metrics`)).toEqual([200, 'm 1\n', 'text/plain']);
  expect(await ask(`${url}/test`, post('ignored'))).toEqual([200, '', null]);
  expect(seen.testCount).toBe(1);
  for (const path of ['/', '/events', '/health', '/debug/vars', '/any/thing?x=1']) {
    expect(await ask(url + path, post(path))).toEqual([200, '', null]);
  }
  expect(seen.bodies).toEqual(['/', '/events', '/health', '/debug/vars', '/any/thing?x=1']);
});

test.each(['GET', 'PUT', 'DELETE', 'PATCH'])('%s is no way to send alerts', async (method) => {
  const { url, bodies } = await open();
  for (const path of ['/', '/test', '/health']) {
    const response = await fetch(url + path, { method });
    expect(response.status).toBe(400);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await response.text()).toBe('Please send with post http method\n');
  }
  expect(bodies).toEqual([]);
});

test('paths that are served elsewhere are not served here', async () => {
  const moved = await open({ paths: ['/metrics', '/ping'] });
  expect((await ask(`${moved.url}/metrics`))[0]).toBe(200);
  expect((await ask(`${moved.url}/`, post('x')))[0]).toBe(404);
  expect((await ask(`${moved.url}/test`, post('x')))[0]).toBe(404);
  await server?.close();
  const rest = await open({ paths: ['/', '/healthz', '/test'] });
  // As any other path that is not known.
  expect(await ask(`${rest.url}/metrics`)).toEqual([
    400,
    'Please send with post http method\n',
    expect.any(String),
  ]);
});

describe('bodies', () => {
  test('are taken whole, whatever their type says', async () => {
    const seen = await open();
    await ask(seen.url, post('{"é":1}', { 'content-type': 'text/plain' }));
    await ask(seen.url, { method: 'POST' });
    expect(seen.bodies).toEqual(['{"é":1}', '']);
  });

  test('are unpacked when they are packed', async () => {
    const seen = await open();
    expect(await ask(seen.url, post(gzipSync('{"a":1}'), { 'content-encoding': 'gzip' }))).toEqual([
      200,
      '',
      null,
    ]);
    expect(seen.bodies).toEqual(['{"a":1}']);
    expect(await ask(seen.url, post('not packed', { 'content-encoding': 'gzip' }))).toEqual([
      400,
      'Please send a valid request body\n',
      'text/plain; charset=utf-8',
    ]);
  });

  test('that are too long are refused, announced, unannounced or packed', async () => {
    const seen = await open({ mostBodyBytes: 1_000 });
    expect((await ask(seen.url, post('x'.repeat(1_001))))[0]).toBe(413);
    expect(
      (await ask(seen.url, post(gzipSync('x'.repeat(100_000)), { 'content-encoding': 'gzip' })))[0],
    ).toBe(413);
    const status = await new Promise<number>((resolve, reject) => {
      const request = httpRequest(seen.url, { method: 'POST', headers: { 'transfer-encoding': 'chunked' } });
      request.on('response', (response) => resolve(response.statusCode ?? 0));
      request.on('error', reject);
      request.write('x'.repeat(2_000));
    });
    expect(status).toBe(413);
    expect(seen.bodies).toEqual([]);
  });

  test('that break off are forgotten, and the server goes on', async () => {
    const seen = await open();
    const { port } = new URL(seen.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf');
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    expect(await ask(seen.url, post('whole'))).toEqual([200, '', null]);
    expect(seen.bodies).toEqual(['whole']);
  });

  test('are answered as the route says', async () => {
    const { url } = await open({ answer: busy('no room', 10) });
    const response = await fetch(url, post('x'));
    expect([response.status, response.headers.get('retry-after'), await response.text()]).toEqual([
      503,
      '10',
      'no room\n',
    ]);
  });
});

describe('streams of lines', () => {
  const lines = { 'content-type': 'application/x-ndjson' };

  test('are handed on in whole lines, however they come', async () => {
    const seen = await open({ mostBodyBytes: 100 });
    const parts = ['{"a":1}\n{"b"', ':"é', '"}\n', '{"c":3}'];
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const part = parts.shift();
        if (part === undefined) return controller.close();
        controller.enqueue(new TextEncoder().encode(part));
        await new Promise((resolve) => setTimeout(resolve, 20));
      },
    });
    const init: RequestInit = { ...post(body, lines), duplex: 'half' };
    expect(await ask(seen.url, init)).toEqual([200, 'done', null]);
    expect(seen.lines.join('\n').split('\n')).toEqual(['{"a":1}', '{"b":"é"}', '{"c":3}']);
  });

  test('may be longer than a body, but no line may', async () => {
    const seen = await open({ mostBodyBytes: 1_000 });
    const many = '{"a":1}\n'.repeat(1_000);
    expect(await ask(seen.url, post(many, lines))).toEqual([200, 'done', null]);
    expect(seen.lines.join('\n').split('\n').filter(Boolean)).toHaveLength(1_000);
    expect((await ask(seen.url, post('x'.repeat(300_000), lines)))[0]).toBe(413);
  });

  test('end when there is no room', async () => {
    const { url } = await open();
    expect(await ask(url, post('a\nstop\n', lines))).toEqual([503, 'full\n', 'text/plain; charset=utf-8']);
  });
});

test('a port that is taken is a fault that says so', async () => {
  const { url } = await open();
  const port = Number(new URL(url).port);
  await expect(
    openHubServer({
      address: '127.0.0.1',
      port,
      tls: undefined,
      paths: all,
      mostBodyBytes: 1,
      onTrouble: () => {},
      routes: {
        ingest: async () => ({ status: 200 }),
        openStream: () => {
          throw new Error('not asked');
        },
        test: async () => ({ status: 200 }),
        metrics: async () => ({ status: 200 }),
      },
    }),
  ).rejects.toMatchObject({ code: 'http-listen', hint: expect.stringContaining('listenport') });
});
