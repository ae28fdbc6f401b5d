/**
 * The ledger in a file of SQLite. Small: old decisions that are over go when there are too many. Writes do not wait for the
 * disk; `flush` does.
 */

import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { encodeJson, type HubValue, parseJson } from '@peregrine/alert';
import { Fault } from '@peregrine/base';
import type { Ledger } from './ledger.ts';
import {
  publicOf,
  type RunPage,
  type RunQuery,
  type RunRecord,
  type RunState,
  type StoredRun,
} from './run-record.ts';

/** Of the tables below. */
const VERSION = 1;
const TABLES = `
  CREATE TABLE runs (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    alert_uuid TEXT NOT NULL,
    rule TEXT NOT NULL,
    step INTEGER NOT NULL,
    state TEXT NOT NULL,
    undo_at_ms INTEGER,
    words TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX runs_by_alert ON runs (alert_uuid, rule, step);
  CREATE INDEX runs_by_state ON runs (state, seq);
  CREATE TABLE repeats (alert_uuid TEXT NOT NULL, run_id TEXT NOT NULL, PRIMARY KEY (alert_uuid, run_id)) STRICT, WITHOUT ROWID;
  CREATE INDEX repeats_by_run ON repeats (run_id);
  CREATE TABLE flushes (only INTEGER PRIMARY KEY CHECK (only = 1), count INTEGER NOT NULL) STRICT;
  INSERT INTO flushes VALUES (1, 0);
`;
/** States that are not over, or that something may still happen to. */
const OPEN: readonly RunState[] = ['queued', 'waiting', 'begun'];
/** Rows above `mostRuns` before old ones go. */
const SLACK = 1_000;
/** Alerts that are remembered of each run beside its own. */
const MOST_REPEATS = 100;

export interface SqliteLedgerOptions {
  /** Path; `:memory:` for tests. */
  readonly path: string;
  /** Decisions that are kept. */
  readonly mostRuns: number;
}

