/** How much is there, and giving up what is too much: whole parts, oldest first. */

import type { Pool } from 'pg';
import type { Retention, StoreFacts } from '../alert-store.ts';
import { ask, bigOf, inTransaction } from './ask.ts';
import { dropPart, readParts } from './parts.ts';
import { schemaVersion } from './schema.ts';

/** Tables whose alerts are in parts, and the others. */
const SIZE = `SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint AS size FROM (
  SELECT inhrelid AS oid FROM pg_inherits WHERE inhparent IN ('alerts'::regclass, 'bodies'::regclass)
  UNION ALL SELECT unnest(ARRAY['blocks', 'incidents', 'stories', 'overrides', 'field_counts']::regclass[])) AS tables`;

export async function factsOf(pool: Pool): Promise<StoreFacts> {
  const { rows } = await ask(
    pool,
    `SELECT last_seq, p.first_seq, p.min_ns, p.max_ns, (${SIZE}) AS size FROM store_state,
       (SELECT min(first_seq) AS first_seq, min(min_ns) AS min_ns, max(max_ns) AS max_ns FROM parts) AS p`,
  );
  const [row] = rows;
  const alertCount = Math.max(0, Number(row?.last_seq ?? 0) - Number(row?.first_seq ?? 1) + 1);
  const isEmpty = alertCount === 0 || row?.first_seq === null;
  return {
    engine: 'postgres',
    alertCount: isEmpty ? 0 : alertCount,
    sizeBytes: Number(row?.size ?? 0),
    oldestNs: isEmpty ? undefined : bigOf(row?.min_ns),
    newestNs: isEmpty ? undefined : bigOf(row?.max_ns),
    schemaVersion,
  };
}

/** Gives the number of alerts that were removed. Parts that a hub still fills stay. */
export async function removeOldParts(
  pool: Pool,
  { maxCount, maxBytes }: Retention,
  floorNs: bigint | undefined,
): Promise<number> {
  let removedCount = 0;
  for (;;) {
    const isRemoved = await inTransaction(pool, async (client) => {
      // Those who append wait, and other hubs that remove.
      const state = await ask(client, 'SELECT last_seq FROM store_state FOR UPDATE');
      const lastSeq = Number(state.rows[0]?.last_seq ?? 0);
      const [oldest] = await readParts(client);
      if (oldest === undefined || oldest.endSeq > lastSeq) return false;
      const { firstSeq, endSeq, maxNs } = oldest;
      const isOld = floorNs !== undefined && maxNs < floorNs;
      const isTooMany = maxCount > 0 && lastSeq - endSeq + 1 >= maxCount;
      const isTooLarge = maxBytes > 0 && Number((await ask(client, SIZE)).rows[0]?.size ?? 0) > maxBytes;
      if (!isOld && !isTooMany && !isTooLarge) return false;
      await dropPart(client, oldest);
      removedCount += endSeq - firstSeq;
      return true;
    });
    if (!isRemoved) return removedCount;
  }
}
