/**
 * Pages, counts and timelines over segments. Each goes from segment to segment and lets others have their turn in between;
 * pages end as soon as they are full.
 */

import type { TimelineRequest } from '../alert-store.ts';
import { type Buckets, bucketsOf, type CountsPart, seriesOf, type TimelinePart } from '../join-parts.ts';
import { comparePlaces, type Place } from '../places.ts';
import { valueAt } from '../segments/column.ts';
import { type FilterPlan, inputOf } from '../segments/filter-plan.ts';
import { type FoundRows, rowsMatching, type TriageLookup, textsOf } from '../segments/match-rows.ts';
import type { RowSet } from '../segments/row-set.ts';
import type { Segment } from '../segments/segment.ts';

export interface SearchPort {
  /** All that may be looked at, in the order in which they came. */
  readonly segments: readonly Segment[];
  readonly triage: TriageLookup;
  /** What tests found in segments, for when they come again; `undefined`: it is not kept. */
  readonly found: FoundRows | undefined;
  /** Lets others have their turn; throws when nobody waits for the answer any more. */
  readonly turn: () => Promise<void>;
  /** Gives nothing for a segment that is damaged, after telling of it. */
  readonly guard: <T>(segment: Segment, read: () => T) => T | undefined;
}

function isInTime(segment: Segment, { fromNs, toNs }: FilterPlan): boolean {
  return (fromNs === undefined || segment.maxNs >= fromNs) && (toNs === undefined || segment.minNs < toNs);
}

/** Newest first, or oldest first; at most `limit`, those beyond `after`. */
export async function findPlaces(
  port: SearchPort,
  plan: FilterPlan,
  request: { readonly limit: number; readonly after: Place | undefined; readonly isOldestFirst: boolean },
): Promise<readonly Place[]> {
  const { limit, after, isOldestFirst } = request;
  const sign = isOldestFirst ? -1 : 1;
  const bounded =
    after === undefined
      ? plan
      : isOldestFirst
        ? { ...plan, fromNs: latest(plan.fromNs, after.timeNs) }
        : { ...plan, toNs: earliest(plan.toNs, after.timeNs + 1n) };
  const order = port.segments
    .filter((segment) => isInTime(segment, bounded))
    .toSorted((a, b) => (isOldestFirst ? compareBig(a.minNs, b.minNs) : compareBig(b.maxNs, a.maxNs)));
  let found: Place[] = [];
  for (const segment of order) {
    const last = found[limit - 1];
    if (last !== undefined && (isOldestFirst ? segment.minNs > last.timeNs : segment.maxNs < last.timeNs))
      break;
    const more = port.guard(segment, () => {
      const rows = rowsMatching(segment, bounded, port);
      return rows.isEmpty ? [] : placesIn(segment, rows, { ...request, sign });
    });
    await port.turn();
    if (more === undefined || more.length === 0) continue;
    found = found.length === 0 ? more : [...found, ...more];
    found.sort((a, b) => -sign * comparePlaces(a, b));
    found.length = Math.min(found.length, limit);
  }
  return found;
}

/** The first ones, in the order that is asked for. */
function placesIn(
  { baseNs, offsets, firstSeq }: Segment,
  rows: RowSet,
  {
    limit,
    after,
    sign,
  }: { readonly limit: number; readonly after: Place | undefined; readonly sign: number },
): Place[] {
  const order: number[] = [];
  let isSorted = true;
  let latestOffset = Number.NEGATIVE_INFINITY;
  rows.forEach((row) => {
    const offset = offsets[row] ?? 0;
    if (offset < latestOffset) isSorted = false;
    latestOffset = offset;
    order.push(row);
  });
  if (!isSorted) order.sort((a, b) => (offsets[a] ?? 0) - (offsets[b] ?? 0) || a - b);
  const places: Place[] = [];
  for (let i = 0; i < order.length && places.length < limit; i++) {
    const row = order[sign > 0 ? order.length - 1 - i : i] ?? 0;
    const place = { timeNs: baseNs + BigInt(offsets[row] ?? 0), seq: firstSeq + row };
    if (after === undefined || sign * comparePlaces(place, after) < 0) places.push(place);
  }
  return places;
}

const compareBig = (a: bigint, b: bigint): number => (a === b ? 0 : a < b ? -1 : 1);
const latest = (a: bigint | undefined, b: bigint): bigint => (a === undefined || b > a ? b : a);
const earliest = (a: bigint | undefined, b: bigint): bigint => (a === undefined || b < a ? b : a);

export async function countRows(port: SearchPort, plan: FilterPlan): Promise<number> {
  let count = 0;
  for (const segment of port.segments) {
    if (!isInTime(segment, plan)) continue;
    count += port.guard(segment, () => rowsMatching(segment, plan, port).count) ?? 0;
    await port.turn();
  }
  return count;
}

export async function countByValue(port: SearchPort, plan: FilterPlan, by: string): Promise<CountsPart> {
  const counts = new Map<string, number>();
  let total = 0;
  for (const segment of port.segments) {
    if (!isInTime(segment, plan)) continue;
    port.guard(segment, () => {
      const rows = rowsMatching(segment, plan, port);
      if (rows.isEmpty) return;
      total += rows.count;
      const grouping = groupingOf(segment, by, port.triage);
      for (const [group, count] of countGroups(rows, grouping).entries())
        if (count > 0)
          for (const text of grouping.texts(group)) counts.set(text, (counts.get(text) ?? 0) + count);
    });
    await port.turn();
  }
  return { counts, total };
}

