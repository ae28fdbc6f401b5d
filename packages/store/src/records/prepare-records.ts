/** Tables for what is kept beside alerts, and how older ones become the present ones. */

import { Fault } from '@peregrine/base';
import type { SqlDatabase } from '../sql/sql-database.ts';

/** SQL as every database understands it; the number of a schema is how many of these were applied. */
export const recordMigrations: readonly {
  readonly up: readonly string[];
  readonly down: readonly string[];
}[] = [
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

/** Brings the tables to `version`, up or down, one step after the other, each whole or not at all. */
export async function prepareRecords(
  database: SqlDatabase,
  version: number = recordMigrations.length,
): Promise<void> {
  await database.run('CREATE TABLE IF NOT EXISTS records_schema (version INTEGER NOT NULL)');
  const [row] = await database.all('SELECT max(version) AS version FROM records_schema');
  const present = Number(row?.version ?? 0);
  if (present > recordMigrations.length) {
    throw new Fault(
      'store-schema',
      `what is kept beside alerts was made by a newer version: its schema is ${present}, this one knows up to ${recordMigrations.length}`,
      { hint: 'start the newer version' },
    );
  }
  for (let at = present; at !== version; at += at < version ? 1 : -1) {
    const isUp = at < version;
    const step = recordMigrations[isUp ? at : at - 1];
    if (step === undefined) throw new Error(`there is no schema ${version}`);
    await database.transaction(async (session) => {
      for (const sql of isUp ? step.up : step.down) await session.run(sql);
      await session.run('DELETE FROM records_schema');
      await session.run('INSERT INTO records_schema VALUES ($1)', [isUp ? at + 1 : at - 1]);
    });
  }
}
