/** Pages of alerts, in the order of their times. */

import type { Pool } from 'pg';
import type { AlertFilter, AlertPage, KeptAlert, PageRequest } from '../alert-store.ts';
import { createMatcher } from '../match-alert.ts';
import { comparePlaces, cursorOf, type Place, placeFrom } from '../places.ts';
import { ask, askUnlessAborted, type SearchPools } from './ask.ts';
import { BLOCKS_AT_ONCE, candidateBlocks, fromWhere, type Span, startMatching } from './matching.ts';
import { KEPT_COLUMNS, KEPT_JOINS, keptFrom } from './stored-alert-row.ts';

const ROWS_AT_ONCE = 500;
/** Times the first look that a page goes through alerts without asking for blocks. */
const MOST_LOOKS = 20;

interface Request {
  readonly filter: AlertFilter;
  readonly wanted: number;
  readonly after: Place | undefined;
  readonly isOldestFirst: boolean;
  readonly signal: AbortSignal | undefined;
  /** Alerts that are looked at before blocks are asked for. */
  readonly firstLook: number;
}

export async function findPage(
  pools: SearchPools,
  filter: AlertFilter,
  { limit, cursor, offset = 0, isOldestFirst = false }: PageRequest,
  { signal, firstLook }: Pick<Request, 'signal' | 'firstLook'>,
): Promise<AlertPage> {
  const after = cursor === undefined ? undefined : placeFrom(cursor);
  const wanted = offset + limit + 1;
  const places = await findPlaces(pools, { filter, wanted, after, isOldestFirst, signal, firstLook });
  const shown = places.slice(offset, offset + limit);
  const last = shown.at(-1);
  return {
    alerts: await alertsAt(
      pools.steady,
      shown.map(({ seq }) => seq),
    ),
    next: places.length > offset + limit && last !== undefined ? cursorOf(last) : undefined,
  };
}

/** In the order of the numbers; those that are not there are left out. */
export async function alertsAt(pool: Pool, seqs: readonly number[]): Promise<readonly KeptAlert[]> {
  if (seqs.length === 0) return [];
  const { rows } = await ask(
    pool,
    `SELECT ${KEPT_COLUMNS} FROM alerts a ${KEPT_JOINS} WHERE a.seq = ANY($1::bigint[])`,
    [seqs],
  );
  const bySeq = new Map(rows.flatMap(keptFrom).map(({ seq, kept }) => [seq, kept]));
  return seqs.flatMap((seq) => bySeq.get(seq) ?? []);
}

async function findPlaces(pools: SearchPools, request: Request): Promise<readonly Place[]> {
  const { filter } = startMatching(request.filter);
  if (filter.wishes.length === 0) return walk(pools, request, undefined);
  const { places, isAll } = await firstOnes(pools, request);
  if (isAll || places.length >= request.wanted) return places;
  // There are so many that going on comes to enough of them soon.
  if (places.length * MOST_LOOKS >= request.wanted) return walk(pools, request, undefined);
  const { after, isOldestFirst, signal, wanted } = request;
  const bounds = {
    wishes: filter.wishes,
    fromNs: isOldestFirst && after !== undefined ? later(filter.fromNs, after.timeNs) : filter.fromNs,
    toNs: !isOldestFirst && after !== undefined ? earlier(filter.toNs, after.timeNs + 1n) : filter.toNs,
  };
  const candidates = await candidateBlocks(pools, bounds, { mostShare: 1, signal });
  if (candidates === undefined) return walk(pools, request, undefined);
  const sign = isOldestFirst ? 1 : -1;
  const blocks = isOldestFirst
    ? candidates.blocks.toSorted((a, b) => (a.minNs < b.minNs ? -1 : a.minNs > b.minNs ? 1 : 0))
    : candidates.blocks;
  let found: Place[] = [...(await walk(pools, request, [candidates.rest]))];
  let at = 0;
  for (let atOnce = BLOCKS_AT_ONCE; at < blocks.length; atOnce *= 4) {
    const last = found[wanted - 1];
    const next = blocks[at];
    if (
      last !== undefined &&
      next !== undefined &&
      (isOldestFirst ? next.minNs > last.timeNs : next.maxNs < last.timeNs)
    )
      break;
    found.push(...(await walk(pools, request, blocks.slice(at, at + atOnce))));
    at += atOnce;
    found = found.sort((a, b) => sign * comparePlaces(a, b)).slice(0, wanted);
  }
  return found;
}

const later = (a: bigint | undefined, b: bigint): bigint => (a === undefined || b > a ? b : a);
const earlier = (a: bigint | undefined, b: bigint): bigint => (a === undefined || b < a ? b : a);

/** What is found among the first alerts in the order that is asked for: most pages are full with these. */
async function firstOnes(
  pools: SearchPools,
  request: Request,
): Promise<{ readonly places: readonly Place[]; readonly isAll: boolean }> {
  const everything = { fromNs: request.filter.fromNs, toNs: request.filter.toNs };
  const looked = await walk(pools, { ...request, filter: everything, wanted: request.firstLook }, undefined);
  const end = looked.at(-1);
  if (end === undefined) return { places: [], isAll: true };
  const isAll = looked.length < request.firstLook;
  const { filter, isOldestFirst } = request;
  const bounded = isOldestFirst
    ? { ...filter, toNs: earlier(filter.toNs, end.timeNs + 1n) }
    : { ...filter, fromNs: later(filter.fromNs, end.timeNs) };
  return { places: await walk(pools, { ...request, filter: bounded }, undefined), isAll };
}

/** Goes through the alerts in the order that is asked for, until there are enough. */
async function walk(
  pools: SearchPools,
  request: Request,
  spans: readonly Span[] | undefined,
): Promise<readonly Place[]> {
  const { filter, wanted, isOldestFirst, signal } = request;
  const { filter: sql } = startMatching(filter);
  const matches = sql.isExact ? undefined : createMatcher(filter);
  const places: Place[] = [];
  let { after } = request;
  for (;;) {
    const matching = startMatching(filter);
    const { parameters, needs } = matching;
    if (matches !== undefined) Object.assign(needs, { bodies: true, triage: true });
    const more =
      after === undefined
        ? []
        : [
            `(a.time_ns, a.seq) ${isOldestFirst ? '>' : '<'} (${parameters.add(after.timeNs)}::bigint, ${parameters.add(after.seq)}::bigint)`,
          ];
    const direction = isOldestFirst ? 'ASC' : 'DESC';
    const most = matches === undefined ? wanted : ROWS_AT_ONCE;
    const columns = matches === undefined ? 'a.seq, a.time_ns' : KEPT_COLUMNS;
    const found = `SELECT ${columns} ${fromWhere(matching, { more, spans })}`;
    const of = spans === undefined ? 'a' : 'found';
    const order = `ORDER BY ${of}.time_ns ${direction}, ${of}.seq ${direction} LIMIT ${most}`;
    // Of spans, all is looked at: PostgreSQL must not think that going through all alerts by time is better.
    const text =
      spans === undefined
        ? `${found} ${order}`
        : `WITH found AS MATERIALIZED (${found}) SELECT * FROM found ${order}`;
    const rows = await askUnlessAborted(pools, { text, parameters: parameters.values }, signal);
    for (const row of rows) {
      const place = { timeNs: BigInt(row.time_ns as number), seq: Number(row.seq) }; // Columns of whole numbers.
      after = place;
      if (matches === undefined || keptFrom(row).some(({ kept }) => matches(kept))) places.push(place);
    }
    if (places.length >= wanted || rows.length < most) return places.slice(0, wanted);
  }
}
