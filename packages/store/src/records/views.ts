/** Filters that people saved, for themselves or for all. */

import type { SqlDatabase, SqlRow } from '../sql/sql-database.ts';
import { fromStored, toStored } from './stored-text.ts';

export interface StoredView {
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  readonly query: string;
  readonly isShared: boolean;
}

/** Of one owner. */
export const MOST_VIEWS = 500;

export class Views {
  readonly #database: SqlDatabase;

  /** The tables are there: see `prepareRecords`. */
  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  /** One's own, and those that are shared. */
  async of(owner: string): Promise<readonly StoredView[]> {
    const rows = await this.#database.all(
      'SELECT * FROM views WHERE owner = $1 OR is_shared = 1 ORDER BY name, id',
      [toStored(owner)],
    );
    return rows.map(viewFrom);
  }

  async get(id: string): Promise<StoredView | undefined> {
    const [row] = await this.#database.all('SELECT * FROM views WHERE id = $1', [toStored(id)]);
    return row && viewFrom(row);
  }

  /** One of the same owner and name is replaced, and keeps its id. `undefined`: the owner has too many. */
  save(view: StoredView): Promise<StoredView | undefined> {
    return this.#database.transaction(async (session) => {
      const owner = toStored(view.owner);
      const [count] = await session.all(
        'SELECT count(*) AS count FROM views WHERE owner = $1 AND name <> $2',
        [owner, toStored(view.name)],
      );
      if (Number(count?.count ?? 0) >= MOST_VIEWS) return undefined;
      const [row] = await session.all(
        `INSERT INTO views VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (owner, name) DO UPDATE SET query = excluded.query, is_shared = excluded.is_shared RETURNING *`,
        [view.id, owner, toStored(view.name), toStored(view.query), view.isShared ? 1 : 0],
      );
      return row && viewFrom(row);
    });
  }

  async remove(id: string): Promise<void> {
    await this.#database.run('DELETE FROM views WHERE id = $1', [toStored(id)]);
  }
}

function viewFrom(row: SqlRow): StoredView {
  return {
    id: String(row.id),
    owner: fromStored(row.owner),
    name: fromStored(row.name),
    query: fromStored(row.query),
    isShared: Number(row.is_shared) === 1,
  };
}
