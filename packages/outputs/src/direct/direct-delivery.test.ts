import type { Alert } from '@peregrine/alert';
import { delivered, type Outcome } from '@peregrine/base';
import { describe, expect, test } from 'vitest';
import { Delivery, type DeliveryReport, type NamedOutput } from './direct-delivery.ts';
import type { Output, RenderedAlert } from './direct-sink.ts';

function alertOf(rule: string): Alert {
  return {
    rule,
    priority: 'Notice',
    source: 'syscall',
    tags: [],
    hostname: 'h',
    timeNs: 0n,
    message: rule,
    output: rule,
    fields: {},
  };
}

class Recorder implements Output {
  readonly taken: string[] = [];
  readonly events: string[] = [];
  readonly mostPerSend: number;
  readonly #answer: (batch: readonly RenderedAlert[], signal: AbortSignal) => Promise<Outcome>;

  constructor(
    mostPerSend: number,
    answer: (batch: readonly RenderedAlert[], signal: AbortSignal) => Promise<Outcome> = async () =>
      delivered,
  ) {
    this.mostPerSend = mostPerSend;
    this.#answer = answer;
  }

  async send(batch: readonly RenderedAlert[], signal: AbortSignal): Promise<Outcome> {
    this.taken.push(...batch.map(({ line }) => line));
    this.events.push(`send ${batch.length}`);
    return this.#answer(batch, signal);
  }

  async reopen(): Promise<void> {
    this.events.push('reopen');
  }

  async close(): Promise<void> {
    this.events.push('close');
  }
}

function deliveryTo(outputs: readonly Output[], options: { capacity?: number; timeoutMs?: number } = {}) {
  const reports: DeliveryReport[] = [];
  const named: readonly NamedOutput[] = outputs.map((output, i) => ({ name: `output-${i}`, output }));
  const delivery = new Delivery({
    outputs: named,
    render: ({ rule }) => `<${rule}>`,
    capacity: options.capacity ?? 0,
    timeoutMs: options.timeoutMs ?? 1000,
    onReport: (report) => reports.push(report),
  });
  return { delivery, reports };
}

const names = Array.from({ length: 1300 }, (_, i) => String(i));

describe('order', () => {
  test('is kept in every output, in batches or one by one', async () => {
    const outputs = [new Recorder(Number.POSITIVE_INFINITY), new Recorder(1), new Recorder(7)];
    const { delivery, reports } = deliveryTo(outputs);
    for (const name of names) delivery.push(alertOf(name));
    await delivery.close();
    for (const { taken } of outputs) expect(taken).toEqual(names.map((name) => `<${name}>`));
    expect(outputs[0]?.events).toEqual(['send 512', 'send 512', 'send 276', 'close']);
    expect(delivery.handledCount).toBe(names.length);
    expect(reports).toEqual([]);
  });
});

test('a full queue drops what comes, counts it and tells once for each spell', async () => {
  const { delivery, reports } = deliveryTo([new Recorder(1)], { capacity: 3 });
  for (const name of ['a', 'b', 'c', 'd', 'e']) delivery.push(alertOf(name));
  expect(delivery.droppedCount).toBe(2);
  await delivery.flush();
  for (const name of ['f', 'g', 'h', 'i']) delivery.push(alertOf(name));
  await delivery.close();
  expect(delivery.droppedCount).toBe(3);
  expect(reports).toEqual([
    { kind: 'queue-full', capacity: 3 },
    { kind: 'queue-full', capacity: 3 },
  ]);
});

test('an output that fails does not keep alerts from the others', async () => {
  const failing = new Recorder(1, async () => ({ kind: 'rejected', reason: 'no' }));
  const fine = new Recorder(1);
  const { delivery, reports } = deliveryTo([failing, fine]);
  delivery.push(alertOf('a'));
  await delivery.close();
  expect(fine.taken).toEqual(['<a>']);
  expect(reports).toEqual([{ kind: 'failed', output: 'output-0', reason: 'no' }]);
});

test('an output that blocks is told of; closing gives up on it', async () => {
  const blocking = new Recorder(1, (_batch, signal) => {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    signal.addEventListener('abort', () => resolve({ kind: 'rejected', reason: 'given up' }));
    return promise;
  });
  const { delivery, reports } = deliveryTo([blocking], { timeoutMs: 30 });
  for (const name of ['a', 'b']) delivery.push(alertOf(name));
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(reports).toEqual([{ kind: 'blocked', output: 'output-0', forMs: 30 }]);
  delivery.push(alertOf('c'));
  await delivery.close();
  expect(reports).toContainEqual({ kind: 'discarded', count: 1 });
  expect(blocking.events.at(-1)).toBe('close');
});

test('closing waits for an output that is slow but moves', async () => {
  const slow = new Recorder(1, async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return delivered;
  });
  const { delivery } = deliveryTo([slow], { timeoutMs: 50 });
  for (let i = 0; i < 6; i++) delivery.push(alertOf(String(i)));
  await delivery.close();
  expect(slow.taken).toHaveLength(6);
});

test('outputs reopen between batches', async () => {
  const output = new Recorder(1);
  const { delivery } = deliveryTo([output]);
  delivery.push(alertOf('a'));
  await delivery.reopen();
  delivery.push(alertOf('b'));
  await delivery.close();
  expect(output.events.filter((event) => event === 'reopen')).toHaveLength(1);
  expect(output.taken).toEqual(['<a>', '<b>']);
});
