/** How large the store is. */

import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

/** With what is not yet in the database file itself. */
export function sizeOnDisk(path: string): number {
  const sizeOf = (name: string): number => statSync(name, { throwIfNoEntry: false })?.size ?? 0;
  return sizeOf(path) + sizeOf(`${path}-wal`);
}

/** What the file will have when the latest changes are in it: files shrink only then. */
export function sizeWhenWritten(database: DatabaseSync): number {
  const pragma = (name: string): number => Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
  return pragma('page_count') * pragma('page_size');
}
