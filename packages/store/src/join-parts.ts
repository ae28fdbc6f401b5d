/** Counts and timelines of parts of the alerts, and how parts are joined. */

import type { CountsBy, Timeline, TimelineRequest } from './alert-store.ts';

/** Counts of some of the alerts. */
export interface CountsPart {
  readonly counts: ReadonlyMap<string, number>;
  /** Alerts, not values. */
  readonly total: number;
}

/** The parts are of different alerts. */
export function joinCounts(parts: readonly CountsPart[], limit: number): CountsBy {
  const [first, ...others] = parts;
  const counts = new Map(first?.counts);
  for (const other of others)
    for (const [value, count] of other.counts) counts.set(value, (counts.get(value) ?? 0) + count);
  const values = [...counts].map(([value, count]) => ({ value, count }));
  values.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  const total = parts.reduce((sum, part) => sum + part.total, 0);
  return { values: values.slice(0, limit), distinctCount: values.length, total };
}

/** A timeline of some of the alerts. */
export interface TimelinePart {
  readonly series: ReadonlyMap<string, Float64Array>;
  readonly all: Float64Array;
}

export interface Buckets {
  readonly fromNs: bigint;
  readonly bucketNs: bigint;
  readonly bucketCount: number;
}

export function bucketsOf({ fromNs, toNs, bucketCount: wanted }: TimelineRequest): Buckets {
  const bucketCount = Math.max(1, wanted);
  const spanNs = toNs - fromNs;
  const bucketNs = spanNs <= 0n ? 1n : (spanNs + BigInt(bucketCount) - 1n) / BigInt(bucketCount);
  return { fromNs, bucketNs, bucketCount };
}

/** The parts are of different alerts. */
export function joinTimelines(parts: readonly TimelinePart[], request: TimelineRequest): Timeline {
  const { by, mostSeries = 8 } = request;
  const { fromNs, bucketNs, bucketCount } = bucketsOf(request);
  const series = new Map<string, Float64Array>();
  const all = new Float64Array(bucketCount);
  const add = (to: Float64Array, from: Float64Array): void => {
    for (let i = 0; i < bucketCount; i++) to[i] = (to[i] ?? 0) + (from[i] ?? 0);
  };
  for (const part of parts) {
    add(all, part.all);
    for (const [text, counts] of part.series) add(seriesOf(series, text, bucketCount), counts);
  }
  if (by === undefined) return { fromNs, bucketNs, series: [{ value: undefined, counts: [...all] }] };
  const ranked = [...series]
    .map(([value, counts]) => ({ value, counts, total: counts.reduce((sum, count) => sum + count, 0) }))
    .filter(({ total }) => total > 0)
    .sort((a, b) => b.total - a.total || (a.value < b.value ? -1 : 1));
  const shown = ranked.filter(({ value }) => value !== OTHERS).slice(0, mostSeries);
  const rest = ranked.filter((entry) => !shown.includes(entry));
  const others = Array.from({ length: bucketCount }, (_, i) =>
    rest.reduce((sum, { counts }) => sum + (counts[i] ?? 0), 0),
  );
  return {
    fromNs,
    bucketNs,
    series: [
      ...shown.map(({ value, counts }) => ({ value, counts: [...counts] })),
      ...(rest.length === 0 ? [] : [{ value: undefined, counts: others }]),
    ],
  };
}

/** Series that are kept apart while counting; values that come later are counted with one that there is. */
const MOST_COUNTED = 4_096;

export function seriesOf(series: Map<string, Float64Array>, text: string, bucketCount: number): Float64Array {
  const name = series.has(text) || series.size < MOST_COUNTED ? text : OTHERS;
  const known = series.get(name);
  if (known !== undefined) return known;
  const counts = new Float64Array(bucketCount);
  series.set(name, counts);
  return counts;
}

const OTHERS = '\u0000others';
