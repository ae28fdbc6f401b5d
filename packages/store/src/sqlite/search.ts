/**
 * Pages, counts and timelines over segments. Each goes from segment to segment and lets others have their turn in between;
 * pages end as soon as they are full.
 */

import type { HubValue } from '@peregrine/alert';
import type { CountsBy, Timeline, TimelineRequest } from '../alert-store.ts';
import { valueAt } from '../segments/column.ts';
import { type FilterPlan, inputOf } from '../segments/filter-plan.ts';
import { rowsMatching, type TriageLookup, textsOf } from '../segments/match-rows.ts';
import type { RowSet } from '../segments/row-set.ts';
import type { Segment } from '../segments/segment.ts';
import { comparePlaces, type Place } from './places.ts';

export interface SearchPort {
  /** All that may be looked at, in the order in which they came. */
  readonly segments: readonly Segment[];
  readonly triage: TriageLookup;
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
      const rows = rowsMatching(segment, bounded, port.triage);
      return placesIn(segment, rows, { ...request, sign });
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
    count += port.guard(segment, () => rowsMatching(segment, plan, port.triage).count) ?? 0;
    await port.turn();
  }
  return count;
}

export async function countByValue(
  port: SearchPort,
  plan: FilterPlan,
  by: string,
  limit: number,
): Promise<CountsBy> {
  const counts = new Map<string, number>();
  let total = 0;
  for (const segment of port.segments) {
    if (!isInTime(segment, plan)) continue;
    port.guard(segment, () => {
      const rows = rowsMatching(segment, plan, port.triage);
      total += rows.count;
      const grouping = groupingOf(segment, by, port.triage);
      const ofGroups = new Uint32Array(grouping.texts.length);
      rows.forEach((row) => {
        const group = grouping.groupOf(row);
        ofGroups[group] = (ofGroups[group] ?? 0) + 1;
      });
      for (const [group, texts] of grouping.texts.entries()) {
        const count = ofGroups[group] ?? 0;
        if (count > 0) for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + count);
      }
    });
    await port.turn();
  }
  const values = [...counts].map(([value, count]) => ({ value, count }));
  values.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  return { values: values.slice(0, limit), distinctCount: values.length, total };
}

interface Grouping {
  /** Texts of each group. */
  readonly texts: readonly (readonly string[])[];
  readonly groupOf: (row: number) => number;
}

function groupingOf(segment: Segment, by: string, triage: TriageLookup): Grouping {
  const input = inputOf(by);
  const column = segment.column(input.kind === 'column' ? input.name : 'incident');
  if (column === undefined) return { texts: [['']], groupOf: () => 0 };
  const { codes } = column;
  const values = Array.from({ length: column.valueCount + 1 }, (_, code) => valueAt(column, code));
  if (input.kind === 'column') return { texts: values.map(textsOf), groupOf: (row) => codes[row] ?? 0 };
  const read = (state: string, assignee: string | undefined): string =>
    input.name === 'state' ? state : (assignee ?? '');
  const texts = values.map((id: HubValue | undefined) => {
    const incident = typeof id === 'string' ? id : '';
    return [read(triage.stateOf(incident), triage.assigneeOf(incident))];
  });
  const own = new Map<number, number>();
  for (const [row, { state, assignee }] of triage.overrides(segment))
    own.set(row, texts.push([read(state, assignee)]) - 1);
  return { texts, groupOf: (row) => own.get(row) ?? codes[row] ?? 0 };
}

export async function timelineOf(
  port: SearchPort,
  plan: FilterPlan,
  request: TimelineRequest,
): Promise<Timeline> {
  const { fromNs, toNs, by, mostSeries = 8 } = request;
  const bucketCount = Math.max(1, request.bucketCount);
  const spanNs = toNs - fromNs;
  const bucketNs = spanNs <= 0n ? 1n : (spanNs + BigInt(bucketCount) - 1n) / BigInt(bucketCount);
  const bounded = { ...plan, fromNs: latest(plan.fromNs, fromNs), toNs: earliest(plan.toNs, toNs) };
  const series = new Map<string, Float64Array>();
  const all = new Float64Array(bucketCount);
  for (const segment of port.segments) {
    if (!isInTime(segment, bounded)) continue;
    port.guard(segment, () => {
      const rows = rowsMatching(segment, bounded, port.triage);
      const { offsets, baseNs } = segment;
      const start = Number(fromNs - baseNs);
      const width = Number(bucketNs);
      const grouping = by === undefined ? undefined : groupingOf(segment, by, port.triage);
      const ofGroups = grouping?.texts.map((texts) =>
        texts.map((text) => seriesOf(series, text, bucketCount)),
      );
      rows.forEach((row) => {
        const bucket = Math.min(bucketCount - 1, Math.floor(((offsets[row] ?? 0) - start) / width));
        all[bucket] = (all[bucket] ?? 0) + 1;
        if (grouping === undefined || ofGroups === undefined) return;
        for (const counts of ofGroups[grouping.groupOf(row)] ?? [])
          counts[bucket] = (counts[bucket] ?? 0) + 1;
      });
    });
    await port.turn();
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

function seriesOf(series: Map<string, Float64Array>, text: string, bucketCount: number): Float64Array {
  const name = series.has(text) || series.size < MOST_COUNTED ? text : OTHERS;
  const known = series.get(name);
  if (known !== undefined) return known;
  const counts = new Float64Array(bucketCount);
  series.set(name, counts);
  return counts;
}

const OTHERS = '\u0000others';
