/** Tables of the store on SQLite, and how older ones become the present ones. */

import type { DatabaseSync } from 'node:sqlite';
import { Fault } from '@peregrine/base';

interface Migration {
  readonly up: string;
  readonly down: string;
}

/** The number of a schema is how many of these were applied. */
export const migrations: readonly Migration[] = [
  {
    up: `
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
    down: `
      DROP TABLE stories; DROP TABLE overrides; DROP TABLE incidents; DROP TABLE postings; DROP TABLE columns;
      DROP TABLE segments; DROP TABLE blocks; DROP TABLE feeds;
    `,
  },
];

/** Brings the tables to `version`, up or down, one step after the other, each whole or not at all. */
export function migrate(database: DatabaseSync, path: string, version: number = migrations.length): void {
  const present = schemaVersionOf(database);
  if (present > migrations.length) {
    throw new Fault(
      'store-schema',
      `the store \`${path}\` was made by a newer version: its schema is ${present}, this one knows up to ${migrations.length}`,
      { hint: 'start the newer version, or have it export what is there and name another file' },
    );
  }
  for (let at = present; at !== version; at += at < version ? 1 : -1) {
    const isUp = at < version;
    const step = migrations[isUp ? at : at - 1];
    if (step === undefined) throw new Error(`there is no schema ${version}`);
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(isUp ? step.up : step.down);
      database.exec(`PRAGMA user_version = ${isUp ? at + 1 : at - 1}`);
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
