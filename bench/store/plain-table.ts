/**
 * What the store is measured against: SQLite as one would first think of it, a table with a column and an index for what is
 * asked most, and FTS5 for words.
 */

import { DatabaseSync } from 'node:sqlite';
import { type HubAlert, textOfValue } from '@peregrine/alert';

export class PlainTable {
  readonly #database: DatabaseSync;
  readonly #alert: ReturnType<DatabaseSync['prepare']>;
  readonly #words: ReturnType<DatabaseSync['prepare']>;

  constructor(path: string) {
    const database = new DatabaseSync(path);
    database.exec(`
      PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;
      CREATE TABLE IF NOT EXISTS alerts (
        id INTEGER PRIMARY KEY, time_ns INTEGER, rule TEXT, priority TEXT, source TEXT, hostname TEXT, namespace TEXT,
        image TEXT, process TEXT, user_name TEXT, cmdline TEXT, json TEXT
      );
      CREATE INDEX IF NOT EXISTS by_time ON alerts (time_ns);
      CREATE INDEX IF NOT EXISTS by_rule ON alerts (rule, time_ns);
      CREATE INDEX IF NOT EXISTS by_priority ON alerts (priority, time_ns);
      CREATE INDEX IF NOT EXISTS by_namespace ON alerts (namespace, time_ns);
      CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (
        text, content = '', tokenize = "unicode61 tokenchars '-_./'"
      );
    `);
    this.#database = database;
    this.#alert = database.prepare('INSERT INTO alerts VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#words = database.prepare('INSERT INTO words (rowid, text) VALUES (?, ?)');
  }

  append(alerts: readonly HubAlert[]): void {
    this.#database.exec('BEGIN');
    for (const alert of alerts) {
      const { timeNs, rule, priority, source, hostname, tags, output, fields, json } = alert;
      const field = (name: string): string => textOfValue(fields[name] ?? null);
      const { lastInsertRowid } = this.#alert.run(
        ...[
          timeNs,
          rule,
          priority,
          source,
          hostname,
          field('k8s.ns.name'),
          field('container.image.repository'),
        ],
        ...[field('proc.name'), field('user.name'), field('proc.cmdline'), json],
      );
      const values = Object.entries(fields).map(([name, value]) =>
        value === null || name === 'evt.time' ? '' : textOfValue(value),
      );
      this.#words.run(
        lastInsertRowid,
        [rule, priority, source, hostname, ...tags, output, ...values].join(' '),
      );
    }
    this.#database.exec('COMMIT');
  }

  ask(sql: string): unknown {
    const statement = this.#database.prepare(sql);
    statement.setReadBigInts(true);
    return statement.all();
  }

  close(): void {
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    this.#database.close();
  }
}
