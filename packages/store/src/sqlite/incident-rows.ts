/** Incidents as the database has them: a row for each, with a checksum over all of it. */

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { type HubAlert, priorities } from '@peregrine/alert';
import type { Incident, IncidentFilter, TriageState } from '../alert-store.ts';
import type { CountedGroup, UrgencyCount } from './incident-counts.ts';
import { conditionsOf, type IncidentGroup, incidentOrders } from './incident-filter.ts';

export interface StoredIncident {
  readonly id: string;
  readonly key: string;
  readonly rule: string;
  readonly source: string;
  readonly workload: string;
  hostname: string;
  urgency: number;
  firstNs: bigint;
  lastNs: bigint;
  count: number;
  state: TriageState;
  assignee: string | undefined;
  output: string;
  /** Sequence number of the last of its alerts. */
  throughSeq: number;
}

type Row = Readonly<Record<string, unknown>>;

/** Rows of one key are looked for by the day of their last alert: what is written of late lies together. */
const DAY_NS = 86_400_000_000_000n;
const LONG_AGO_NS = -(2n ** 62n);

export class IncidentRows {
  readonly #database: DatabaseSync;
  readonly #onDamage: (id: string) => void;
  readonly #latestOfKey: StatementSync;
  readonly #byId: StatementSync;
  /** What changes with each alert, as far as filters look at it. */
  readonly #changing: StatementSync;
  readonly #upsert: StatementSync;
  #days: bigint[] | undefined;
  #latestNs: bigint | undefined;

  /** `onDamage`: told of rows that are not as they were written; they are passed over. */
  constructor(database: DatabaseSync, onDamage: (id: string) => void) {
    this.#database = database;
    this.#onDamage = onDamage;
    this.#latestOfKey = database.prepare(
      `SELECT * FROM incidents WHERE last_ns / ${DAY_NS} = ? AND key = ? ORDER BY last_ns DESC LIMIT 1`,
    );
    this.#byId = database.prepare('SELECT * FROM incidents WHERE id = ?');
    this.#changing = database.prepare(
      'SELECT urgency, last_ns, output, hostname FROM incidents WHERE id = ?',
    );
    for (const statement of [this.#latestOfKey, this.#byId, this.#changing]) statement.setReadBigInts(true);
    this.#upsert = database.prepare(
      `INSERT INTO incidents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET hostname = excluded.hostname, urgency = excluded.urgency,
         first_ns = excluded.first_ns, last_ns = excluded.last_ns, count = excluded.count, state = excluded.state,
         assignee = excluded.assignee, output = excluded.output, through_seq = excluded.through_seq, sum = excluded.sum`,
    );
  }

  /** The one with the latest alert, if that came at that time or later. */
  latestOfKey(key: string, fromNs: bigint): StoredIncident | undefined {
    if (fromNs > this.#latest()) return undefined;
    const days = this.#daysWritten();
    for (let i = days.length - 1; i >= 0; i--) {
      const day = days[i] ?? 0n;
      if (day < fromNs / DAY_NS) return undefined;
      const found = this.#read(this.#latestOfKey.get(day, key));
      if (found !== undefined) return found.lastNs < fromNs ? undefined : found;
    }
    return undefined;
  }

  /** Time of the latest alert that any row counts. */
  #latest(): bigint {
    if (this.#latestNs === undefined) {
      const statement = this.#database.prepare('SELECT max(last_ns) AS latest FROM incidents');
      statement.setReadBigInts(true);
      const latest = statement.get()?.latest;
      this.#latestNs = typeof latest === 'bigint' ? latest : LONG_AGO_NS;
    }
    return this.#latestNs;
  }

  /** All days on which rows have their last alert, ascending; perhaps some that no row has any more. */
  #daysWritten(): readonly bigint[] {
    if (this.#days !== undefined) return this.#days;
    this.#days = [];
    const next = this.#database.prepare(
      `SELECT last_ns / ${DAY_NS} AS day FROM incidents WHERE last_ns / ${DAY_NS} > ? ORDER BY 1 LIMIT 1`,
    );
    next.setReadBigInts(true);
    for (let day = LONG_AGO_NS; ; ) {
      const found = next.get(day)?.day;
      if (typeof found !== 'bigint') return this.#days;
      this.#days.push(found);
      day = found;
    }
  }

  get(id: string): StoredIncident | undefined {
    return this.#read(this.#byId.get(id));
  }

  /** To be called in a transaction. */
  put(incident: StoredIncident): void {
    const values = valuesOf(incident);
    this.#upsert.run(...values, checksumOf(values));
    if (this.#latestNs !== undefined && incident.lastNs > this.#latestNs) this.#latestNs = incident.lastNs;
    const day = incident.lastNs / DAY_NS;
    if (this.#days === undefined || this.#days.includes(day)) return;
    this.#days.push(day);
    this.#days.sort((a, b) => (a < b ? -1 : 1));
  }

  /** In the order that the filter asks for. */
  *matching(filter: IncidentFilter): Generator<StoredIncident> {
    const { order, priority, fromNs } = filter;
    if (order === 'urgent' && fromNs !== undefined && priority === undefined) {
      // Of one urgency, the latest lie together; over all of them, every old one would be passed by.
      for (const each of priorities) yield* this.matching({ ...filter, priority: each });
      return;
    }
    const { sql, values } = conditionsOf(filter);
    const statement = this.#database.prepare(
      `SELECT * FROM incidents ${sql} ORDER BY ${incidentOrders[filter.order ?? 'latest']}`,
    );
    statement.setReadBigInts(true);
    for (const row of statement.iterate(...values)) {
      const incident = this.#read(row);
      if (incident !== undefined) yield incident;
    }
  }

  /**
   * The incident as it was written last; `undefined`: never. What an incident keeps is not read again; its triage is that of
   * the row, too, since it is written at once.
   */
  writtenOf(incident: StoredIncident): StoredIncident | undefined {
    const row = this.#changing.get(incident.id);
    if (row === undefined) return undefined;
    const { urgency, last_ns: lastNs, output, hostname } = row;
    if (typeof lastNs !== 'bigint') return undefined;
    return {
      ...incident,
      ...{ urgency: Number(urgency), lastNs, output: String(output), hostname: String(hostname) },
    };
  }

  /** How many fit, by urgency. */
  counts(filter: IncidentFilter): Map<number, UrgencyCount> {
    const { sql, values } = conditionsOf(filter);
    const statement = this.#database.prepare(
      `SELECT urgency, count(*) AS count, sum(assignee IS NULL) AS unassigned FROM incidents ${sql} GROUP BY urgency`,
    );
    return new Map(
      statement
        .all(...values)
        .map(({ urgency, count, unassigned }) => [
          Number(urgency),
          { count: Number(count), unassignedCount: Number(unassigned) },
        ]),
    );
  }

  /** How many there are of each kind. */
  *groups(): Generator<CountedGroup> {
    const statement = this.#database.prepare(
      'SELECT urgency, count(*) AS count FROM incidents GROUP BY urgency',
    );
    for (const { urgency, count } of statement.all())
      yield { urgency: Number(urgency), state: 'new', assignee: undefined, count: Number(count) };
    for (const { urgency, state, assignee } of this.triaged()) {
      yield { urgency, state: 'new', assignee: undefined, count: -1 };
      yield { urgency, state, assignee, count: 1 };
    }
  }

  /** Those without an alert from then on; gives what they were. To be called in a transaction. */
  *removeBefore(oldestNs: bigint): Generator<IncidentGroup & { readonly id: string }> {
    const statement = this.#database.prepare(
      'DELETE FROM incidents WHERE last_ns < ? RETURNING id, urgency, state, assignee',
    );
    for (const { id, urgency, state, assignee } of statement.all(oldestNs))
      yield { id: String(id), urgency: Number(urgency), ...triageFrom(state, assignee) };
  }

  /** Those that are not as new ones are. */
  *triaged(): Generator<StoredIncident> {
    const statement = this.#database.prepare(
      "SELECT * FROM incidents WHERE state <> 'new' OR assignee IS NOT NULL",
    );
    statement.setReadBigInts(true);
    for (const row of statement.iterate()) {
      const incident = this.#read(row);
      if (incident !== undefined) yield incident;
    }
  }

  #read(row: Row | undefined): StoredIncident | undefined {
    if (row === undefined) return undefined;
    const incident = incidentFrom(row);
    if (incident !== undefined && checksumOf(valuesOf(incident)) === Number(row.sum)) return incident;
    this.#onDamage(String(row.id));
    return undefined;
  }
}

