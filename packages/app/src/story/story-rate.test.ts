import { expect, test } from 'vitest';
import { StoryRate } from './story-rate.ts';

test('the first alert of a rule and process in a while', () => {
  const rate = new StoryRate({ repeatAfterMs: 1_000, mostPerSecond: 100 });
  expect(rate.ask('A', 1, 0)).toEqual({ isGiven: true, repeatCount: 0, crowdedCount: 0 });
  expect(rate.ask('A', 1, 10).isGiven).toBe(false);
  expect(rate.ask('A', 1, 999).isGiven).toBe(false);
  expect(rate.ask('A', 2, 20).isGiven).toBe(true);
  expect(rate.ask('B', 1, 20).isGiven).toBe(true);
  expect(rate.ask('A', 1, 1_000)).toEqual({ isGiven: true, repeatCount: 2, crowdedCount: 0 });
});

test('a thousand alerts of a thousand processes in a second', () => {
  const rate = new StoryRate({ repeatAfterMs: 60_000, mostPerSecond: 10 });
  const given = Array.from({ length: 1_000 }, (_, i) => rate.ask('A', i, i)).filter(({ isGiven }) => isGiven);
  // As many as may come at once, and those that the second earns.
  expect(given.length).toBeGreaterThanOrEqual(10);
  expect(given.length).toBeLessThanOrEqual(20);
  const next = rate.ask('A', 5_000, 3_000);
  expect(next.isGiven && next.crowdedCount > 0).toBe(true);
  expect(rate.leftOutCount).toBe(1_000 - given.length);
});
