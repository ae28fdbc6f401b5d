/** Tables for what is kept beside alerts, and how older ones become the present ones. */

import type { SqlDatabase } from '../sql/sql-database.ts';
import { migrateTables, type TableMigrations } from './migrate-tables.ts';

/** SQL as every database understands it; the number of a schema is how many of these were applied. */
export const recordMigrations: TableMigrations['steps'] = [
  {
    up: [
      `CREATE TABLE users (name TEXT PRIMARY KEY, role TEXT NOT NULL, source TEXT NOT NULL, password_hash TEXT,
         created_ms BIGINT NOT NULL, last_seen_ms BIGINT, is_disabled INTEGER NOT NULL)`,
      `CREATE TABLE sessions (token_hash TEXT PRIMARY KEY, user_name TEXT NOT NULL, via TEXT NOT NULL,
         csrf_token TEXT NOT NULL, created_ms BIGINT NOT NULL, last_seen_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL)`,
      'CREATE INDEX sessions_by_user ON sessions (user_name)',
      `CREATE TABLE audit_log (number BIGINT PRIMARY KEY, time_ms BIGINT NOT NULL, user_name TEXT NOT NULL,
         address TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL, detail TEXT NOT NULL)`,
      `CREATE TABLE notes (id TEXT PRIMARY KEY, incident TEXT NOT NULL, time_ms BIGINT NOT NULL, user_name TEXT NOT NULL,
         body TEXT NOT NULL)`,
      'CREATE INDEX notes_by_incident ON notes (incident, time_ms)',
      `CREATE TABLE views (id TEXT PRIMARY KEY, owner TEXT NOT NULL, name TEXT NOT NULL, query TEXT NOT NULL,
         is_shared INTEGER NOT NULL, UNIQUE (owner, name))`,
      'CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL)',
    ],
    down: ['settings', 'views', 'notes', 'audit_log', 'sessions', 'users'].map(
      (table) => `DROP TABLE ${table}`,
    ),
  },
  {
    up: [
      `CREATE TABLE rules_versions (file TEXT NOT NULL, version BIGINT NOT NULL, time_ms BIGINT NOT NULL,
         user_name TEXT NOT NULL, comment TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (file, version))`,
    ],
    down: ['DROP TABLE rules_versions'],
  },
];

/** Brings the tables to `version`. Throws a `Fault` for what a newer version made. */
export function prepareRecords(
  database: SqlDatabase,
  version: number = recordMigrations.length,
): Promise<void> {
  const title = 'what is kept beside alerts was';
  return migrateTables(database, { table: 'records_schema', title, steps: recordMigrations }, version);
}
