import { expect, test } from 'vitest';
import { PurgeSchedule } from './purge-schedule.ts';

test('first after half a minute, then at the interval', () => {
  const schedule = new PurgeSchedule(1_000, 60_000);
  const seconds = Array.from({ length: 200 }, (_, i) => i);
  const due = seconds.filter((second) => schedule.take(1_000 + second * 1_000, 10) > 0);
  expect(due).toEqual([30, 90, 150]);
});

test('a large table is looked through in parts, every entry once', () => {
  const schedule = new PurgeSchedule(0, 300_000);
  const counts = Array.from({ length: 5 }, (_, i) => schedule.take(30_000 + i * 1_000, 10_000));
  expect(counts).toEqual([4_096, 4_096, 1_808, 0, 0]);
});

test('a new interval counts from the next pass on', () => {
  const schedule = new PurgeSchedule(0, 300_000);
  schedule.take(30_000, 1);
  schedule.intervalMs = 10_000;
  expect([schedule.take(100_000, 1), schedule.take(330_000, 1), schedule.take(340_000, 1)]).toEqual([
    0, 1, 1,
  ]);
});
