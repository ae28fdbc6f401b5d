/** Numbers of the timeline as the chart draws them: bars that stand on each other, the most urgent on top. */

import type { Overview } from '@peregrine/api/contract';

export interface Stack {
  /** The middle of each bucket, in seconds since the epoch. */
  readonly times: readonly number[];
  /** For each priority, the most urgent first, its count and that of all less urgent ones. */
  readonly heights: readonly (readonly number[])[];
  /** Of all priorities. */
  readonly totals: readonly number[];
}

export function stackOf({ from, timeline }: Pick<Overview, 'from' | 'timeline'>): Stack {
  const { bucketMs, series, previousCounts } = timeline;
  const startMs = Date.parse(from);
  const sums = previousCounts.map(() => 0);
  const heights = [...series].reverse().map(({ counts }) => {
    counts.forEach((count, i) => {
      sums[i] = (sums[i] ?? 0) + count;
    });
    return [...sums];
  });
  return {
    times: previousCounts.map((_, i) => (startMs + (i + 0.5) * bucketMs) / 1_000),
    heights: heights.reverse(),
    totals: sums,
  };
}

/** From which bucket to which (not in it) a selection goes; `undefined`: nothing worth it. */
export function bucketsWithin(
  first: number,
  last: number,
  width: number,
  bucketCount: number,
): readonly [number, number] | undefined {
  const [left, right] = [Math.min(first, last), Math.max(first, last)];
  if (width <= 0 || bucketCount <= 0 || right - left < LEAST_PX) return undefined;
  const at = (px: number): number => (Math.min(width, Math.max(0, px)) / width) * bucketCount;
  const from = Math.floor(at(left));
  return [from, Math.max(from + 1, Math.ceil(at(right)))];
}

/** What is shorter was a click. */
const LEAST_PX = 4;