function valuesOf(of: StoredIncident): readonly SQLInputValue[] {
  return [
    ...[of.id, of.key, of.rule, of.source, of.workload, of.hostname, of.urgency],
    ...[of.firstNs, of.lastNs, of.count, of.state, of.assignee ?? null, of.output, of.throughSeq],
  ];
}

/** Of all columns but itself, as SQLite gives them. */
export function checksumOf(values: readonly unknown[]): number {
  return crc32(values.map((value) => (value === null ? '\u0001' : String(value))).join('\u0000'));
}

/** Rows with whole numbers as bigint. */
function incidentFrom(row: Row): StoredIncident | undefined {
  const { first_ns: firstNs, last_ns: lastNs } = row;
  if (typeof firstNs !== 'bigint' || typeof lastNs !== 'bigint') return undefined;
  return {
    ...{ id: String(row.id), key: String(row.key), rule: String(row.rule), source: String(row.source) },
    ...{ workload: String(row.workload), hostname: String(row.hostname), urgency: Number(row.urgency) },
    ...{ firstNs, lastNs, count: Number(row.count) },
    ...triageFrom(row.state, row.assignee),
    output: String(row.output),
    throughSeq: Number(row.through_seq),
  };
}

function triageFrom(
  state: unknown,
  assignee: unknown,
): { readonly state: TriageState; readonly assignee: string | undefined } {
  return {
    state: state as TriageState, // Only such are written.
    assignee: typeof assignee === 'string' ? assignee : undefined,
  };
}

export function shownIncident(incident: StoredIncident): Incident {
  const { id, rule, source, workload, firstNs, lastNs, count, state, assignee, output, hostname } = incident;
  const priority = priorityOf(incident.urgency);
  return { id, rule, source, workload, priority, firstNs, lastNs, count, state, assignee, output, hostname };
}

export function priorityOf(urgency: number): HubAlert['priority'] {
  return priorities[priorities.length - urgency] ?? 'Debug';
}
