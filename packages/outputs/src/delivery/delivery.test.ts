/** Delivery to real receivers, over real connections. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeStored, encodeAlert, type HubAlert } from '@peregrine/alert';
import { delivered, type Outcome, schema, text } from '@peregrine/base';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type HttpReceiver, openHttpReceiver } from '../../testing/http-receiver.ts';
import { MemoryFeed } from '../../testing/memory-feed.ts';
import { sampleAlert } from '../../testing/sample-alerts.ts';
import { settingsOf } from '../../testing/sink-contract.ts';
import { type Batching, type Destination, defineClientSink, defineHttpSink, type Sink } from '../sink.ts';
import { webhook } from '../sinks/webhook.ts';
import { systemTrust } from '../transport/tls-trust.ts';
import { DeadLetters, listDeadLetters, orderReplay } from './dead-letters.ts';
import { type DeliveryEvent, OutputRunner, type RunnerOptions } from './output-runner.ts';
import { createTransmitter } from './transmitter.ts';

let receiver: HttpReceiver;
let folder = '';
const runners: OutputRunner[] = [];
beforeEach(async () => {
  receiver = await openHttpReceiver();
  folder = mkdtempSync(join(tmpdir(), 'peregrine-letters-'));
});
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.stop(0)));
  await receiver.close();
  rmSync(folder, { recursive: true });
});

function numbered(i: number, over: Partial<HubAlert> = {}): HubAlert {
  const alert = { ...sampleAlert('whole'), uuid: `uuid-${i}`, fields: { i }, ...over };
  return { ...alert, json: encodeAlert(alert) };
}

/** Numbers of the alerts that were received, in order. */
function received(): readonly number[] {
  return receiver.requests.map(({ body }) => Number(/"i":(\d+)/.exec(body)?.[1]));
}

interface Started {
  readonly runner: OutputRunner;
  readonly feed: MemoryFeed;
  readonly events: DeliveryEvent[];
}

function start(
  sink: Sink,
  written: Parameters<typeof settingsOf>[1] = {},
  options: Partial<RunnerOptions> = {},
): Started {
  const settings = settingsOf(sink, written);
  const feed = new MemoryFeed();
  const events: DeliveryEvent[] = [];
  const runner = new OutputRunner({
    settings,
    feed,
    transmitter: createTransmitter(settings, {
      hub: { version: '1', addedFields: [], enabledOutputs: [] },
      tls: systemTrust,
      nowMs: Date.now,
      environment: {},
      debug: () => {},
    }),
    deadLetters: new DeadLetters(folder, { mostLetters: 100 }),
    decode: decodeStored,
    retry: { firstMs: 1, mostMs: 4 },
    clockMs: () => feed.clockMs,
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    random: () => 1,
    onEvent: (event) => events.push(event),
    ...options,
  });
  runner.start();
  runners.push(runner);
  return { runner, feed, events };
}

function startWebhook(
  written: Readonly<Record<string, string>> = {},
  options: Partial<RunnerOptions> = {},
): Started {
  return start(webhook, { address: `${receiver.origin}/in`, ...written }, options);
}

function until(condition: () => boolean): Promise<void> {
  return vi.waitFor(() => expect(condition()).toBe(true), { timeout: 10_000, interval: 5 });
}

test('alerts arrive in order, and the place moves past them', async () => {
  const { feed, runner, events } = startWebhook();
  for (let i = 0; i < 200; i++) feed.push(numbered(i));
  await until(() => feed.committed === 201);
  expect(received()).toEqual(Array.from({ length: 200 }, (_, i) => i));
  expect(runner.counters).toMatchObject({ deliveredCount: 200, failedCount: 0, attemptCount: 200 });
  expect(events[0]).toMatchObject({ kind: 'delivered', notes: ['POST OK (200)'] });
});

