/** How far journals were read, each with a checksum: a place that is damaged would lose alerts, or bring them twice. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { DamagedBlob } from './blob.ts';
import { checksumOf } from './incident-rows.ts';

export class FeedTable {
  readonly #find: StatementSync;
  readonly #put: StatementSync;

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT * FROM feeds WHERE name = ?');
    this.#put = database.prepare('INSERT OR REPLACE INTO feeds VALUES (?, ?, ?)');
  }

  /** `undefined`: that journal was never read. Throws a `DamagedBlob`. */
  of(feed: string): number | undefined {
    const row = this.#find.get(feed);
    if (row === undefined) return undefined;
    if (checksumOf([row.name, row.seq]) !== row.sum)
      throw new DamagedBlob('its place in the journal is not as it was written');
    return Number(row.seq);
  }

  /** To be called in a transaction. */
  put(feed: string, seq: number): void {
    this.#put.run(feed, seq, checksumOf([feed, seq]));
  }
}
