import { expect, test } from 'vitest';
import { changeOf } from './change.ts';

test.each([
  [0, 0, undefined, undefined],
  [5, 5, 'same', 'same'],
  [3, 0, 'was 0', 'up'],
  [112, 100, '+12 %', 'up'],
  [320, 100, '×3.2', 'up'],
  [25_000, 10, '×2,500', 'up'],
  [60, 100, '−40 %', 'down'],
  [0, 100, '−100 %', 'down'],
  [10_001, 10_000, 'same', 'same'],
])('%i after %i: %s', (count, previous, text, direction) => {
  const change = changeOf(count, previous);
  expect([change?.text, change?.direction]).toEqual([text, direction]);
});
