/** What people write about incidents. */

import type { SqlDatabase } from '../sql/sql-database.ts';
import { fromStored, toStored } from './stored-text.ts';

export interface StoredNote {
  readonly id: string;
  readonly timeMs: number;
  readonly user: string;
  readonly text: string;
}

/** Of one incident; the oldest are given up. */
const MOST_NOTES = 1_000;

export class Notes {
  readonly #database: SqlDatabase;

  /** The tables are there: see `prepareRecords`. */
  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async add(incident: string, note: StoredNote): Promise<void> {
    await this.#database.transaction(async (session) => {
      await session.run('INSERT INTO notes VALUES ($1, $2, $3, $4, $5)', [
        ...[note.id, incident, note.timeMs],
        ...[toStored(note.user), toStored(note.text)],
      ]);
      await session.run(
        `DELETE FROM notes WHERE incident = $1 AND id NOT IN
           (SELECT id FROM notes WHERE incident = $1 ORDER BY time_ms DESC, id LIMIT ${MOST_NOTES})`,
        [incident],
      );
    });
  }

  /** Oldest first. */
  async of(incident: string): Promise<readonly StoredNote[]> {
    const rows = await this.#database.all('SELECT * FROM notes WHERE incident = $1 ORDER BY time_ms, id', [
      incident,
    ]);
    return rows.map((row) => ({
      id: String(row.id),
      timeMs: Number(row.time_ms),
      user: fromStored(row.user_name),
      text: fromStored(row.body),
    }));
  }
}
