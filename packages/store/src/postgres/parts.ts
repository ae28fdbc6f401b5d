/** Parts of the tables of alerts: each has so many numbers, and goes as a whole. To be used in a transaction. */

import { type Asked, ask, bigOf } from './ask.ts';

const PARTED = ['alerts', 'bodies'] as const;

/** Makes those that the numbers up to `lastSeq` need. Nobody who reads has to wait. */
export async function addParts(client: Asked, lastSeq: number, partRows: number): Promise<void> {
  const { rows } = await ask(client, 'SELECT max(end_seq) AS end_seq FROM parts');
  for (let first = Math.max(1, Number(rows[0]?.end_seq ?? 1)); first <= lastSeq; first += partRows) {
    const end = first + partRows;
    for (const table of PARTED) {
      await ask(client, `CREATE TABLE ${table}_${first} (LIKE ${table} INCLUDING ALL)`);
      await ask(
        client,
        `ALTER TABLE ${table} ATTACH PARTITION ${table}_${first} FOR VALUES FROM (${first}) TO (${end})`,
      );
    }
    await ask(client, 'INSERT INTO parts VALUES ($1, $2, $3, $4)', [
      first,
      end,
      2n ** 63n - 1n,
      -(2n ** 63n),
    ]);
  }
}

/** Takes note of the times of alerts, which are at least one. */
export async function widenParts(
  client: Asked,
  rows: readonly { readonly seq: number; readonly timeNs: bigint }[],
  partRows: number,
): Promise<void> {
  const spans = new Map<number, { minNs: bigint; maxNs: bigint }>();
  for (const { seq, timeNs } of rows) {
    const first = firstOfPart(seq, partRows);
    const span = spans.get(first) ?? { minNs: timeNs, maxNs: timeNs };
    spans.set(first, span);
    if (timeNs < span.minNs) span.minNs = timeNs;
    if (timeNs > span.maxNs) span.maxNs = timeNs;
  }
  const values = [...spans.values()];
  await ask(
    client,
    `UPDATE parts SET min_ns = least(parts.min_ns, r.min_ns), max_ns = greatest(parts.max_ns, r.max_ns)
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS r(first_seq, min_ns, max_ns)
     WHERE parts.first_seq = r.first_seq`,
    [[...spans.keys()], values.map(({ minNs }) => minNs), values.map(({ maxNs }) => maxNs)],
  );
}

/** Parts begin with 1, and are equally long. */
export const firstOfPart = (seq: number, partRows: number): number => seq - ((seq - 1) % partRows);

export interface Part {
  readonly firstSeq: number;
  readonly endSeq: number;
  readonly maxNs: bigint;
}

/** Oldest first. */
export async function readParts(client: Asked): Promise<readonly Part[]> {
  const { rows } = await ask(client, 'SELECT * FROM parts ORDER BY first_seq');
  return rows.map((row) => ({
    ...{ firstSeq: Number(row.first_seq), endSeq: Number(row.end_seq) },
    maxNs: bigOf(row.max_ns),
  }));
}

/** With all that is kept about its alerts. Waits a moment at most for those who read. */
export async function dropPart(client: Asked, { firstSeq, endSeq }: Part): Promise<void> {
  await ask(client, "SET LOCAL lock_timeout = '5s'");
  await ask(client, 'DELETE FROM parts WHERE first_seq = $1', [firstSeq]);
  for (const table of PARTED) await ask(client, `DROP TABLE ${table}_${firstSeq}`);
  await ask(client, 'DELETE FROM field_counts WHERE first_seq = $1', [firstSeq]);
  for (const table of ['overrides', 'stories'])
    await ask(client, `DELETE FROM ${table} WHERE seq < $1`, [endSeq]);
  await ask(client, 'DELETE FROM blocks WHERE last_seq < $1', [endSeq]);
  await ask(
    client,
    'DELETE FROM incidents WHERE last_ns < (SELECT coalesce(min(min_ns), 9223372036854775807) FROM parts)',
  );
}
