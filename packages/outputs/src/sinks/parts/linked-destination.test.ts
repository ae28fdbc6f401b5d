/** When connections are opened, given up and opened anew. */

import { delivered, type Outcome } from '@peregrine/base';
import { expect, test, vi } from 'vitest';
import { sampleAlert } from '../../../testing/sample-alerts.ts';
import { sampleCall } from '../../../testing/sink-contract.ts';
import type { Delivery } from '../../sink.ts';
import { causeOf, type LinkOptions, linkedDestination } from './linked-destination.ts';

const signal = new AbortController().signal;
const deliveryOf = (rule: string): Delivery => ({
  alert: { ...sampleAlert('test'), rule },
  call: sampleCall,
});

interface Connection {
  readonly number: number;
  readonly lose: (reason: string) => void;
}

/** A destination whose connections are counted, and that tells what was done. */
function linked(options: Partial<LinkOptions<Connection>> = {}, timeoutMs = 20_000) {
  const events: string[] = [];
  let count = 0;
  const connections: Connection[] = [];
  const destination = linkedDestination<Connection>({
    context: { timeoutMs },
    open: async (_signal, lose) => {
      const connection = { number: ++count, lose };
      connections.push(connection);
      events.push(`open ${connection.number}`);
      return connection;
    },
    close: ({ number }) => {
      events.push(`close ${number}`);
    },
    deliver: async ({ number }, deliveries) => {
      events.push(...deliveries.map(({ alert }) => `${alert.rule} on ${number}`));
      return delivered;
    },
    ...options,
  });
  return { destination, events, connections };
}

test('one connection for many, none before the first, closed at the end', async () => {
  const { destination, events } = linked();
  expect(events).toEqual([]);
  await destination.send([deliveryOf('a')], signal);
  await destination.send([deliveryOf('b')], signal);
  await destination.close();
  expect(events).toEqual(['open 1', 'a on 1', 'b on 1', 'close 1']);
});

test('one that broke by itself is replaced when there is something to send', async () => {
  const { destination, events, connections } = linked();
  await destination.send([deliveryOf('a')], signal);
  connections[0]?.lose('gone');
  await vi.waitFor(() => expect(events).toContain('close 1'));
  expect(events).not.toContain('open 2');
  await destination.send([deliveryOf('b')], signal);
  expect(events.slice(-2)).toEqual(['open 2', 'b on 2']);
});

test('one that breaks under way is told of, without what is secret', async () => {
  const { destination, connections } = linked({
    secrets: ['hush', ''],
    deliver: () => new Promise(() => {}),
  });
  const sending = destination.send([deliveryOf('a')], signal);
  await vi.waitFor(() => expect(connections).toHaveLength(1));
  connections[0]?.lose('not hush');
  expect(await sending).toEqual({ kind: 'retry', reason: 'not ***', afterMs: undefined });
});

test('what opens too late is closed, and nobody waits for it', async () => {
  const { promise, resolve } = Promise.withResolvers<Connection>();
  const { destination, events } = linked({ open: () => promise }, 30);
  expect(await destination.send([deliveryOf('a')], signal)).toMatchObject({
    kind: 'retry',
    reason: expect.stringMatching(/^no (?:answer|connection) within 30 ms$/),
  });
  await destination.close();
  resolve({ number: 7, lose: () => {} });
  await vi.waitFor(() => expect(events).toEqual(['close 7']));
});

test('whoever gives up is not kept', async () => {
  const stop = new AbortController();
  const { destination } = linked({ deliver: () => new Promise(() => {}) });
  const sending = destination.send([deliveryOf('a')], stop.signal);
  stop.abort();
  expect(await sending).toEqual({ kind: 'retry', reason: 'given up', afterMs: undefined });
});

test('a refusal of several is found out one by one, and none overtakes one that waits', async () => {
  const tried: string[] = [];
  const { destination } = linked({
    deliver: async (_connection, deliveries) => {
      const rules = deliveries.map(({ alert }) => alert.rule);
      tried.push(rules.join());
      if (rules.includes('bad')) throw new Error('bad');
      if (rules.includes('later')) throw new Error('later');
      return delivered;
    },
    outcomeOf: (error): Outcome | undefined =>
      error instanceof Error && error.message === 'bad' ? { kind: 'rejected', reason: 'bad' } : undefined,
  });
  const rules = ['a', 'bad', 'b', 'later', 'c'];
  expect(await destination.send(rules.map(deliveryOf), signal)).toMatchObject([
    ...[delivered, { kind: 'rejected' }, delivered, { kind: 'retry' }, { kind: 'retry' }],
  ]);
  expect(tried).toEqual(['a,bad,b,later,c', 'a', 'bad', 'b', 'later']);
});

test.each([
  [new Error('no way'), 'no way'],
  [new Error('first\n second', { cause: new Error('at the bottom') }), 'first second: at the bottom'],
  [new Error('it says it all: no way', { cause: new Error('no way') }), 'it says it all: no way'],
  [new AggregateError([new Error('one'), new Error('two')], 'Nobody answers.'), 'Nobody answers: one'],
  [new AggregateError([Object.assign(new Error(''), { code: 'ECONNREFUSED' })]), 'ECONNREFUSED'],
  ['text', 'text'],
  [new Error(''), 'no connection'],
])('%o is told as `%s`', (error, text) => {
  expect(causeOf(error)).toBe(text);
});

test('an error that holds itself is told, too', () => {
  const error = new Error('round');
  error.cause = error;
  expect(causeOf(error)).toBe('round');
});
