/** What is new in a period, and what is far above its usual rate, by what the store has from the time before. */

import type { Unusual } from '@peregrine/api/contract';
import type { AlertFilter, AlertStore, CountedValue } from '@peregrine/store';
import { timeText } from '../shapes.ts';
import type { Period } from './period.ts';

/** How far back it is looked for, if the store goes back that far. */
const USUAL_NS = 28n * 86_400_000_000_000n;
/** Of a short period, fewer earlier ones are looked at than four weeks have. */
const MOST_EARLIER = 672n;
/** Of a long one, at least two. */
const LEAST_EARLIER = 2n;
/** With fewer earlier periods nobody knows what is usual. */
const LEAST_COMPARED = 2;
/** Values of a field that are compared, the most frequent ones. */
const MOST_COMPARED = 500;
const MOST_SHOWN = 12;
/** Fewer than these are never many. */
const LEAST_COUNT = 10;
/** Times the mean from which on it is far above. */
const FACTOR = 3;

export interface FoundUnusual {
  readonly earlierFromNs: bigint;
  readonly earlierCount: number;
  readonly fresh: Unusual['fresh'];
  readonly raised: Unusual['raised'];
}

export async function findUnusual(
  store: AlertStore,
  { fromNs, toNs, lengthNs }: Period,
  fields: readonly string[],
  signal: AbortSignal,
): Promise<FoundUnusual> {
  const { oldestNs = fromNs } = await store.facts();
  const wanted = clamped(USUAL_NS / lengthNs, LEAST_EARLIER, MOST_EARLIER);
  const there = oldestNs >= fromNs ? 0n : (fromNs - oldestNs) / lengthNs;
  const count = there < wanted ? there : wanted;
  const earlierFromNs = fromNs - count * lengthNs;
  const earlierCount = Number(count);
  const fresh: Unusual['fresh'] = [];
  const raised: Unusual['raised'] = [];
  // Without anything to compare with, everything would be new.
  if (earlierCount === 0) return { earlierFromNs, earlierCount, fresh, raised };

  for (const field of fields) {
    const present = await store.countBy({ fromNs, toNs }, field, MOST_COMPARED, signal);
    const named = present.values.filter(({ value }) => value !== '');
    if (named.length === 0) continue;
    // All that is kept from before: what was seen a year ago is not new.
    const then = await store.countBy(only({ toNs: fromNs }, field, named), field, named.length + 1, signal);
    const known = new Map(then.values.map(({ value, count }) => [value, count]));
    for (const { value, count } of named) {
      if (known.has(value) || fresh.length >= MOST_SHOWN) continue;
      const filter = only({ fromNs, toNs }, field, [{ value, count }]);
      const { alerts } = await store.search(filter, { limit: 1, isOldestFirst: true }, signal);
      for (const { alert } of alerts)
        fresh.push({ field, value, count, firstTime: timeText(alert.timeNs), rule: alert.rule });
    }
    const many = named.filter(({ value, count }) => count >= LEAST_COUNT && known.has(value));
    if (earlierCount < LEAST_COMPARED || many.length === 0) continue;
    const range = { fromNs: earlierFromNs, toNs: fromNs };
    const { series } = await store.timeline(
      only(range, field, many),
      { ...range, bucketCount: earlierCount, by: field, mostSeries: many.length },
      signal,
    );
    const earlier = new Map(series.map(({ value, counts }) => [value, counts]));
    for (const { value, count } of many) {
      const { mean, most } = usualOf(earlier.get(value) ?? [], earlierCount);
      if (count > most && count >= FACTOR * mean)
        raised.push({ field, value, count, usualCount: Math.round(mean * 10) / 10, mostCount: most });
    }
  }
  raised.sort((a, b) => b.count / (b.usualCount + 1) - a.count / (a.usualCount + 1));
  return { earlierFromNs, earlierCount, fresh, raised: raised.slice(0, MOST_SHOWN) };
}

function usualOf(counts: readonly number[], periods: number): { mean: number; most: number } {
  return {
    mean: counts.reduce((a, b) => a + b, 0) / periods,
    most: counts.reduce((a, b) => Math.max(a, b), 0),
  };
}

function only(filter: AlertFilter, field: string, values: readonly CountedValue[]): AlertFilter {
  return { ...filter, where: [{ field, values: values.map(({ value }) => value), isNegated: false }] };
}

function clamped(value: bigint, least: bigint, most: bigint): bigint {
  return value < least ? least : value > most ? most : value;
}