/** Throws a `Fault` where the file cannot be used. */
export function openSqliteLedger(options: SqliteLedgerOptions): Ledger {
  try {
    return new SqliteLedger(options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Fault(
      'response-ledger',
      `\`${options.path}\`, where responses are written down, cannot be used: ${reason}`,
      {
        hint: 'move it away to begin anew',
        cause: error,
      },
    );
  }
}

class SqliteLedger implements Ledger {
  readonly #database: DatabaseSync;
  readonly #mostRuns: number;
  readonly #statements = new Map<string, StatementSync>();
  #sinceTrimmed = 0;

  constructor({ path, mostRuns }: SqliteLedgerOptions) {
    this.#mostRuns = mostRuns;
    this.#database = new DatabaseSync(path);
    this.#database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;',
    );
    const version = Number(this.#one('PRAGMA user_version')?.user_version ?? 0);
    if (version > VERSION)
      throw new Error(`it is of a newer version (${version}; this program knows ${VERSION})`);
    if (version === 0) this.#atOnce(() => this.#database.exec(`${TABLES} PRAGMA user_version = ${VERSION};`));
  }

  insert(runs: readonly StoredRun[]): void {
    if (runs.length === 0) return;
    this.#atOnce(() => {
      for (const run of runs) {
        this.#run(
          'INSERT INTO runs (id, alert_uuid, rule, step, state, undo_at_ms, words, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
          ...[run.id, run.alertUuid, run.rule, run.step, run.state, run.undoAtMs ?? null],
          ...[wordsOf(run), encoded(run)],
        );
      }
    });
    this.#sinceTrimmed += runs.length;
    if (this.#sinceTrimmed >= SLACK) this.#trim();
  }

  update(id: string, change: Partial<StoredRun>): void {
    const run = this.get(id);
    if (run === undefined) return;
    this.#put({ ...run, ...change });
  }

  flush(): void {
    this.#database.exec('PRAGMA synchronous = FULL');
    this.#run('UPDATE flushes SET count = count + 1');
    this.#database.exec('PRAGMA synchronous = NORMAL');
  }

  get(id: string): StoredRun | undefined {
    const row = this.#one('SELECT body FROM runs WHERE id = ?', id);
    return row === undefined ? undefined : decoded(row.body);
  }

  stepsOf(alertUuid: string, rule: string): readonly StoredRun[] {
    return this.#bodies(
      'SELECT body FROM runs WHERE alert_uuid = ? AND rule = ? ORDER BY step',
      alertUuid,
      rule,
    );
  }

  hasAlert(alertUuid: string): boolean {
    const found =
      this.#one('SELECT 1 FROM runs WHERE alert_uuid = ?', alertUuid) ??
      this.#one('SELECT 1 FROM repeats WHERE alert_uuid = ?', alertUuid);
    return found !== undefined;
  }

  find({ states, rule, alertUuid, text, limit, after }: RunQuery): RunPage {
    const tests: string[] = ['TRUE'];
    const values: SQLInputValue[] = [];
    const add = (test: string, ...given: readonly SQLInputValue[]): void => {
      tests.push(test);
      values.push(...given);
    };
    if (states !== undefined) add(`state IN (${states.map(() => '?').join(', ')})`, ...states);
    if (rule !== undefined) add('rule = ?', rule);
    if (alertUuid !== undefined)
      add(
        '(alert_uuid = ? OR id IN (SELECT run_id FROM repeats WHERE alert_uuid = ?))',
        alertUuid,
        alertUuid,
      );
    if (text !== undefined && text !== '') add('instr(words, ?) > 0', text.toLowerCase());
    if (after !== undefined) add('seq < ?', Number(after) || 0);
    const rows = this.#all(
      `SELECT seq, body FROM runs WHERE ${tests.join(' AND ')} ORDER BY seq DESC LIMIT ?`,
      ...[...values, limit + 1],
    );
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      runs: shown.map(({ body }) => publicOf(decoded(body))),
      next: rows.length > limit && last !== undefined ? String(last.seq) : undefined,
    };
  }

  count(states: readonly RunState[]): number {
    const marks = states.map(() => '?').join(', ');
    return Number(
      this.#one(`SELECT count(*) AS count FROM runs WHERE state IN (${marks})`, ...states)?.count ?? 0,
    );
  }

  inStates(states: readonly RunState[]): readonly StoredRun[] {
    return this.#bodies(
      `SELECT body FROM runs WHERE state IN (${states.map(() => '?').join(', ')}) ORDER BY seq`,
      ...states,
    );
  }

  toUndo(): readonly StoredRun[] {
    return this.#bodies(
      "SELECT body FROM runs WHERE state = 'done' AND undo_at_ms IS NOT NULL ORDER BY undo_at_ms",
    );
  }

  noteRepeat(id: string, alertUuid: string): void {
    const run = this.get(id);
    if (run === undefined) return;
    this.#atOnce(() => {
      if (run.repeatCount < MOST_REPEATS)
        this.#run('INSERT OR IGNORE INTO repeats VALUES (?, ?)', alertUuid, id);
      this.#put({ ...run, repeatCount: run.repeatCount + 1 });
    });
  }

  close(): void {
    this.flush();
    this.#statements.clear();
    this.#database.close();
  }

  #put(run: StoredRun): void {
    this.#run(
      'UPDATE runs SET state = ?, undo_at_ms = ?, words = ?, body = ? WHERE id = ?',
      ...[run.state, run.undoAtMs ?? null, wordsOf(run), encoded(run), run.id],
    );
  }

  #trim(): void {
    this.#sinceTrimmed = 0;
    const last = Number(this.#one('SELECT max(seq) AS seq FROM runs')?.seq ?? 0) - this.#mostRuns;
    if (last <= 0) return;
    this.#atOnce(() => {
      const open = OPEN.map((state) => `'${state}'`).join(', ');
      const old = `seq <= ${last} AND state NOT IN (${open}) AND undo_at_ms IS NULL`;
      this.#database.exec(`DELETE FROM repeats WHERE run_id IN (SELECT id FROM runs WHERE ${old})`);
      this.#database.exec(`DELETE FROM runs WHERE ${old}`);
    });
  }

  #atOnce(work: () => void): void {
    if (this.#database.isTransaction) {
      work();
      return;
    }
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const made = this.#database.prepare(sql);
    this.#statements.set(sql, made);
    return made;
  }

  #run(sql: string, ...values: readonly SQLInputValue[]): void {
    this.#statement(sql).run(...values);
  }

  #one(sql: string, ...values: readonly SQLInputValue[]): Record<string, unknown> | undefined {
    return this.#statement(sql).get(...values);
  }

  #all(sql: string, ...values: readonly SQLInputValue[]): readonly Record<string, unknown>[] {
    return this.#statement(sql).all(...values);
  }

  #bodies(sql: string, ...values: readonly SQLInputValue[]): readonly StoredRun[] {
    return this.#all(sql, ...values).map(({ body }) => decoded(body));
  }
}

function wordsOf({ rule, action, actionner, target, summary, alertRule }: RunRecord): string {
  return [rule, action, actionner, target, summary, alertRule].join('\n').toLowerCase();
}

function encoded(run: StoredRun): string {
  // All of it is JSON; numbers of results keep all of their digits.
  return encodeJson(run as unknown as { readonly [key: string]: HubValue });
}

function decoded(body: unknown): StoredRun {
  const parsed = parseJson(String(body));
  if ('problem' in parsed) throw new Error(`a decision cannot be read: ${parsed.problem}`);
  // Written by `encoded`; what was undefined is absent, which reads the same.
  return parsed.value as unknown as StoredRun;
}
