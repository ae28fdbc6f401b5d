import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WaitingLine } from './waiting-line.ts';

test('entries leave in the order of arrival, each container by itself', () => {
  const line = new WaitingLine<number>({ mostMs: 10, capacity: 10 });
  line.begin('a', 0);
  line.begin('b', 0);
  for (const [id, entry] of [
    ['a', 1],
    ['b', 2],
    ['a', 3],
  ] as const)
    line.push(id, entry);
  expect([line.size, line.entryCount, line.isEmpty('a')]).toEqual([2, 3, false]);
  expect(line.take('a')).toEqual([1, 3]);
  expect(line.take('a')).toEqual([]);
  expect([line.size, line.entryCount, line.has('a')]).toEqual([1, 1, false]);
});

test('time is up for those that began first', () => {
  const line = new WaitingLine<number>({ mostMs: 10, capacity: 10 });
  line.begin('a', 0);
  line.begin('b', 5);
  line.begin('a', 9);
  line.push('a', 1);
  expect(line.overdue(9)).toEqual([]);
  expect(line.overdue(12)).toEqual(['a']);
  expect(line.counters).toEqual({ held: 1, overdue: 1, crowdedOut: 0 });
});

test('a container that asks for too much gives up its own', () => {
  const line = new WaitingLine<number>({ mostMs: 10, capacity: 3 });
  for (const id of ['quiet', 'noisy', 'new']) line.begin(id, 0);
  line.push('quiet', 1);
  line.push('noisy', 2);
  line.push('noisy', 3);
  expect(line.push('noisy', 4)).toEqual([2]);
  expect(line.push('new', 5)).toEqual([1]);
  expect(line.counters.crowdedOut).toBe(2);
});

test('nothing waits when waiting is off', () => {
  const line = new WaitingLine<number>({ mostMs: 0, capacity: 3 });
  line.begin('a', 0);
  expect([line.size, line.push('a', 1)]).toEqual([0, [1]]);
});

test('whatever comes, no entry is lost, and no more wait than may', () => {
  const id = fc.constantFrom('a', 'b', 'c');
  const step = fc.oneof(
    fc.record({ kind: fc.constant('begin' as const), id }),
    fc.record({ kind: fc.constant('push' as const), id }),
    fc.record({ kind: fc.constant('take' as const), id }),
    fc.record({ kind: fc.constant('overdue' as const), id }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 0, max: 5 }), (steps, capacity) => {
      const line = new WaitingLine<number>({ mostMs: 7, capacity });
      const left: number[] = [];
      let pushed = 0;
      for (const [nowMs, { kind, id }] of steps.entries()) {
        if (kind === 'begin') line.begin(id, nowMs);
        else if (kind === 'push') left.push(...line.push(id, pushed++));
        else for (const gone of kind === 'take' ? [id] : line.overdue(nowMs)) left.push(...line.take(gone));
        expect(line.entryCount).toBeLessThanOrEqual(Math.max(1, capacity));
      }
      for (const gone of line.all()) left.push(...line.take(gone));
      expect(line.entryCount).toBe(0);
      expect(left.toSorted((a, b) => a - b)).toEqual(Array.from({ length: pushed }, (_, i) => i));
    }),
  );
});
