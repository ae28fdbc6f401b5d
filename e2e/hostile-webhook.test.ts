/**
 * What strangers may send to the web server of the built program: each gets a clear answer and is counted, the program
 * stays, and a sender on another connection does not notice.
 */

import { request } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { bugIn, type Running, Scratch, start, until } from './program.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const MB = 1_048_576;
let scratch: Scratch;
let program: Running;
let url: string;
let metricsUrl: string;
let isOver = false;
let others: Promise<readonly number[]>;

const event = (more: object = {}): string =>
  JSON.stringify({
    kind: 'Event',
    auditID: 'a-1',
    verb: 'get',
    stageTimestamp: '2026-11-25T10:00:00Z',
    ...more,
  });

const post = async (body: string, headers: Record<string, string> = {}): Promise<number> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  await response.text();
  return response.status;
};

/** Somebody who sends good events all the time. */
async function sendGoodEvents(): Promise<readonly number[]> {
  const statuses: number[] = [];
  while (!isOver) {
    statuses.push(await post(event()));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return statuses;
}

/** What the counter says that is named so; 0 before it is there. */
async function countOf(kind: 'rejected_events' | 'refused_requests', reason: string): Promise<number> {
  const page = await (await fetch(metricsUrl)).text();
  const name = `peregrine_source_${kind}_total{source="k8s_audit",reason="${reason}"} `;
  const line = page.split('\n').find((each) => each.startsWith(name));
  return Number(line?.slice(name.length) ?? 0);
}

beforeAll(async () => {
  scratch = new Scratch();
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  metricsUrl = `http://127.0.0.1:${port}/metrics`;
  const config = scratch.write(
    'falco.yaml',
    `engine: {kind: nodriver}
stdout_output: {enabled: true}
metrics: {enabled: true}
webserver: {enabled: true, listen_port: ${port}, prometheus_metrics_enabled: true}
plugins:
  - name: k8saudit
    open_params: http://127.0.0.1:0/k8s-audit
    init_config: {request_within_ms: 3000, max_waiting_bytes: 33554432}
`,
  );
  program = start('falco', ['-U', '-c', config]);
  const isReady = () => /web server/.test(program.err()) && /reading `k8s_audit`/.test(program.err());
  await until('it reads', () => isReady() || program.child.exitCode !== null, 120_000);
  expect(program.child.exitCode, program.err()).toBe(null);
  url = /reading `k8s_audit` events: (\S+)/.exec(program.err())?.[1] ?? '';
  others = sendGoodEvents();
});

afterAll(async () => {
  isOver = true;
  const statuses = await others;
  program.child.kill('SIGTERM');
  const ended = await program.ended;
  scratch.remove();
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(statuses.length).toBeGreaterThan(20);
  expect([ended.status, bugIn(ended)]).toEqual([0, '']);
});

const nested = (depth: number): string =>
  event().replace('"get"', `${'{"a":['.repeat(depth / 2)}1${']}'.repeat(depth / 2)}`);

describe('bodies', () => {
  test.each([
    ['nothing', '', 400, 'not_json'],
    ['no JSON', 'hello', 400, 'not_json'],
    ['half a document', event().slice(0, -20), 400, 'not_json'],
    ['bytes', '\u0000\u0001\ufffd'.repeat(1_000), 400, 'not_json'],
    ['another document', '{"kind":"Pod"}', 400, 'not_an_event'],
    ['a hundred thousand levels', nested(100_000), 400, 'too_deep'],
    ['a hundred thousand lists', '['.repeat(100_000) + ']'.repeat(100_000), 400, 'too_deep'],
    ['a hundred thousand open lists', '['.repeat(100_000), 400, 'not_json'],
    ['an event of a megabyte', event({ x: 'y'.repeat(MB) }), 413, 'too_large'],
    ['an event without a time', event({ stageTimestamp: 'noon' }), 400, 'no_time'],
  ] as const)('%s', async (_, body, status, reason) => {
    const before = await countOf('rejected_events', reason);
    expect(await post(body)).toBe(status);
    expect(await countOf('rejected_events', reason)).toBe(before + 1);
    expect(await post(event())).toBe(200);
  });

  test.each([
    ['another type', { 'content-type': 'text/plain' }, 400],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 400],
    ['compressed', { 'content-encoding': 'gzip' }, 415],
  ])('%s', async (_, headers, status) => {
    const before = await countOf('refused_requests', 'content_type');
    expect(await post(event(), headers)).toBe(status);
    expect(await countOf('refused_requests', 'content_type')).toBe(before + 1);
  });
});

