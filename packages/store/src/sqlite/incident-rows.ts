/** Incidents as the database has them: a row for each, with a checksum over all of it. */

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { type HubAlert, priorities } from '@peregrine/alert';
import { urgencyOf } from '@peregrine/query';
import type { Incident, IncidentFilter, TriageState } from '../alert-store.ts';

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

export interface UrgencyCount {
  readonly count: number;
  readonly unassignedCount: number;
}

type Row = Readonly<Record<string, unknown>>;

const orders = {
  urgent: 'urgency DESC, last_ns DESC, id',
  latest: 'last_ns DESC, id',
  count: 'count DESC, last_ns DESC, id',
} as const;

export class IncidentRows {
  readonly #database: DatabaseSync;
  readonly #onDamage: (id: string) => void;
  readonly #latestOfKey: StatementSync;
  readonly #byId: StatementSync;
  /** What changes with each alert, as far as filters look at it. */
  readonly #changing: StatementSync;
  readonly #upsert: StatementSync;

  /** `onDamage`: told of rows that are not as they were written; they are passed over. */
  constructor(database: DatabaseSync, onDamage: (id: string) => void) {
    this.#database = database;
    this.#onDamage = onDamage;
    this.#latestOfKey = database.prepare(
      'SELECT * FROM incidents WHERE key = ? ORDER BY last_ns DESC LIMIT 1',
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

  latestOfKey(key: string): StoredIncident | undefined {
    return this.#read(this.#latestOfKey.get(key));
  }

  get(id: string): StoredIncident | undefined {
    return this.#read(this.#byId.get(id));
  }

  put(incident: StoredIncident): void {
    const values = valuesOf(incident);
    this.#upsert.run(...values, checksumOf(values));
  }

  /** In the order that the filter asks for. */
  *matching(filter: IncidentFilter): Generator<StoredIncident> {
    const { order, priority, fromNs } = filter;
    if (order === 'urgent' && fromNs !== undefined && priority === undefined) {
      // Of one urgency, the latest lie together; over all of them, every old one would be passed by.
      for (const each of priorities) yield* this.matching({ ...filter, priority: each });
      return;
    }
    // The plus has SQLite look in the index that has the order, instead of sorting what the one of states finds.
    const { sql, values } = conditionsOf(filter, '+state');
    const statement = this.#database.prepare(
      `SELECT * FROM incidents ${sql} ORDER BY ${orders[filter.order ?? 'latest']}`,
    );
    statement.setReadBigInts(true);
    for (const row of statement.iterate(...values)) {
      const incident = this.#read(row);
      if (incident !== undefined) yield incident;
    }
  }

  /** The incident as it was written last; `undefined`: never. What an incident keeps, and its triage, are not read again. */
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
    const { sql, values } = conditionsOf(filter, 'state');
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
    state: row.state as TriageState, // Only such are written.
    assignee: typeof row.assignee === 'string' ? row.assignee : undefined,
    output: String(row.output),
    throughSeq: Number(row.through_seq),
  };
}

function conditionsOf(
  filter: IncidentFilter,
  state: 'state' | '+state',
): { sql: string; values: readonly SQLInputValue[] } {
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  const add = (sql: string, ...more: SQLInputValue[]): void => {
    conditions.push(sql);
    values.push(...more);
  };
  const { states, assignee, rule, minimumPriority, priority, fromNs, text } = filter;
  if (states !== undefined) add(`${state} IN (${states.map(() => '?').join(', ')})`, ...states);
  if (assignee !== undefined) add('assignee IS ?', assignee === '' ? null : assignee);
  if (rule !== undefined) add('rule = ?', rule);
  if (minimumPriority !== undefined) add('urgency >= ?', urgencyOf(minimumPriority));
  if (priority !== undefined) add('urgency = ?', urgencyOf(priority));
  if (fromNs !== undefined) add('last_ns >= ?', fromNs);
  if (text !== undefined && text !== '') {
    const like = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
    const columns = ['rule', 'workload', 'hostname', 'output'];
    add(`(${columns.map((name) => `${name} LIKE ? ESCAPE '\\'`).join(' OR ')})`, ...columns.map(() => like));
  }
  return { sql: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`, values };
}

/** Whether the database would find it with that filter. */
export function fitsIncident(filter: IncidentFilter, incident: StoredIncident): boolean {
  const { states, assignee, rule, minimumPriority, priority, fromNs, text } = filter;
  if (states !== undefined && !states.includes(incident.state)) return false;
  if (assignee !== undefined && (incident.assignee ?? '') !== assignee) return false;
  if (rule !== undefined && incident.rule !== rule) return false;
  if (minimumPriority !== undefined && incident.urgency < urgencyOf(minimumPriority)) return false;
  if (priority !== undefined && incident.urgency !== urgencyOf(priority)) return false;
  if (fromNs !== undefined && incident.lastNs < fromNs) return false;
  if (text === undefined || text === '') return true;
  const wanted = foldAscii(text);
  const { workload, hostname, output } = incident;
  return [incident.rule, workload, hostname, output].some((part) => foldAscii(part).includes(wanted));
}

/** As SQLite's `LIKE` compares letters. */
const foldAscii = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** Compares in the order that the filter asks for, as the database does. */
export function compareIncidents(
  order: IncidentFilter['order'],
): (a: StoredIncident, b: StoredIncident) => number {
  return (a, b) => {
    const first = order === 'urgent' ? b.urgency - a.urgency : order === 'count' ? b.count - a.count : 0;
    if (first !== 0) return first;
    if (a.lastNs !== b.lastNs) return a.lastNs > b.lastNs ? -1 : 1;
    return a.id < b.id ? -1 : 1;
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
