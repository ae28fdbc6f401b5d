import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { Scenario } from '../testing/scenario.ts';
import type { PurgeOptions, Thread } from './index.ts';

const options: PurgeOptions = { nowSeconds: 1_000, idleSeconds: 10, limit: 3, isAlive: () => false };

test('a round goes on where the call before stopped, also when threads come and go', () => {
  const scenario = new Scenario();
  for (let tid = 1; tid <= 7; tid++) scenario.start(tid);
  expect(scenario.engine.purge(options)).toBe(3);
  scenario.start(8);
  scenario.exit(4);
  scenario.tick(8);
  // The fourth is gone; five and six go.
  expect(scenario.engine.purge(options)).toBe(2);
  expect(scenario.engine.purge(options)).toBe(1);
  // The next round begins, with the eighth and the parent that was made up for it.
  expect(scenario.engine.purge(options)).toBe(2);
  expect(scenario.engine.tables.threadCount).toBe(0);
});

test('what a purge has looked at is not kept by it', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const scenario = new Scenario();
  const seen: WeakRef<Thread>[] = [];
  for (let tid = 1; tid <= 50; tid++) seen.push(new WeakRef(scenario.start(tid)));
  // Exactly as many as there are, as the schedule has it.
  expect(scenario.engine.purge({ ...options, limit: 50, isAlive: () => true })).toBe(0);
  for (let tid = 100; tid < 2_000; tid++) scenario.start(tid);
  for (let tid = 1; tid <= 50; tid++) scenario.exit(tid);
  scenario.tick(100);
  // A weak reference holds on until the turn in which it was made is over.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  expect(seen.filter((reference) => reference.deref() !== undefined)).toEqual([]);
});
