/**
 * Tables of the alerts on PostgreSQL.
 *
 * Alerts are numbered in the order in which they came, without gaps: whoever appends takes numbers from `store_state`, and
 * keeps that row until its transaction ends. Tables of alerts are in parts of so many numbers each, so that old ones go at
 * once and give their space back.
 */

import { migrateTables, type TableMigrations } from '../records/migrate-tables.ts';
import type { SqlDatabase } from '../sql/sql-database.ts';

/** Texts are compared by their bytes, whatever the language of the database. */
const TEXT = 'TEXT COLLATE "C"';

const steps: TableMigrations['steps'] = [
  {
    up: [
      `CREATE TABLE store_state (id INTEGER PRIMARY KEY CHECK (id = 1), last_seq BIGINT NOT NULL, indexed_seq BIGINT NOT NULL)`,
      'INSERT INTO store_state VALUES (1, 0, 0)',
      `CREATE TABLE feeds (name ${TEXT} PRIMARY KEY, seq BIGINT NOT NULL)`,
      `CREATE TABLE parts (first_seq BIGINT PRIMARY KEY, end_seq BIGINT NOT NULL, min_ns BIGINT NOT NULL, max_ns BIGINT NOT NULL)`,
      `CREATE TABLE alerts (seq BIGINT NOT NULL, time_ns BIGINT NOT NULL, urgency SMALLINT NOT NULL, rule ${TEXT} NOT NULL,
         source ${TEXT} NOT NULL, hostname ${TEXT} NOT NULL, incident ${TEXT} NOT NULL, mark ${TEXT}, uuid UUID,
         tags JSONB NOT NULL, fields JSONB NOT NULL, PRIMARY KEY (seq)) PARTITION BY RANGE (seq)`,
      'CREATE INDEX alerts_by_time ON alerts (time_ns, seq)',
      'CREATE INDEX alerts_by_uuid ON alerts (uuid)',
      `CREATE TABLE bodies (seq BIGINT NOT NULL, output ${TEXT} NOT NULL, searched ${TEXT} NOT NULL, body ${TEXT} NOT NULL,
         PRIMARY KEY (seq)) PARTITION BY RANGE (seq)`,
      `CREATE TABLE blocks (first_seq BIGINT PRIMARY KEY, last_seq BIGINT NOT NULL, min_ns BIGINT NOT NULL,
         max_ns BIGINT NOT NULL, grams SMALLINT[])`,
      'CREATE INDEX blocks_by_grams ON blocks USING GIN (grams)',
      'CREATE INDEX blocks_without_grams ON blocks (first_seq) WHERE grams IS NULL',
      `CREATE TABLE field_counts (first_seq BIGINT NOT NULL, name ${TEXT} NOT NULL, count BIGINT NOT NULL,
         PRIMARY KEY (first_seq, name))`,
      `CREATE TABLE incidents (id ${TEXT} PRIMARY KEY, key ${TEXT} NOT NULL, rule ${TEXT} NOT NULL, source ${TEXT} NOT NULL,
         workload ${TEXT} NOT NULL, hostname ${TEXT} NOT NULL, urgency SMALLINT NOT NULL, first_ns BIGINT NOT NULL,
         last_ns BIGINT NOT NULL, count BIGINT NOT NULL, state ${TEXT} NOT NULL, assignee ${TEXT}, output ${TEXT} NOT NULL)`,
      'CREATE INDEX incidents_by_key ON incidents (key, last_ns)',
      'CREATE INDEX incidents_by_last ON incidents (last_ns DESC, id)',
      'CREATE INDEX incidents_by_urgency ON incidents (urgency DESC, last_ns DESC, id)',
      'CREATE INDEX incidents_by_count ON incidents (count DESC, last_ns DESC, id)',
      `CREATE TABLE overrides (seq BIGINT PRIMARY KEY, state ${TEXT} NOT NULL, assignee ${TEXT})`,
      `CREATE TABLE stories (key ${TEXT} PRIMARY KEY, seq BIGINT NOT NULL, body ${TEXT} NOT NULL)`,
      'CREATE INDEX stories_by_seq ON stories (seq)',
    ],
    down: [
      ...['stories', 'overrides', 'incidents', 'field_counts', 'blocks', 'bodies', 'alerts'],
      ...['parts', 'feeds', 'store_state'],
    ].map((table) => `DROP TABLE ${table}`),
  },
];

export const schemaVersion = steps.length;

/** Makes them, or brings them to this version. Throws a `Fault` for what a newer version made. */
export function prepareAlertTables(database: SqlDatabase, version: number = schemaVersion): Promise<void> {
  const title = 'the store on PostgreSQL was';
  return migrateTables(database, { table: 'alerts_schema', title, steps }, version);
}
