/** Small tables beside the alerts, in a file of their own: what changes them never waits for alerts, nor the other way round. */

import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { SqlDatabase, SqlRow, SqlSession, SqlValue } from '../sql/sql-database.ts';
import { makePrivate } from './private-file.ts';

export interface RecordsFile {
  all(sql: string, parameters: readonly SqlValue[]): readonly SqlRow[];
  run(sql: string, parameters: readonly SqlValue[]): number;
  close(): void;
}

const MOST_STATEMENTS = 256;

export function openRecords(path: string): RecordsFile {
  makePrivate(path);
  const database = new DatabaseSync(path, { timeout: 5_000 });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
  const statements = new Map<string, StatementSync>();

  function statementOf(sql: string): StatementSync {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    if (statements.size >= MOST_STATEMENTS) statements.clear();
    const statement = database.prepare(sql);
    statement.setReadBigInts(true);
    statements.set(sql, statement);
    return statement;
  }

  return {
    all: (sql, parameters) =>
      statementOf(sql)
        .all(named(parameters))
        .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]))),
    run: (sql, parameters) => Number(statementOf(sql).run(named(parameters)).changes),
    close: () => database.close(),
  };
}

/** The records without the alerts, whether a hub has them open or not. One call at a time. */
export function openSqliteRecords(storePath: string): { readonly records: SqlDatabase; close(): void } {
  const file = openRecords(recordsPathOf(storePath));
  const session: SqlSession = {
    all: async (sql, parameters = []) => file.all(sql, parameters),
    run: async (sql, parameters = []) => file.run(sql, parameters),
  };
  const records: SqlDatabase = {
    ...session,
    transaction: async (work) => {
      file.run('BEGIN IMMEDIATE', []);
      try {
        const value = await work(session);
        file.run('COMMIT', []);
        return value;
      } catch (error) {
        file.run('ROLLBACK', []);
        throw error;
      }
    },
  };
  return { records, close: () => file.close() };
}

/** Beside the file of the alerts. */
export function recordsPathOf(storePath: string): string {
  return storePath.replace(/(?:\.db)?$/, '-records.db');
}

/** `$1` is a name to SQLite. */
function named(parameters: readonly SqlValue[]): Record<string, SqlValue> {
  return Object.fromEntries(parameters.map((value, i) => [`$${i + 1}`, value]));
}

function plain(value: unknown): SqlValue {
  if (typeof value === 'bigint')
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  return value as SqlValue; // What SQLite gives is nothing else.
}