/** Sends pieces until there is an answer, or no more to send. */
async function sendPieces(
  headers: Record<string, string | number>,
  piece: Buffer,
  count: number,
): Promise<{ readonly status: number; readonly text: string; readonly sentBytes: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  let isAnswered = false;
  const sending = request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    agent: false,
  });
  sending.on('response', async (response) => {
    isAnswered = true;
    let text = '';
    for await (const part of response) text += part;
    resolve({ status: response.statusCode ?? 0, text });
  });
  // After the answer the server may close while more is on its way.
  sending.on('error', (error) => (isAnswered ? undefined : reject(error)));
  let sentBytes = 0;
  for (let i = 0; i < count && !isAnswered && !sending.destroyed; i++) {
    sentBytes += piece.length;
    if (!sending.write(piece))
      await Promise.race([promise, new Promise((drained) => sending.once('drain', drained))]);
  }
  if (!isAnswered) sending.end();
  return { ...(await promise), sentBytes };
}

describe('a hundred megabytes', () => {
  const piece = Buffer.alloc(64 * 1024, 'x');

  test('announced', async () => {
    const answer = await sendPieces({ 'content-length': 100 * MB }, piece, 1_600);
    expect([answer.status, answer.text]).toEqual([413, expect.stringContaining('webhook')]);
    expect(answer.sentBytes).toBeLessThan(20 * MB);
  });

  test('in chunks, without a word of how much it will be', async () => {
    const before = await countOf('refused_requests', 'too_large');
    const answer = await sendPieces({ 'transfer-encoding': 'chunked' }, piece, 1_600);
    expect([answer.status, answer.text]).toEqual([
      413,
      expect.stringContaining('larger than 12582912 bytes'),
    ]);
    expect(answer.sentBytes).toBeLessThan(40 * MB);
    expect(await countOf('refused_requests', 'too_large')).toBe(before + 1);
  });

  test('packed into a hundred kilobytes', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * MB, ' '));
    expect(bomb.length).toBeLessThan(MB);
    const answer = await sendPieces({ 'content-encoding': 'gzip' }, bomb, 1);
    expect([answer.status, answer.text]).toEqual([415, 'bodies must not be compressed\n']);
  });
});

describe('connections', () => {
  const open = (text: string) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let got = '';
    socket.on('data', (piece) => {
      got += piece.toString();
    });
    socket.on('error', () => {});
    const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(got)));
    socket.write(text);
    return { socket, closed };
  };
  const head = (more: string): string =>
    `POST /k8s-audit HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${more}\r\n\r\n`;

  test('fifty bodies that come a byte at a time are cut off', async () => {
    const before = await countOf('refused_requests', 'slow');
    const slow = Array.from({ length: 50 }, () => open(head('content-length: 100000')));
    const drip = setInterval(() => slow.map(({ socket }) => socket.writable && socket.write('x')), 100);
    const answers = await Promise.all(slow.map(({ closed }) => closed));
    clearInterval(drip);
    expect(answers.filter((text) => /^HTTP\/1.1 408 [\s\S]*did not come in time\n$/.test(text)).length).toBe(
      50,
    );
    expect(await countOf('refused_requests', 'slow')).toBe(before + 50);
    expect(program.err()).toContain('a request got the answer 408: the body did not come in time');
  });

  test('heads that come a byte at a time are cut off', async () => {
    const { socket, closed } = open('POST /k8s-audit HTTP/1.1\r\nx: ');
    const drip = setInterval(() => socket.writable && socket.write('x'), 100);
    expect(await closed).toMatch(/^HTTP\/1.1 408 /);
    clearInterval(drip);
  });

  test.each([
    ['a body shorter than announced', `${head('content-length: 100')}{"kind":`, true],
    ['a chunk whose length is none', `${head('transfer-encoding: chunked')}xyz\r\n`, false],
    ['two lengths', head('content-length: 1\r\ncontent-length: 2'), false],
    ['no HTTP', '\u0016\u0003\u0001\u0002\u0000', false],
  ])('%s', async (_, text, ends) => {
    const { socket, closed } = open(text);
    if (ends) socket.end();
    expect(await closed).toMatch(/^HTTP\/1.1 400 /);
    expect(await post(event())).toBe(200);
  });
});
