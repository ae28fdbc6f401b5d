import { expect, test } from 'vitest';
import { IdleWatch } from './idle-watch.ts';

test('as many waits in a row as the limit are told, once', () => {
  const watch = new IdleWatch(2);
  const told = Array.from({ length: 60 }, () => watch.idle(2));
  expect(told.flatMap((isTold, i) => (isTold ? [i] : []))).toEqual([29, 59]);
});

test('an event begins the count anew', () => {
  const watch = new IdleWatch(1);
  expect(watch.idle(20)).toBe(false);
  watch.wake();
  expect([watch.idle(20), watch.idle(10)]).toEqual([false, true]);
});
