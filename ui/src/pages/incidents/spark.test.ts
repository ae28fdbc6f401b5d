import { expect, test } from 'vitest';
import { sparkPath } from './spark.ts';

test.each([
  [[0, 2, 1, 0], 'M7.5 20V0.0M12.5 20V10.0'],
  [[0, 0], ''],
  [[1_000, 1], 'M5.0 20V0.0M15.0 20V17.0'],
  [[], ''],
])('%j', (counts, path) => {
  expect(sparkPath(counts, 20, 20)).toBe(path);
});
