/** Versions of rules files that are changed from the web interface: their whole texts, numbered from 1 for each file. */

import type { SqlDatabase, SqlRow } from '../sql/sql-database.ts';
import { fromStored, toStored } from './stored-text.ts';

export interface RulesVersionFacts {
  readonly version: number;
  readonly timeMs: number;
  /** Empty: somebody changed the file itself. */
  readonly user: string;
  readonly comment: string;
}

export interface StoredRulesVersion extends RulesVersionFacts {
  readonly text: string;
}

/** Of one file; the oldest go. */
export const MOST_RULES_VERSIONS = 1_000;

export class RulesVersions {
  readonly #database: SqlDatabase;
  readonly #hub: string;

  /** The tables are there: see `prepareRecords`. `hub`: whose files they are, where several hubs share the database. */
  constructor(database: SqlDatabase, hub = '') {
    this.#database = database;
    this.#hub = hub;
  }

  #stored(file: string): string {
    return toStored(this.#hub === '' ? file : `${this.#hub}/${file}`);
  }

  /** Newest first. */
  async of(file: string): Promise<readonly RulesVersionFacts[]> {
    const rows = await this.#database.all(
      'SELECT version, time_ms, user_name, comment FROM rules_versions WHERE file = $1 ORDER BY version DESC',
      [this.#stored(file)],
    );
    return rows.map(factsFrom);
  }

  async get(file: string, version: number): Promise<StoredRulesVersion | undefined> {
    const [row] = await this.#database.all('SELECT * FROM rules_versions WHERE file = $1 AND version = $2', [
      this.#stored(file),
      version,
    ]);
    return row && { ...factsFrom(row), text: fromStored(row.body) };
  }

  async latest(file: string): Promise<StoredRulesVersion | undefined> {
    const [row] = await this.#database.all(
      'SELECT * FROM rules_versions WHERE file = $1 ORDER BY version DESC LIMIT 1',
      [this.#stored(file)],
    );
    return row && { ...factsFrom(row), text: fromStored(row.body) };
  }

  /** Gives its number. */
  add(file: string, version: Omit<StoredRulesVersion, 'version'>): Promise<number> {
    return this.#database.transaction(async (session) => {
      const name = this.#stored(file);
      const [row] = await session.all('SELECT max(version) AS version FROM rules_versions WHERE file = $1', [
        name,
      ]);
      const next = Number(row?.version ?? 0) + 1;
      const { timeMs, user, comment, text } = version;
      await session.run('INSERT INTO rules_versions VALUES ($1, $2, $3, $4, $5, $6)', [
        ...[name, next, timeMs, toStored(user), toStored(comment), toStored(text)],
      ]);
      await session.run('DELETE FROM rules_versions WHERE file = $1 AND version <= $2', [
        name,
        next - MOST_RULES_VERSIONS,
      ]);
      return next;
    });
  }
}

function factsFrom(row: SqlRow): RulesVersionFacts {
  return {
    version: Number(row.version),
    timeMs: Number(row.time_ms),
    user: fromStored(row.user_name),
    comment: fromStored(row.comment),
  };
}
