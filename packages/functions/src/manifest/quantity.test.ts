import { expect, test } from 'vitest';
import { parseBytes } from './quantity.ts';

test.each([
  ['128974848', 128_974_848],
  ['129e6', 129_000_000],
  ['129M', 129_000_000],
  ['123Mi', 128_974_848],
  ['0.5Gi', 536_870_912],
  ['.5k', 500],
  ['1500m', 2],
  ['0', 0],
  ['', undefined],
  ['lots', undefined],
  ['-1', undefined],
  ['1 Gi', undefined],
  ['1GiB', undefined],
  ['9e300', undefined],
  ['Infinity', undefined],
])('%j', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});
