import { expect, test } from 'vitest';
import { ValueMemo } from './value-memo.ts';

test('gives each text its own place, the same each time', () => {
  const memo = new ValueMemo(2, 4);
  const place = memo.slotOf('a');
  expect(memo.slotOf('b')).not.toBe(place);
  expect(memo.slotOf(undefined)).not.toBe(place);
  expect(memo.slotOf('a')).toBe(place);
});

test('forgets everything when full', () => {
  const memo = new ValueMemo(1, 2);
  memo.known[memo.slotOf('a')] = 1;
  memo.known[memo.slotOf('b')] = 1;
  expect(memo.known[memo.slotOf('c')]).toBe(0);
  expect(memo.known[memo.slotOf('a')]).toBe(0);
});

test('never keeps verdicts on long texts', () => {
  const memo = new ValueMemo(1, 8);
  const [first, second] = ['x', 'y'].map((letter) => letter.repeat(2_000));
  memo.known[memo.slotOf(first)] = 1;
  expect(memo.known[memo.slotOf(second)]).toBe(0);
  memo.known[memo.slotOf(second)] = 1;
  expect(memo.known[memo.slotOf(first)]).toBe(0);
});
