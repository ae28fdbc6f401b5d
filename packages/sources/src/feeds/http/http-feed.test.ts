/** What senders of events get for an answer, good ones and bad ones. */

import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { Batch, Feed } from '../feed.ts';
import { nameOfAudit, unpackAudit } from '../k8s-audit/unpack-audit.ts';
import { type FeedSettings, openFeed } from '../open-feed.ts';

const settings: FeedSettings = {
  certificate: '',
  clientAuthority: '',
  bearerToken: '',
  mostEventBytes: 4_000,
  mostBodyBytes: 100_000,
  mostWaitingBytes: 20_000,
  answerWithinMs: 10_000,
  requestWithinMs: 10_000,
};
const kind = {
  unpack: unpackAudit,
  nameOf: nameOfAudit,
  port: 0,
  path: '/k8s-audit',
  alsoPaths: () => ['/k8s_audit'],
};
const event = (more: object = {}): object => ({
  kind: 'Event',
  auditID: 'a-1',
  verb: 'get',
  stageTimestamp: '2026-11-25T10:00:00.5Z',
  ...more,
});
const json = { 'content-type': 'application/json; charset=utf-8' };
const deep = `${'[{"a":'.repeat(30_000)}1${'}]'.repeat(30_000)}`;

let feed: Feed | undefined;
const told: string[] = [];
const taken: Batch[] = [];
const stop = new AbortController();

afterEach(async () => {
  for (const batch of taken) batch.done();
  await feed?.close();
  feed = undefined;
  told.length = 0;
  taken.length = 0;
});

async function open(more: Partial<FeedSettings> = {}): Promise<string> {
  feed = await openFeed('http://127.0.0.1:0', kind, { ...settings, ...more }, (_, text) => told.push(text));
  return feed.title;
}

/** Takes what comes, and acknowledges it at once. */
async function takeAll(): Promise<void> {
  for (
    let batch = await feed?.next(stop.signal);
    batch !== undefined;
    batch = await feed?.next(stop.signal)
  ) {
    taken.push({ ...batch, done: () => {} });
    batch.done();
  }
}

const post = (url: string, body: string, headers: Record<string, string> = json): Promise<Response> =>
  fetch(url, { method: 'POST', headers, body });

describe('answers', () => {
  test.each<[string, string, number, number]>([
    ['one event', JSON.stringify(event()), 200, 1],
    [
      'a list of the older version',
      JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1beta1', items: [event(), event()] }),
      200,
      2,
    ],
    ['an empty list', JSON.stringify({ kind: 'EventList', items: [] }), 200, 0],
    ['events in lists', JSON.stringify([[event()], { kind: 'EventList', items: [event()] }]), 200, 2],
    [
      'a list with a bad item',
      JSON.stringify({ kind: 'EventList', items: [event(), 7, event({ stageTimestamp: 'noon' })] }),
      200,
      1,
    ],
    [
      'a list with an item too large',
      JSON.stringify({ kind: 'EventList', items: [event(), event({ x: 'y'.repeat(5_000) })] }),
      200,
      1,
    ],
    ['an event too large', JSON.stringify(event({ x: 'y'.repeat(5_000) })), 413, 0],
    ['nothing', '', 400, 0],
    ['half a document', '{"kind":"Event"', 400, 0],
    ['another document', '{"kind":"Pod"}', 400, 0],
    ['a number', '7', 400, 0],
    ['a document nested deeply', deep, 400, 0],
    [
      'an event nested deeply',
      JSON.stringify(event()).replace('"get"', `${'['.repeat(3_000)}1${']'.repeat(3_000)}`),
      400,
      0,
    ],
    ['a body too large', JSON.stringify(event({ x: 'y'.repeat(100_000) })), 413, 0],
  ])('%s', async (_, body, status, count) => {
    const url = await open({ mostBodyBytes: body === deep ? 1_000_000 : 100_000 });
    void takeAll();
    const response = await post(url, body);
    expect([response.status, taken.flatMap(({ events }) => events).length]).toEqual([status, count]);
    expect((await response.text()) === '').toBe(status === 200);
    // Whatever came before, the next one is taken.
    expect((await post(url, JSON.stringify(event()))).status).toBe(200);
    expect(feed?.counters.waitingBytes).toBe(0);
  });

  test.each<[string, string, RequestInit, number]>([
    ['the other spelling of the path', '/k8s_audit', { method: 'POST', headers: json }, 200],
    ['another path', '/other', { method: 'POST', headers: json }, 404],
    ['a longer path', '/k8s-audit/', { method: 'POST', headers: json }, 404],
    ['another type', '/k8s-audit', { method: 'POST', headers: { 'content-type': 'text/plain' } }, 400],
    ['compressed', '/k8s-audit', { method: 'POST', headers: { ...json, 'content-encoding': 'gzip' } }, 415],
    ['another method', '/k8s-audit', { method: 'PUT', headers: json }, 405],
  ])('%s', async (_, path, request, status) => {
    const url = new URL(path, await open());
    void takeAll();
    expect((await fetch(url, { ...request, body: JSON.stringify(event()) })).status).toBe(status);
    expect([...(feed?.counters.refused.values() ?? [])]).toEqual(status === 200 ? [] : [1]);
  });

  test('what is left out is told of with its name', async () => {
    const url = await open();
    await post(
      url,
      JSON.stringify(
        event({ verb: 'create', objectRef: { resource: 'pods', name: 'web' }, x: 'y'.repeat(5_000) }),
      ),
    );
    expect(told[0]).toBe(
      'an event larger than `max_event_size` is left out: auditID a-1 create pods/web by nobody named',
    );
    expect(feed?.counters.rejected.get('too_large')).toBe(1);
  });

  test('a token that is asked for', async () => {
    const url = await open({ bearerToken: 'hunter2' });
    void takeAll();
    const body = JSON.stringify(event());
    const status = async (authorization?: string) =>
      (await post(url, body, authorization === undefined ? json : { ...json, authorization })).status;
    expect([await status(), await status('Bearer hunter3'), await status('Bearer hunter2')]).toEqual([
      401, 401, 200,
    ]);
  });
});

