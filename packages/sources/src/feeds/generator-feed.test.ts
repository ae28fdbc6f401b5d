import type { JsonDocument } from '@peregrine/base';
import { expect, test } from 'vitest';
import { documentNamed, GeneratorFeed } from './generator-feed.ts';

const ring: Record<string, unknown> = {};
ring.self = ring;
const deep = (depth: number): unknown => (depth === 0 ? 1 : { a: deep(depth - 1) });

test('events that are JSON are taken, others are counted and left out', async () => {
  const given: readonly unknown[] = [
    { n: 1 },
    ring,
    { n: 2n },
    null,
    'text',
    { long: 'x'.repeat(1 << 20) },
    deep(300),
    { n: 2, at: new Date(0), lost: undefined },
  ];
  let acknowledged = 0;
  const feed = new GeneratorFeed({
    title: 'test',
    batches: async function* () {
      // A plugin that is a module may give anything.
      const events = given.map((object) => ({ object: object as JsonDocument }));
      yield { events, done: () => acknowledged++ };
    },
    tell: () => {},
    nameOf: documentNamed,
  });
  const { signal } = new AbortController();
  const batch = await feed.next(signal);
  expect(batch?.events.map(({ document }) => document.value())).toEqual([
    { n: 1 },
    { n: 2, at: '1970-01-01T00:00:00.000Z' },
  ]);
  expect(Object.fromEntries(feed.counters.rejected)).toEqual({ not_an_event: 4, too_large: 1, too_deep: 1 });
  batch?.done();
  expect([acknowledged, await feed.next(signal)]).toEqual([1, undefined]);
});