test('alerts below the minimum priority, for others, or of no sense are passed over', async () => {
  const { feed, runner } = startWebhook({ minimumpriority: 'error' });
  feed.push(numbered(1, { priority: 'Warning' }));
  feed.push(numbered(2, { priority: 'Error' }));
  feed.push(numbered(3, { priority: 'Debug', rule: 'Test rule' }));
  feed.push(numbered(4, { priority: 'Error' }), ['slack']);
  feed.push(numbered(5, { priority: 'Error' }), ['slack', 'webhook']);
  feed.pushBytes(Buffer.from('nonsense'));
  await until(() => feed.committed === 7);
  expect(received()).toEqual([2, 3, 5]);
  expect(runner.counters.skippedCount).toBe(3);
});

describe('a destination that fails', () => {
  test('is asked again until it takes the alert, under the same key, and order is kept', async () => {
    let failures = 3;
    receiver.answer(() => (failures-- > 0 ? { status: 503 } : { status: 202 }));
    const { feed, runner, events } = startWebhook();
    for (let i = 0; i < 3; i++) feed.push(numbered(i));
    await until(() => feed.committed === 4);
    expect(received()).toEqual([0, 0, 0, 0, 1, 2]);
    const keys = receiver.requests.map(
      ({ headers }) => headers.find(([name]) => name === 'Idempotency-Key')?.[1],
    );
    expect(new Set(keys.slice(0, 4)).size).toBe(1);
    expect(new Set(keys).size).toBe(3);
    expect(runner.counters).toMatchObject({ deliveredCount: 3, failedCount: 3, retryCount: 3 });
    expect(events.filter(({ kind }) => kind === 'failed')).toMatchObject([
      { reason: 'status 503', attempt: 1, pauseMs: 1 },
      { attempt: 2, pauseMs: 2 },
      { attempt: 3, pauseMs: 4 },
    ]);
  });

  test('and is not there at all, or hangs, is asked again', async () => {
    const { feed, events } = startWebhook({ address: 'http://127.0.0.1:1/' });
    feed.push(numbered(1));
    await until(() => events.length > 1);
    expect(events[0]).toMatchObject({ kind: 'failed', reason: expect.stringContaining('ECONNREFUSED') });

    const silent = await openSilent();
    const slow = startWebhook({ address: silent.origin, timeout: '50ms' });
    slow.feed.push(numbered(2));
    await until(() => slow.events.length > 0);
    expect(slow.events[0]).toMatchObject({ kind: 'failed', reason: 'no answer within 50 ms' });
    await slow.runner.stop(0);
    await silent.close();
  });

  test('and says when to come again, is left alone until then', async () => {
    const times: number[] = [];
    receiver.answer(() => {
      times.push(performance.now());
      return times.length === 1 ? { status: 429, headers: { 'retry-after': '0.2' } } : { status: 200 };
    });
    const { feed } = startWebhook();
    feed.push(numbered(1));
    await until(() => feed.committed === 2);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(195);
  });

  test('is asked by one of many, until it answers', async () => {
    let isDown = true;
    let open = 0;
    let mostOpen = 0;
    receiver.answer(() => {
      open++;
      mostOpen = Math.max(mostOpen, open);
      open--;
      return { status: isDown ? 500 : 200 };
    });
    const { feed, runner, events } = startWebhook({ maxconcurrentrequests: '8' });
    for (let i = 0; i < 100; i++) feed.push(numbered(i));
    await until(() => events.filter(({ kind }) => kind === 'failed').length > 12);
    expect(['open', 'half-open']).toContain(runner.breakerState);
    isDown = false;
    await until(() => feed.committed === 101);
    expect(runner.breakerState).toBe('closed');
    expect([...new Set(received())].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});

describe('an alert that is refused', () => {
  test('goes to the dead letters with the reason, and the others go on', async () => {
    receiver.answer(({ body }) =>
      body.includes('"i":1,') || body.includes('"i":1}')
        ? { status: 400, body: 'no\n such field' }
        : { status: 200 },
    );
    const { feed, runner, events } = startWebhook();
    for (let i = 0; i < 3; i++) feed.push(numbered(i, { fields: { i, big: 1610667584834631763n } }));
    await until(() => feed.committed === 4);
    expect(received()).toEqual([0, 1, 2]);
    expect(runner.counters).toMatchObject({ deliveredCount: 2, rejectedCount: 1 });
    expect(events).toContainEqual(expect.objectContaining({ kind: 'given-up', why: 'rejected' }));
    const [letter, ...others] = await listDeadLetters(folder);
    expect(others).toEqual([]);
    expect(JSON.parse(letter?.text ?? '')).toMatchObject({
      output: 'webhook',
      reason: 'status 400: no such field',
      attempts: 1,
      alert: { uuid: 'uuid-1', rule: 'Write below etc' },
    });
    expect(letter?.text).toContain('1610667584834631763');
  });

  test('since it is too old goes there, too', async () => {
    receiver.answer({ status: 500 });
    const { feed, runner, events } = startWebhook({ maxage: '1m' });
    feed.push(numbered(1));
    await until(() => events.length > 1);
    feed.clockMs = 61_000;
    await until(() => feed.committed === 2);
    expect(runner.counters).toMatchObject({ expiredCount: 1, deliveredCount: 0 });
    expect((await listDeadLetters(folder)).map(({ text: letter }) => JSON.parse(letter).reason)).toEqual([
      'not delivered within 60000 ms',
    ]);
  });

  test('since the output cannot make anything of it, goes there', async () => {
    const faulty = defineHttpSink({
      name: 'faulty',
      title: 'Faulty',
      category: 'other',
      doc: 'Fails.',
      config: schema({ on: text({ doc: 'On.', example: 'yes' }) }),
      enabledBy: ['on'],
      request: () => {
        throw new Error('not this one');
      },
    });
    const { feed } = start(faulty);
    feed.push(numbered(1));
    await until(() => feed.committed === 2);
    expect((await listDeadLetters(folder))[0]?.text).toContain('a fault of the output: not this one');
  });

  test('waits while the dead letter cannot be written', async () => {
    receiver.answer({ status: 400 });
    let isFull = true;
    const kept: string[] = [];
    const { feed, events } = startWebhook(
      {},
      {
        deadLetters: {
          add: async ({ reason }) => {
            if (isFull) throw new Error('ENOSPC');
            kept.push(reason);
          },
        },
      },
    );
    feed.push(numbered(1));
    await until(() => events.some(({ kind }) => kind === 'trouble'));
    expect(feed.committed).toBe(1);
    isFull = false;
    await until(() => feed.committed === 2);
    expect(kept).toEqual(['status 400']);
  });
});

describe('dead letters', () => {
  test('have a limit for each output, and the oldest go', async () => {
    const letters = new DeadLetters(folder, { mostLetters: 3 });
    for (let i = 0; i < 5; i++) {
      await letters.add({ output: 'a b/c', reason: `r${i}`, attempts: 1, at: 'now', alertJson: '{}' }, 1_000);
    }
    expect((await listDeadLetters(folder)).map(({ text: letter }) => JSON.parse(letter).reason)).toEqual([
      'r2',
      'r3',
      'r4',
    ]);
    expect(letters.droppedCount).toBe(2);
    expect(readdirSync(folder)).toEqual(['a%20b%2Fc']);
  });

  test('are ordered to be sent again, edited or not, and what is no letter any more is told apart', async () => {
    const letters = new DeadLetters(folder, { mostLetters: 3 });
    await letters.add(
      { output: 'slack', reason: 'r', attempts: 1, at: 'now', alertJson: '{"rule":"x"}' },
      1_000,
    );
    const [letter] = await listDeadLetters(folder);
    if (letter === undefined) throw new Error('there is a letter');
    writeFileSync(letter.path, letter.text.replace('"x"', '"y"'));
    await orderReplay(folder, letter);
    expect(await listDeadLetters(folder)).toEqual([]);
    const [order] = await letters.orders();
    expect(order).toMatchObject({ output: 'slack', text: expect.stringContaining('"y"') });
    if (order !== undefined) await letters.finish(order);
    expect(await letters.orders()).toEqual([]);
    writeFileSync(join(folder, 'slack', 'broken.json'), 'no json');
    expect(await listDeadLetters(folder)).toMatchObject([{ id: 'broken', output: '' }]);
  });
});

/** A destination that tells what it is given, and answers as the test says. */
function clientSink(
  send: Destination['send'],
  more: {
    batching?: Batching;
    hasConcurrency?: boolean;
    open?: () => Promise<void>;
    close?: () => void;
  } = {},
): Sink {
  return defineClientSink({
    name: 'client',
    title: 'Client',
    category: 'other',
    doc: 'Sends.',
    config: schema({ on: text({ doc: 'On.', example: 'yes' }) }),
    enabledBy: ['on'],
    ...(more.hasConcurrency === true ? { hasConcurrency: true } : {}),
    ...(more.batching === undefined ? {} : { batching: () => more.batching as Batching }),
    open: async () => {
      await more.open?.();
      return { send, close: async () => more.close?.() };
    },
  });
}

const wide: Batching = { mostAlerts: 4, mostBytes: 1 << 20, waitMs: 20 };

describe('batches', () => {
  test('have as many alerts as there are, up to their limits', async () => {
    const sizes: number[] = [];
    const sink = clientSink(
      async (deliveries) => {
        sizes.push(deliveries.length);
        return delivered;
      },
      { batching: wide },
    );
    const { feed } = start(sink);
    for (let i = 0; i < 10; i++) feed.push(numbered(i));
    await until(() => feed.committed === 11);
    expect(sizes).toEqual([4, 4, 2]);
  });

  test('that are refused are halved until the alert is found that is at fault', async () => {
    const sent: string[][] = [];
    const sink = clientSink(
      async (deliveries): Promise<Outcome> => {
        const ids = deliveries.map(({ alert }) => alert.uuid);
        sent.push(ids);
        return ids.includes('uuid-2') ? { kind: 'rejected', reason: 'bad' } : delivered;
      },
      { batching: wide },
    );
    const { feed, runner } = start(sink);
    for (let i = 0; i < 4; i++) feed.push(numbered(i));
    await until(() => feed.committed === 5);
    expect(runner.counters).toMatchObject({ deliveredCount: 3, rejectedCount: 1 });
    expect(sent).toEqual([
      ['uuid-0', 'uuid-1', 'uuid-2', 'uuid-3'],
      ['uuid-0', 'uuid-1'],
      ['uuid-2', 'uuid-3'],
      ['uuid-2'],
      ['uuid-3'],
    ]);
  });

  test('of which parts fail are sent again in part', async () => {
    const sent: string[][] = [];
    let isFirst = true;
    const sink = clientSink(
      async (deliveries): Promise<readonly Outcome[]> => {
        sent.push(deliveries.map(({ alert }) => alert.uuid));
        const outcomes = deliveries.map(({ alert }): Outcome => {
          if (!isFirst || alert.uuid === 'uuid-0') return delivered;
          return alert.uuid === 'uuid-1'
            ? { kind: 'rejected', reason: 'bad' }
            : { kind: 'retry', reason: 'busy', afterMs: 1 };
        });
        isFirst = false;
        return outcomes;
      },
      { batching: wide },
    );
    const { feed, runner } = start(sink);
    for (let i = 0; i < 4; i++) feed.push(numbered(i));
    await until(() => feed.committed === 5);
    expect(sent).toEqual([
      ['uuid-0', 'uuid-1', 'uuid-2', 'uuid-3'],
      ['uuid-2', 'uuid-3'],
    ]);
    expect(runner.counters).toMatchObject({ deliveredCount: 3, rejectedCount: 1, failedCount: 2 });
  });
});

describe('a client', () => {
  test('that cannot connect is opened again', async () => {
    let failures = 2;
    const sink = clientSink(async () => delivered, {
      open: async () => {
        if (failures-- > 0) throw new Error('no route');
      },
    });
    const { feed, events } = start(sink);
    feed.push(numbered(1));
    await until(() => feed.committed === 2);
    expect(events.filter(({ kind }) => kind === 'failed')).toMatchObject([
      { reason: 'no route' },
      { reason: 'no route' },
    ]);
  });

  test('that hangs is closed, and opened again', async () => {
    let openCount = 0;
    let closeCount = 0;
    const sink = clientSink(async () => (openCount === 1 ? new Promise<never>(() => {}) : delivered), {
      open: async () => {
        openCount++;
      },
      close: () => {
        closeCount++;
      },
    });
    const { feed, events } = start(sink, { timeout: '20ms' });
    feed.push(numbered(1));
    await until(() => feed.committed === 2);
    expect(events[0]).toMatchObject({ kind: 'failed', reason: 'no answer within 40 ms' });
    expect([openCount, closeCount]).toEqual([2, 1]);
  });
});

test('with several requests at a time, alerts that are equal in something keep their order', async () => {
  const seen = new Map<string, number[]>();
  const sink = clientSink(
    async ([delivery]) => {
      const { rule, fields } = delivery?.alert ?? numbered(0);
      await new Promise((resolve) => setTimeout(resolve, Number(fields.i) % 3));
      seen.set(rule, [...(seen.get(rule) ?? []), Number(fields.i)]);
      return delivered;
    },
    { hasConcurrency: true },
  );
  const { feed } = start(sink, { maxconcurrentrequests: '4', orderby: 'rule' });
  for (let i = 0; i < 200; i++) feed.push(numbered(i, { rule: `rule ${i % 7}` }));
  await until(() => feed.committed === 201);
  for (const numbers of seen.values()) expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  expect([...seen.values()].flat()).toHaveLength(200);
});

test('large alerts do not fill the memory of an output that is behind', async () => {
  receiver.answer({ status: 500 });
  const { feed, events } = startWebhook();
  const long = numbered(1, { output: 'x'.repeat(1 << 20) });
  for (let i = 0; i < 40; i++) feed.push(long);
  await until(() => events.length > 2);
  expect(feed.hasMore).toBe(true);
});

describe('stopping', () => {
  test('delivers what there is while the destination takes it', async () => {
    const { feed, runner } = startWebhook();
    for (let i = 0; i < 50; i++) feed.push(numbered(i));
    await runner.stop(10_000);
    expect(feed.committed).toBe(51);
  });

  test('does not wait for a destination that is down, and leaves its alerts', async () => {
    receiver.answer({ status: 500 });
    const { feed, runner, events } = startWebhook({}, { retry: { firstMs: 60_000, mostMs: 60_000 } });
    for (let i = 0; i < 5; i++) feed.push(numbered(i));
    await until(() => events.length > 0);
    await runner.stop(60_000);
    expect(feed.committed).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('gives up a request under way when its time is over', async () => {
    const silent = await openSilent();
    const { feed, runner } = startWebhook({ address: silent.origin });
    feed.push(numbered(1));
    await until(() => silent.requests.length > 0);
    await runner.stop(20);
    expect(feed.committed).toBe(1);
    await silent.close();
  });
});

/** A receiver that never answers. */
async function openSilent(): Promise<HttpReceiver> {
  const { createServer } = await import('node:http');
  const requests: HttpReceiver['requests'][number][] = [];
  const server = createServer((request) => {
    requests.push({ method: request.method ?? '', path: request.url ?? '', headers: [], body: '' });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    origin: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    requests,
    answer: () => {},
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

test('no dead letter is written in part', async () => {
  const letters = new DeadLetters(folder, { mostLetters: 10 });
  await letters.add({ output: 'o', reason: 'r', attempts: 1, at: 'now', alertJson: '{"a":1}' }, 5);
  const [name = ''] = readdirSync(join(folder, 'o'));
  expect(name).toMatch(/^[0-9a-z]{11}\.json$/);
  expect(JSON.parse(readFileSync(join(folder, 'o', name), 'utf8'))).toEqual({
    output: 'o',
    reason: 'r',
    attempts: 1,
    at: 'now',
    alert: { a: 1 },
  });
});