describe('room', () => {
  test('an event is acknowledged when its alerts are out, not before', async () => {
    const url = await open();
    const answer = post(url, JSON.stringify(event()));
    const batch = await feed?.next(stop.signal);
    const first = await Promise.race([answer.then(() => 'answered'), pause(100, 'waiting')]);
    batch?.done();
    expect([first, (await answer).status]).toEqual(['waiting', 200]);
  });

  test('without room the answer is 429, and 200 when there is room again', async () => {
    const url = await open();
    const body = JSON.stringify({
      kind: 'EventList',
      items: [1, 2, 3].map(() => event({ x: 'y'.repeat(3_500) })),
    });
    const first = post(url, body);
    const batch = await feed?.next(stop.signal);
    const second = await post(url, body);
    expect([second.status, second.headers.get('retry-after')]).toEqual([429, '1']);
    expect(feed?.counters.refused.get('queue_full')).toBe(1);
    batch?.done();
    expect((await first).status).toBe(200);
    void takeAll();
    expect((await post(url, body)).status).toBe(200);
  });

  test('who would have to wait too long is told to come again', async () => {
    const url = await open({ answerWithinMs: 100 });
    const response = await post(url, JSON.stringify(event()));
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
  });

  test('who says that much will come, and sends little, takes nobody’s place', async () => {
    const url = await open();
    const sockets = Array.from({ length: 20 }, () => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      socket.on('error', () => {});
      socket.write(
        'POST /k8s-audit HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 19000\r\n\r\n{',
      );
      return socket;
    });
    while ((feed?.counters.waitingBytes ?? 0) < sockets.length) await pause(5);
    void takeAll();
    expect((await post(url, JSON.stringify(event({ x: 'y'.repeat(3_000) })))).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    while ((feed?.counters.waitingBytes ?? 0) > 0) await pause(5);
  });

  test('bodies that come together do not exceed the room', async () => {
    const url = await open();
    const body = JSON.stringify({
      kind: 'EventList',
      items: [1, 2, 3].map(() => event({ x: 'y'.repeat(3_500) })),
    });
    const answers = Array.from({ length: 8 }, () => post(url, body).then(({ status }) => status));
    const batch = await feed?.next(stop.signal);
    await pause(200);
    expect(feed?.counters.waitingBytes).toBeLessThanOrEqual(settings.mostWaitingBytes);
    batch?.done();
    void takeAll();
    const statuses = await Promise.all(answers);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(0);
    expect(statuses.every((status) => status === 200 || status === 429)).toBe(true);
  });

  test('who goes away in the middle takes nothing with it', async () => {
    const url = await open();
    const { port } = new URL(url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      'POST /k8s-audit HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9000\r\n\r\n{"kind"',
    );
    while ((feed?.counters.waitingBytes ?? 0) === 0) await pause(5);
    socket.destroy();
    while ((feed?.counters.waitingBytes ?? 0) > 0) await pause(5);
    expect(feed?.counters.refused.get('aborted')).toBe(1);
    void takeAll();
    expect((await post(url, JSON.stringify(event()))).status).toBe(200);
  });
});

test('an address that is none', async () => {
  await expect(openFeed('ftp://x/y', kind, settings, () => {})).rejects.toThrowError(
    '`ftp://x/y` is no address to read events from',
  );
  await expect(openFeed('http://127.0.0.1:99999/x', kind, settings, () => {})).rejects.toThrowError(
    'is no address to listen on',
  );
});
