/**
 * Processes and containers that come and go, through everything that the sensor keeps: tables, verdicts, texts,
 * containers that are asked for, events that wait. All of it stays small, is gone at the end, and the heap does not
 * grow. `bench/churn.ts` does a day of it.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createChurnedDetector } from '../../testing/churned-detector.ts';

/** Enough that every table of fixed size is full. */
const WARM_UP_LIVES = 5_000;
const LIVES = 10_000;
/** Texts are kept in tables of fixed size, where longer ones take the places of shorter ones. */
const MOST_GROWTH_BYTES = 6 << 20;

/** Bytes of live objects. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

test('everything stays small, and the heap does not grow', async () => {
  const { engine, state, churn, bugs, alertCount, live, finish } = await createChurnedDetector();
  const look = (): void => {
    expect(state.tables.threadCount).toBeLessThan(3_000);
    expect(state.fdCount()).toBeLessThan(20_000);
    expect([...state.tables.containers()].length).toBeLessThan(500);
    expect(engine.awaitedCount).toBeLessThan(500);
    expect(engine.waitingCount).toBeLessThanOrEqual(4_096);
  };
  live(WARM_UP_LIVES, look);
  const before = heapBytes();
  live(LIVES, look);
  const growth = heapBytes() - before;
  finish();
  expect(churn.lifeCount).toBe(WARM_UP_LIVES + LIVES);
  expect(alertCount()).toBe(WARM_UP_LIVES + LIVES);
  expect(bugs).toEqual([]);
  // The first process of all, and nobody else.
  expect(state.tables.threadCount).toBe(1);
  expect([...state.tables.containers()]).toEqual([]);
  expect([engine.awaitedCount, engine.waitingCount]).toEqual([0, 0]);
  expect(state.counters).toMatchObject({
    n_drops_full_threadtable: 0,
    n_drops_full_containertable: 0,
    n_drops_full_usertable: 0,
  });
  expect(growth).toBeLessThan(MOST_GROWTH_BYTES);
}, 120_000);
