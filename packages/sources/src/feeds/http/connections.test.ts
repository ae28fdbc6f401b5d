/** Who sends slowly, or nothing, keeps nobody out; and what is no request is told of. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import type { Feed } from '../feed.ts';
import { type FeedSettings, openFeed } from '../open-feed.ts';
import { unpackJson } from '../unpack-json.ts';

const settings: FeedSettings = {
  ...{ certificate: '', clientAuthority: '', bearerToken: '' },
  ...{ mostEventBytes: 4_000, mostBodyBytes: 100_000, mostWaitingBytes: 20_000, answerWithinMs: 60_000 },
  requestWithinMs: 60_000,
};
const tlsFolder = join(import.meta.dirname, '../../../../../corpora/tls');
const scratch = mkdtempSync(join(tmpdir(), 'peregrine-connections-'));
let feed: Feed | undefined;
let sockets: Socket[] = [];
const told: string[] = [];

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  told.length = 0;
  await feed?.close();
  feed = undefined;
});

afterAll(() => rmSync(scratch, { recursive: true }));

async function open(more: Partial<FeedSettings> = {}): Promise<Feed> {
  const kind = { unpack: unpackJson('', ''), nameOf: () => '', port: 0, path: '/events' };
  feed = await openFeed('http://127.0.0.1:0', kind, { ...settings, ...more }, (_, text) => told.push(text));
  void (async (each: Feed) => {
    const { signal } = new AbortController();
    for (let batch = await each.next(signal); batch !== undefined; batch = await each.next(signal))
      batch.done();
  })(feed);
  return feed;
}

interface Client {
  readonly socket: Socket;
  readonly got: () => string;
  readonly isClosed: () => boolean;
}

function client({ title }: Feed, text: string): Client {
  const socket = connect(Number(new URL(title).port), '127.0.0.1');
  sockets.push(socket);
  let got = '';
  let isClosed = false;
  socket.on('data', (piece) => {
    got += piece.toString();
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    isClosed = true;
  });
  if (text !== '') socket.write(text);
  return { socket, got: () => got, isClosed: () => isClosed };
}

const head = (bytes: number): string =>
  `POST /events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${bytes}\r\n\r\n`;

const post = async ({ title }: Feed): Promise<number> => {
  const headers = { 'content-type': 'application/json', connection: 'close' };
  return (await fetch(title, { method: 'POST', headers, body: '{"n":1}' })).status;
};

test('three hundred slow connections keep nobody out, and the slowest of them go', async () => {
  const each = await open();
  const slow = Array.from({ length: 300 }, (_, i) => client(each, i % 2 === 0 ? '' : `${head(900)}{`));
  await vi.waitFor(() => expect(each.counters.refused.get('crowded')).toBe(44), { timeout: 60_000 });
  expect(await post(each)).toBe(200);
  await vi.waitFor(() => expect(slow.filter(({ isClosed }) => isClosed()).length).toBe(45), {
    timeout: 60_000,
  });
  expect(told.join()).toContain('a connection is closed, since there are too many');
});

test('a body that trickles is cut off in time, whatever comes', async () => {
  const each = await open({ requestWithinMs: 400 });
  const { socket, got, isClosed } = client(each, head(90_000));
  const drip = setInterval(() => socket.write('x'), 20);
  await vi.waitFor(() => expect(isClosed()).toBe(true), { timeout: 60_000 });
  clearInterval(drip);
  expect(got()).toMatch(/^HTTP\/1.1 408 [\s\S]*the body did not come in time\n$/);
  expect(each.counters.refused.get('slow')).toBe(1);
  expect(each.counters.waitingBytes).toBe(0);
  expect(told.join()).toContain('the body did not come in time');
});

test.each([
  ['nothing at all', '', 'slow', ''],
  ['half a line', 'POST /ev', 'slow', 'HTTP/1.1 408 '],
  ['half a head', 'POST /events HTTP/1.1\r\nhost: x\r\n', 'slow', 'HTTP/1.1 408 '],
  ['another protocol', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'no_http', 'HTTP/1.1 400 '],
  [
    'a head without an end',
    `POST /events HTTP/1.1\r\nhost: ${'x'.repeat(40_000)}`,
    'no_http',
    'HTTP/1.1 400 ',
  ],
] as const)('%s', async (_, text, reason, answer) => {
  const each = await open({ requestWithinMs: 300 });
  const { got, isClosed } = client(each, text);
  await vi.waitFor(() => expect(isClosed()).toBe(true), { timeout: 60_000 });
  expect([got().startsWith(answer), each.counters.refused.get(reason)]).toEqual([true, 1]);
  expect(await post(each)).toBe(200);
});

test('what is no TLS', async () => {
  const certificate = join(scratch, 'server.pem');
  const file = (name: string): string => readFileSync(join(tlsFolder, name), 'utf8');
  writeFileSync(certificate, file('server.crt') + file('server.key'));
  const kind = { unpack: unpackJson('', ''), nameOf: () => '', port: 0, path: '/events' };
  const limits = { ...settings, certificate, requestWithinMs: 300 };
  feed = await openFeed('https://127.0.0.1:0', kind, limits, (_, text) => told.push(text));
  const plain = client(feed, `${head(7)}{"n":1}`);
  const silent = client(feed, '');
  await vi.waitFor(() => expect([plain.isClosed(), silent.isClosed()]).toEqual([true, true]), {
    timeout: 60_000,
  });
  expect(Object.fromEntries(feed.counters.refused)).toEqual({ no_tls: 2 });
  expect(told[0]).toMatch(/^a connection is closed, since TLS did not come about: from 127\.0\.0\.1: /);
});

test('a body that ends too early', async () => {
  const each = await open();
  const { socket, got, isClosed } = client(each, `${head(900)}{"n":`);
  socket.end();
  await vi.waitFor(() => expect(isClosed()).toBe(true), { timeout: 60_000 });
  expect(got()).toMatch(/^HTTP\/1.1 400 /);
  expect(Object.fromEntries(each.counters.refused)).toEqual({ aborted: 1 });
});
