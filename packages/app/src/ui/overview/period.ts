/** The period that the overview is about, cut into buckets whose boundaries stay where they are while time passes. */

import { ApiError } from '@peregrine/api';
import type { FilterQuery } from '@peregrine/api/contract';
import { filterFrom } from '../filter-query.ts';

/** Nanoseconds since the epoch, and of length. */
export interface Period {
  readonly fromNs: bigint;
  /** Not in it. */
  readonly toNs: bigint;
  readonly lengthNs: bigint;
  readonly bucketNs: bigint;
  readonly bucketCount: number;
}

const DEFAULT_SINCE = '24h';
const MOST_BUCKETS = 96n;
const SECOND_NS = 1_000_000_000n;
const DAY_SECONDS = 86_400;
const widths = [
  ...[1, 5, 10, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 28_800, 43_200],
  ...[DAY_SECONDS, 2 * DAY_SECONDS, 7 * DAY_SECONDS],
].map((seconds) => BigInt(seconds) * SECOND_NS);

/** Throws an `ApiError` for what is no period. */
export function periodFrom(query: Pick<FilterQuery, 'since' | 'from' | 'to'>, nowMs: number): Period {
  const { since, from } = query;
  const asked = filterFrom(
    from === undefined && since === undefined ? { ...query, since: DEFAULT_SINCE } : query,
    nowMs,
  );
  const endNs = asked.toNs ?? BigInt(Math.floor(nowMs)) * 1_000_000n;
  const beginNs = asked.fromNs ?? endNs;
  if (beginNs >= endNs)
    throw new ApiError(400, 'bad-period', 'the begin of the period is not before its end');
  const bucketNs = widthFor(endNs - beginNs);
  const toNs = roundedUp(endNs, bucketNs);
  // What reaches back from now begins with a whole bucket, too.
  const fromNs =
    from === undefined ? toNs - roundedUp(endNs - beginNs, bucketNs) : (beginNs / bucketNs) * bucketNs;
  const lengthNs = toNs - fromNs;
  return { fromNs, toNs, lengthNs, bucketNs, bucketCount: Number(lengthNs / bucketNs) };
}

const roundedUp = (ns: bigint, unit: bigint): bigint => ((ns + unit - 1n) / unit) * unit;

/** The narrowest that makes no more buckets than a chart shows. */
function widthFor(lengthNs: bigint): bigint {
  const fitting = widths.find((width) => lengthNs <= width * MOST_BUCKETS);
  const [week = SECOND_NS] = widths.slice(-1);
  return fitting ?? roundedUp(lengthNs / MOST_BUCKETS + 1n, week);
}
