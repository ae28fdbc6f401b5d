/** Counts and timelines. SQL counts where it can say the whole filter; otherwise rows are counted here, some at a time. */

import type { AlertFilter, CountsBy, Timeline, TimelineRequest } from '../alert-store.ts';
import { joinCounts, joinTimelines } from '../join-parts.ts';
import { inputOf as alertValueOf } from '../match-alert.ts';
import { inputOf } from '../segments/filter-plan.ts';
import { textsOf } from '../segments/match-rows.ts';
import type { SqlRow } from '../sql/sql-database.ts';
import { askUnlessAborted, type SearchPools } from './ask.ts';
import { type DimensionSql, dimensionSql, priorityOf, valuesSql } from './dimension-sql.ts';
import {
  candidateBlocks,
  fromWhere,
  type Matching,
  matchingAlerts,
  type Span,
  startMatching,
} from './matching.ts';
import { fromSearched } from './stored-alert-row.ts';

type Ask = (text: string, matching: Matching) => Promise<readonly SqlRow[]>;

/** Blocks to look at; `undefined`: all alerts. */
async function spansOf(
  pools: SearchPools,
  { filter }: Matching,
  signal: AbortSignal | undefined,
): Promise<readonly Span[] | undefined> {
  const candidates = await candidateBlocks(pools, filter, { signal });
  return candidates && [candidates.rest, ...candidates.blocks];
}

const askOf =
  (pools: SearchPools, signal: AbortSignal | undefined): Ask =>
  (text, { parameters }) =>
    askUnlessAborted(pools, { text, parameters: parameters.values }, signal);

export async function countAlerts(
  pools: SearchPools,
  filter: AlertFilter,
  signal?: AbortSignal,
): Promise<number> {
  const matching = startMatching(filter);
  if (!matching.filter.isExact) {
    let count = 0;
    for await (const alerts of matchingAlerts(pools, filter, signal)) count += alerts.length;
    return count;
  }
  const spans = await spansOf(pools, matching, signal);
  const [row] = await askOf(pools, signal)(
    `SELECT count(*) AS count ${fromWhere(matching, { spans })}`,
    matching,
  );
  return Number(row?.count ?? 0);
}

/** A value as people see it. */
function shownValue(dimension: DimensionSql, value: unknown): string {
  const text = String(value ?? '');
  return dimension.kind === 'priority' ? priorityOf(Number(text)) : fromSearched(text);
}

