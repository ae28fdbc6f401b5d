/** Tables of the store on SQLite, and how older ones become the present ones. */

import type { DatabaseSync } from 'node:sqlite';
import { Fault } from '@peregrine/base';
import { checksumOf } from './incident-rows.ts';

const INCIDENT_COLUMNS =
  'id, key, rule, source, workload, hostname, urgency, first_ns, last_ns, count, state, assignee, output';

/**
 * SQL; the number of a schema is how many of these were applied. There is no way down: an older program gets the alerts of a
 * newer one's store by `peregrine alerts export` and `import`.
 */
export const migrations: readonly string[] = [
  `
      CREATE TABLE feeds (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
      CREATE TABLE blocks (first_seq INTEGER PRIMARY KEY, count INTEGER NOT NULL, data BLOB NOT NULL) STRICT;
      CREATE TABLE segments (
        id INTEGER PRIMARY KEY, first_seq INTEGER NOT NULL, row_count INTEGER NOT NULL,
        base_ns INTEGER NOT NULL, min_ns INTEGER NOT NULL, max_ns INTEGER NOT NULL, size_bytes INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE columns (
        segment INTEGER NOT NULL, name TEXT NOT NULL, present INTEGER NOT NULL, data BLOB NOT NULL,
        PRIMARY KEY (segment, name)
      ) STRICT;
      CREATE TABLE postings (
        segment INTEGER NOT NULL, chunk INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (segment, chunk)
      ) STRICT;
      CREATE TABLE incidents (
        id TEXT PRIMARY KEY, key TEXT NOT NULL, rule TEXT NOT NULL, source TEXT NOT NULL, workload TEXT NOT NULL,
        hostname TEXT NOT NULL, urgency INTEGER NOT NULL, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL,
        count INTEGER NOT NULL, state TEXT NOT NULL, assignee TEXT, output TEXT NOT NULL
      ) STRICT;
      CREATE INDEX incidents_by_key ON incidents (key, last_ns);
      CREATE INDEX incidents_by_last ON incidents (last_ns);
      CREATE TABLE overrides (seq INTEGER PRIMARY KEY, state TEXT NOT NULL, assignee TEXT) STRICT;
      CREATE TABLE stories (key TEXT PRIMARY KEY, seq INTEGER NOT NULL, data BLOB NOT NULL) STRICT;
      CREATE INDEX stories_by_seq ON stories (seq);
  `,
  `
      CREATE TABLE new_incidents (
        id TEXT PRIMARY KEY, key TEXT NOT NULL, rule TEXT NOT NULL, source TEXT NOT NULL, workload TEXT NOT NULL,
        hostname TEXT NOT NULL, urgency INTEGER NOT NULL, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL,
        count INTEGER NOT NULL, state TEXT NOT NULL, assignee TEXT, output TEXT NOT NULL, through_seq INTEGER NOT NULL,
        sum INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      INSERT INTO new_incidents SELECT *, checksum(${INCIDENT_COLUMNS}, through_seq) FROM
        (SELECT ${INCIDENT_COLUMNS}, (SELECT coalesce(max(first_seq + count - 1), 0) FROM blocks) AS through_seq FROM incidents);
      DROP TABLE incidents;
      ALTER TABLE new_incidents RENAME TO incidents;
      CREATE INDEX incidents_by_key ON incidents (key);
      CREATE INDEX incidents_by_last ON incidents (last_ns DESC, id);
      CREATE INDEX incidents_by_urgency ON incidents (urgency DESC, last_ns DESC, id);
      CREATE INDEX incidents_by_count ON incidents (count DESC, last_ns DESC, id);
      ALTER TABLE segments ADD COLUMN manifest BLOB;
      ALTER TABLE feeds ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
      UPDATE feeds SET sum = checksum(name, seq);
      ALTER TABLE overrides ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
      UPDATE overrides SET sum = checksum(seq, state, assignee);
  `,
  `
      CREATE INDEX incidents_by_state ON incidents (state, urgency, assignee);
  `,
  `
      CREATE TABLE incident_log (
        segment INTEGER NOT NULL, part INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (segment, part)
      ) STRICT;
      DROP INDEX incidents_by_state;
      DROP INDEX incidents_by_key;
      CREATE INDEX incidents_by_key ON incidents (last_ns / 86400000000000, key);
      CREATE INDEX incidents_triaged ON incidents (id) WHERE state <> 'new' OR assignee IS NOT NULL;
  `,
];

/** Throws a `Fault` for what a newer version made. */
export function refuseNewer(database: DatabaseSync, path: string): void {
  const present = schemaVersionOf(database);
  if (present <= migrations.length) return;
  throw new Fault(
    'store-schema',
    `the store \`${path}\` was made by a newer version: its schema is ${present}, this one knows up to ${migrations.length}`,
    { hint: 'start the newer version, or have it export what is there and import that into another file' },
  );
}

/** Brings the tables to this version, one step after the other, each whole or not at all. `onStep`: told before each. */
export function migrate(database: DatabaseSync, path: string, onStep: (text: string) => void): void {
  const present = schemaVersionOf(database);
  database.function(
    'checksum',
    { varargs: true, useBigIntArguments: true, deterministic: true },
    (...values) => checksumOf(values),
  );
  for (const [at, sql] of migrations.entries()) {
    if (at < present) continue;
    if (present > 0) onStep(`the store \`${path}\` is brought from schema ${at} to ${at + 1}`);
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(sql);
      database.exec(`PRAGMA user_version = ${at + 1}`);
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }
}

export function schemaVersionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
}
