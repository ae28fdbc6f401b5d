/** Rows that a filter finds, as far as SQL can say it: over all alerts, or over blocks of them. */

import type { AlertFilter, KeptAlert } from '../alert-store.ts';
import { createMatcher } from '../match-alert.ts';
import type { SqlRow } from '../sql/sql-database.ts';
import { askUnlessAborted, type SearchPools } from './ask.ts';
import { type BlockWish, blocksSql } from './block-wishes.ts';
import { joinsOf, type Needs } from './dimension-sql.ts';
import { type FilterSql, filterSql } from './filter-sql.ts';
import { Parameters } from './sql-text.ts';
import { KEPT_COLUMNS, type KeptPlace, keptFrom } from './stored-alert-row.ts';

/** Numbers from one to another, both of them included. */
export interface Span {
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** Blocks that are looked at together. */
export const BLOCKS_AT_ONCE = 64;
const ROWS_AT_ONCE = 2_000;
/** With more of the blocks than that, all alerts are looked at one after the other. */
const MOST_BLOCK_SHARE = 0.25;

/** `FROM` and `WHERE` of a statement. */
export interface Matching {
  readonly filter: FilterSql;
  readonly needs: Needs;
  readonly parameters: Parameters;
}

export function startMatching(filter: AlertFilter): Matching {
  const parameters = new Parameters();
  const needs: Needs = { bodies: false, triage: false };
  return { filter: filterSql(filter, parameters, needs), needs, parameters };
}

/** `more`: terms besides those of the filter. `spans`: alerts of these only. */
export function fromWhere(
  { filter, needs, parameters }: Matching,
  {
    more = [],
    spans,
    joins = '',
  }: {
    readonly more?: readonly string[];
    readonly spans?: readonly Span[] | undefined;
    readonly joins?: string;
  } = {},
): string {
  const terms = [...filter.terms, ...more];
  const where = terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`;
  if (spans === undefined) return `FROM alerts a ${joinsOf(needs)} ${joins} ${where}`;
  const firsts = parameters.add(spans.map(({ firstSeq }) => firstSeq));
  const lasts = parameters.add(spans.map(({ lastSeq }) => lastSeq));
  return `FROM unnest(${firsts}::bigint[], ${lasts}::bigint[]) AS w(first_seq, last_seq)
    JOIN alerts a ON a.seq BETWEEN w.first_seq AND w.last_seq ${joinsOf(needs)} ${joins} ${where}`;
}

export interface Block extends Span {
  readonly minNs: bigint;
  readonly maxNs: bigint;
}

export interface Candidates {
  /** Latest first. */
  readonly blocks: readonly Block[];
  /** Alerts that are in no block yet. */
  readonly rest: Span;
}

/** Blocks that may have what the filter finds; `undefined`: they would not make it faster. */
export async function candidateBlocks(
  pools: SearchPools,
  {
    wishes,
    fromNs,
    toNs,
  }: {
    readonly wishes: readonly BlockWish[];
    readonly fromNs?: bigint | undefined;
    readonly toNs?: bigint | undefined;
  },
  {
    mostShare = MOST_BLOCK_SHARE,
    signal,
  }: { readonly mostShare?: number; readonly signal?: AbortSignal | undefined },
): Promise<Candidates | undefined> {
  if (wishes.length === 0) return undefined;
  const [state] = await askUnlessAborted(
    pools,
    {
      text: `SELECT indexed_seq, last_seq, (SELECT count(*) FROM blocks) AS block_count FROM store_state`,
      parameters: [],
    },
    signal,
  );
  const blockCount = Number(state?.block_count ?? 0);
  const parameters = new Parameters();
  const terms = [blocksSql(wishes, parameters)];
  if (fromNs !== undefined) terms.push(`max_ns >= ${parameters.add(fromNs)}`);
  if (toNs !== undefined) terms.push(`min_ns < ${parameters.add(toNs)}`);
  const most = Math.max(BLOCKS_AT_ONCE, Math.ceil(blockCount * mostShare));
  const rows = await askUnlessAborted(
    pools,
    {
      text: `SELECT first_seq, last_seq, min_ns, max_ns FROM blocks WHERE ${terms.join(' AND ')} LIMIT ${most + 1}`,
      parameters: parameters.values,
    },
    signal,
  );
  if (rows.length > most) return undefined;
  const blocks = rows.map((row) => ({
    ...{ firstSeq: Number(row.first_seq), lastSeq: Number(row.last_seq) },
    ...{ minNs: BigInt(row.min_ns as number), maxNs: BigInt(row.max_ns as number) }, // Columns of whole numbers.
  }));
  blocks.sort((a, b) => (a.maxNs === b.maxNs ? b.firstSeq - a.firstSeq : a.maxNs > b.maxNs ? -1 : 1));
  return {
    blocks,
    rest: { firstSeq: Number(state?.indexed_seq ?? 0) + 1, lastSeq: Number(state?.last_seq ?? 0) },
  };
}

/** What a filter finds, in parts and in no order; each alert is looked at by the rule language where SQL cannot say it all. */
export async function* matchingAlerts(
  pools: SearchPools,
  filter: AlertFilter,
  signal?: AbortSignal,
): AsyncGenerator<readonly KeptAlert[]> {
  const matches = createMatcher(filter);
  const { filter: sql } = startMatching(filter);
  const candidates = await candidateBlocks(pools, sql, { signal });
  const read = async (more: (of: Matching) => readonly string[], spans?: readonly Span[]) => {
    const matching = startMatching(filter);
    matching.needs.bodies = true;
    matching.needs.triage = true;
    const text = `SELECT ${KEPT_COLUMNS} ${fromWhere(matching, { more: more(matching), spans })} ORDER BY a.seq LIMIT ${ROWS_AT_ONCE}`;
    return askUnlessAborted(pools, { text, parameters: matching.parameters.values }, signal);
  };
  const found = (rows: readonly SqlRow[]): readonly KeptAlert[] =>
    rows.flatMap(keptFrom).flatMap(({ kept }: KeptPlace) => (matches(kept) ? [kept] : []));
  const spans = candidates && [candidates.rest, ...candidates.blocks];
  for (let at = 0; spans === undefined || at < spans.length; at += BLOCKS_AT_ONCE) {
    const group = spans?.slice(at, at + BLOCKS_AT_ONCE);
    for (let after = 0; ; ) {
      const rows = await read(({ parameters }) => [`a.seq > ${parameters.add(after)}`], group);
      yield found(rows);
      if (rows.length < ROWS_AT_ONCE) break;
      after = Number(rows.at(-1)?.seq ?? 0);
    }
    if (spans === undefined) return;
  }
}