export async function countByValue(
  pools: SearchPools,
  filter: AlertFilter,
  { by, limit }: { readonly by: string; readonly limit: number },
  signal?: AbortSignal,
): Promise<CountsBy> {
  const input = inputOf(by);
  const matching = startMatching(filter);
  const { parameters, needs } = matching;
  if (!matching.filter.isExact) {
    const counts = new Map<string, number>();
    let total = 0;
    for await (const alerts of matchingAlerts(pools, filter, signal)) {
      total += alerts.length;
      for (const kept of alerts)
        for (const text of textsOf(alertValueOf(kept, input))) counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    return joinCounts([{ counts, total }], limit);
  }
  const spans = await spansOf(pools, matching, signal);
  const dimension = dimensionSql(input, parameters, needs);
  const joins = `CROSS JOIN ${valuesSql(dimension)}`;
  const text = `SELECT d.v AS value, count(*) AS count, count(*) OVER () AS distinct_count, sum(count(*)) OVER () AS total
    ${fromWhere(matching, { spans, joins })} GROUP BY d.v ORDER BY count(*) DESC, d.v COLLATE "C" LIMIT ${parameters.add(limit)}::bigint`;
  const ask = askOf(pools, signal);
  const [rows, total] = await Promise.all([
    ask(text, matching),
    dimension.kind === 'list' ? countAlerts(pools, filter, signal) : undefined,
  ]);
  const counts = new Map(rows.map((row) => [shownValue(dimension, row.value), Number(row.count)]));
  return {
    values: joinCounts([{ counts, total: 0 }], limit).values,
    distinctCount: Number(rows[0]?.distinct_count ?? 0),
    total: total ?? Number(rows[0]?.total ?? 0),
  };
}

/** Alerts that are in no bucket are left out. */
export async function timelineOf(
  pools: SearchPools,
  filter: AlertFilter,
  request: TimelineRequest,
  signal?: AbortSignal,
): Promise<Timeline> {
  const { fromNs, toNs, by, mostSeries = 8 } = request;
  const bounded: AlertFilter = {
    ...filter,
    fromNs: filter.fromNs === undefined || filter.fromNs < fromNs ? fromNs : filter.fromNs,
    toNs: filter.toNs === undefined || filter.toNs > toNs ? toNs : filter.toNs,
  };
  const empty = joinTimelines([], request);
  const {
    bucketNs,
    series: [{ counts: emptyCounts } = { counts: [] }],
  } = joinTimelines([], { ...request, by: undefined });
  const bucketCount = emptyCounts.length;
  const all = new Float64Array(bucketCount);
  const series = new Map<string, Float64Array>();
  const add = (counts: Float64Array, bucket: number, count: number): void => {
    counts[bucket] = (counts[bucket] ?? 0) + count;
  };
  const of = (value: string): Float64Array => {
    const known = series.get(value) ?? new Float64Array(bucketCount);
    series.set(value, known);
    return known;
  };
  const input = by === undefined ? undefined : inputOf(by);
  const matching = startMatching(bounded);
  if (!matching.filter.isExact) {
    for await (const alerts of matchingAlerts(pools, bounded, signal))
      for (const kept of alerts) {
        const bucket = Math.min(bucketCount - 1, Number((kept.alert.timeNs - fromNs) / bucketNs));
        add(all, bucket, 1);
        if (input !== undefined)
          for (const text of textsOf(alertValueOf(kept, input))) add(of(text), bucket, 1);
      }
    return joinTimelines([{ series, all }], request);
  }
  const { parameters, needs } = matching;
  const spans = await spansOf(pools, matching, signal);
  const bucket = `least(${parameters.add(bucketCount - 1)}::bigint, (a.time_ns - ${parameters.add(fromNs)}::bigint) / ${parameters.add(bucketNs)}::bigint)`;
  const ask = askOf(pools, signal);
  if (input === undefined) {
    const rows = await ask(
      `SELECT ${bucket} AS bucket, count(*) AS count ${fromWhere(matching, { spans })} GROUP BY 1`,
      matching,
    );
    for (const row of rows) add(all, Number(row.bucket), Number(row.count));
    return joinTimelines([{ series, all }], request);
  }
  const dimension = dimensionSql(input, parameters, needs);
  const joins = `CROSS JOIN ${valuesSql(dimension)}`;
  const rows = await ask(
    `WITH counted AS MATERIALIZED (SELECT ${bucket} AS bucket, d.v AS value, count(*) AS count
       ${fromWhere(matching, { spans, joins })} GROUP BY 1, 2),
     top AS (SELECT value FROM counted GROUP BY value ORDER BY sum(count) DESC, value COLLATE "C" LIMIT ${parameters.add(mostSeries)}::bigint)
     SELECT bucket, CASE WHEN value IN (SELECT value FROM top) THEN value END AS value, sum(count)::bigint AS count
     FROM counted GROUP BY 1, 2`,
    matching,
  );
  const others = new Float64Array(bucketCount);
  let otherCount = 0;
  for (const row of rows) {
    const count = Number(row.count);
    if (row.value === null) {
      add(others, Number(row.bucket), count);
      otherCount += count;
    } else add(of(shownValue(dimension, row.value)), Number(row.bucket), count);
  }
  const shown = joinTimelines([{ series, all }], request);
  if (otherCount === 0) return shown;
  return { ...empty, series: [...shown.series, { value: undefined, counts: [...others] }] };
}
