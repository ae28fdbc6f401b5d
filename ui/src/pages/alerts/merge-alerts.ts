/** Alerts of a list that goes on at both ends: older ones are asked for, new ones come. */

import type { Alert } from '@peregrine/api/contract';

/** Kept in the browser, however long the page is open. */
export const MOST_ROWS = 10_000;

/** Newest first; one that is there already is replaced. `time` has the same number of digits in all of them. */
export function mergeNew(rows: readonly Alert[], fresh: readonly Alert[]): readonly Alert[] {
  if (fresh.length === 0) return rows;
  const ids = new Set(fresh.map(({ id }) => id));
  const added = [...new Map(fresh.map((alert) => [alert.id, alert])).values()].sort(newestFirst);
  const merged: Alert[] = [];
  let at = 0;
  for (const row of rows) {
    if (ids.has(row.id)) continue;
    for (let next = added[at]; next !== undefined && next.time >= row.time; next = added[++at])
      merged.push(next);
    if (merged.length >= MOST_ROWS) break;
    merged.push(row);
  }
  merged.push(...added.slice(at));
  return merged.slice(0, MOST_ROWS);
}

function newestFirst(a: Alert, b: Alert): number {
  return a.time < b.time ? 1 : a.time > b.time ? -1 : 0;
}
