/** Small tables beside the alerts, in a file of their own: what changes them never waits for alerts, nor the other way round. */

import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { SqlRow, SqlValue } from '../sql/sql-database.ts';

export interface RecordsFile {
  all(sql: string, parameters: readonly SqlValue[]): readonly SqlRow[];
  run(sql: string, parameters: readonly SqlValue[]): number;
  close(): void;
}

const MOST_STATEMENTS = 256;

export function openRecords(path: string): RecordsFile {
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

/** `$1` is a name to SQLite. */
function named(parameters: readonly SqlValue[]): Record<string, SqlValue> {
  return Object.fromEntries(parameters.map((value, i) => [`$${i + 1}`, value]));
}

function plain(value: unknown): SqlValue {
  if (typeof value === 'bigint')
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  return value as SqlValue; // What SQLite gives is nothing else.
}
