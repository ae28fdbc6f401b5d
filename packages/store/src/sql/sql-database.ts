/**
 * SQL as SQLite and PostgreSQL both understand it, for tables that are small: parameters are `$1`, `$2`..., `ON CONFLICT` and
 * `RETURNING` are there. Numbers come back as numbers, 64-bit integers that do not fit as bigint, JSON as text.
 */

export type SqlValue = string | number | bigint | null | Uint8Array;
export type SqlRow = Readonly<Record<string, SqlValue>>;

export interface SqlSession {
  all(sql: string, parameters?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  /** Gives the number of rows that were changed. */
  run(sql: string, parameters?: readonly SqlValue[]): Promise<number>;
}

export interface SqlDatabase extends SqlSession {
  /** All of it or, when it rejects, nothing. Others wait. */
  transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T>;
}
