import { expect, test } from 'vitest';
import { periodFrom } from './period.ts';

const nowMs = Date.parse('2026-11-26T10:07:31.250Z');
const timeOf = (ns: bigint): string => new Date(Number(ns / 1_000_000n)).toISOString();

test.each([
  ['1h', 60, 60, '2026-11-26T10:08:00.000Z'],
  [undefined, 900, 96, '2026-11-26T10:15:00.000Z'],
  ['7d', 7_200, 84, '2026-11-26T12:00:00.000Z'],
  ['30d', 28_800, 90, '2026-11-26T16:00:00.000Z'],
  ['20000d', 30 * 604_800, 96, undefined],
])('the last %s has buckets of %i seconds, %i of them', (since, seconds, count, to) => {
  const period = periodFrom(since === undefined ? {} : { since }, nowMs);
  expect([Number(period.bucketNs / 1_000_000_000n), period.bucketCount]).toEqual([seconds, count]);
  if (to !== undefined) expect(timeOf(period.toNs)).toBe(to);
  expect(period.toNs - period.fromNs).toBe(period.lengthNs);
  // A moment later the boundaries are the same.
  expect(periodFrom(since === undefined ? {} : { since }, nowMs + 20)).toEqual(period);
});

test('a period of the past is widened to whole buckets', () => {
  const { fromNs, toNs, bucketCount } = periodFrom(
    { from: '2026-11-25T00:00:03Z', to: '2026-11-25T00:30:01Z' },
    nowMs,
  );
  expect([timeOf(fromNs), timeOf(toNs), bucketCount]).toEqual([
    '2026-11-25T00:00:00.000Z',
    '2026-11-25T00:30:30.000Z',
    61,
  ]);
});

test.each([
  [{ since: '0s' }, /not before its end/],
  [{ since: 'soon' }, /no length of time/],
  [{ from: '2026-11-27T00:00:00Z' }, /not before its end/],
  [{ to: 'x' }, /no time/],
])('%o is refused', (query, message) => {
  expect(() => periodFrom(query, nowMs)).toThrow(message);
});