interface Grouping {
  readonly groupCount: number;
  /** Texts of a group. */
  readonly texts: (group: number) => readonly string[];
  /** Of each row; rows beyond its end are of group 0. */
  readonly codes: ArrayLike<number>;
}

function groupingOf(segment: Segment, by: string, triage: TriageLookup): Grouping {
  const input = inputOf(by);
  const column = segment.column(input.kind === 'column' ? input.name : 'incident');
  if (column === undefined) return { groupCount: 1, texts: () => [''], codes: [] };
  const { codes, valueCount } = column;
  if (input.kind === 'column') {
    return { groupCount: valueCount + 1, texts: (group) => textsOf(valueAt(column, group)), codes };
  }
  const read = (state: string, assignee: string | undefined): string =>
    input.name === 'state' ? state : (assignee ?? '');
  const texts = Array.from({ length: valueCount + 1 }, (_, code) => {
    const id = valueAt(column, code);
    const incident = typeof id === 'string' ? id : '';
    return [read(triage.stateOf(incident), triage.assigneeOf(incident))];
  });
  const overrides = triage.overrides(segment);
  const groups = overrides.size === 0 ? codes : Uint32Array.from(codes);
  for (const [row, { state, assignee }] of overrides) groups[row] = texts.push([read(state, assignee)]) - 1;
  return { groupCount: texts.length, texts: (group) => texts[group] ?? [''], codes: groups };
}

/** HOT. */
function countGroups(rows: RowSet, { groupCount, codes }: Grouping): Uint32Array {
  const counts = new Uint32Array(groupCount);
  const { words } = rows;
  const end = codes.length;
  for (let i = 0; i < words.length; i++) {
    let word = words[i] ?? 0;
    const base = i << 5;
    if (word === ALL && base + 32 <= end) {
      for (let row = base; row < base + 32; row++) {
        const group = codes[row] ?? 0;
        counts[group] = (counts[group] ?? 0) + 1;
      }
      continue;
    }
    while (word !== 0) {
      const row = base + 31 - Math.clz32(word & -word);
      const group = row < end ? (codes[row] ?? 0) : 0;
      counts[group] = (counts[group] ?? 0) + 1;
      word &= word - 1;
    }
  }
  return counts;
}

/** All rows of a word of a set. */
const ALL = 0xffff_ffff;

export async function timelineOf(
  port: SearchPort,
  plan: FilterPlan,
  request: TimelineRequest,
): Promise<TimelinePart> {
  const { fromNs, toNs, by } = request;
  const buckets = bucketsOf(request);
  const bounded = { ...plan, fromNs: latest(plan.fromNs, fromNs), toNs: earliest(plan.toNs, toNs) };
  const series = new Map<string, Float64Array>();
  const all = new Float64Array(buckets.bucketCount);
  for (const segment of port.segments) {
    if (!isInTime(segment, bounded)) continue;
    port.guard(segment, () => {
      const rows = rowsMatching(segment, bounded, port);
      if (rows.isEmpty) return;
      const grouping = by === undefined ? undefined : groupingOf(segment, by, port.triage);
      const only = bucketOf(segment, buckets);
      const countsOf = (group: number): readonly Float64Array[] =>
        grouping?.texts(group).map((text) => seriesOf(series, text, buckets.bucketCount)) ?? [];
      if (only === undefined) {
        addRows(segment, rows, { buckets, all, grouping, countsOf });
        return;
      }
      all[only] = (all[only] ?? 0) + rows.count;
      if (grouping === undefined) return;
      for (const [group, count] of countGroups(rows, grouping).entries())
        if (count > 0) for (const counts of countsOf(group)) counts[only] = (counts[only] ?? 0) + count;
    });
    await port.turn();
  }
  return { series, all };
}

/** The bucket of all alerts of a segment; `undefined`: there are several. */
function bucketOf({ minNs, maxNs }: Segment, { fromNs, bucketNs, bucketCount }: Buckets): number | undefined {
  const bucket = (ns: bigint): number => {
    const at = ns <= fromNs ? 0 : Number((ns - fromNs) / bucketNs);
    return Math.min(bucketCount - 1, at);
  };
  const first = bucket(minNs);
  return first === bucket(maxNs) ? first : undefined;
}

function addRows(
  { offsets, baseNs }: Segment,
  rows: RowSet,
  {
    buckets: { fromNs, bucketNs, bucketCount },
    all,
    grouping,
    countsOf,
  }: {
    readonly buckets: Buckets;
    readonly all: Float64Array;
    readonly grouping: Grouping | undefined;
    readonly countsOf: (group: number) => readonly Float64Array[];
  },
): void {
  const start = Number(fromNs - baseNs);
  const width = Number(bucketNs);
  const ofGroups: (readonly Float64Array[] | undefined)[] = [];
  rows.forEach((row) => {
    const bucket = Math.min(bucketCount - 1, Math.floor(((offsets[row] ?? 0) - start) / width));
    all[bucket] = (all[bucket] ?? 0) + 1;
    if (grouping === undefined) return;
    const group = grouping.codes[row] ?? 0;
    let ofGroup = ofGroups[group];
    if (ofGroup === undefined) {
      ofGroup = countsOf(group);
      ofGroups[group] = ofGroup;
    }
    for (let i = 0; i < ofGroup.length; i++) {
      const counts = ofGroup[i];
      if (counts !== undefined) counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
  });
}
