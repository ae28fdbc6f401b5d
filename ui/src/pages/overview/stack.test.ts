import { expect, test } from 'vitest';
import { bucketsWithin, stackOf } from './stack.ts';

test('bars stand on each other, the most urgent on top', () => {
  const stack = stackOf({
    from: '2026-11-26T10:00:00.000000000Z',
    timeline: {
      bucketMs: 60_000,
      series: [
        { priority: 'Critical', counts: [1, 0] },
        { priority: 'Notice', counts: [4, 2] },
      ],
      previousCounts: [0, 0],
    },
  });
  expect(stack).toEqual({
    times: [30, 90].map((s) => Date.parse('2026-11-26T10:00:00Z') / 1_000 + s),
    heights: [
      [5, 2],
      [4, 2],
    ],
    totals: [5, 2],
  });
});

test.each([
  [10, 12, undefined],
  [0, 100, [0, 10]],
  [34, 21, [2, 4]],
  [-50, 15, [0, 2]],
  [95, 400, [9, 10]],
])('from %i to %i of 100 pixels with 10 buckets: %j', (first, last, expected) => {
  expect(bucketsWithin(first, last, 100, 10)).toEqual(expected);
});
