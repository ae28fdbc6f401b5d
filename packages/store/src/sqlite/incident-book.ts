/**
 * Which incident an alert belongs to, and what people think of incidents and of single alerts. Incidents are rows; those that
 * get alerts are kept in memory, and so is every triage that is not `new`, which people made one by one.
 */

import { createHash } from 'node:crypto';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { type HubAlert, priorities } from '@peregrine/alert';
import { urgencyOf } from '@peregrine/query';
import type { Incident, IncidentFilter, TriageChange, TriageState } from '../alert-store.ts';
import { incidentKeyOf, workloadOf } from '../incidents/workload.ts';
import type { TriageLookup } from '../segments/match-rows.ts';
import { type Segment, withoutPrefix } from '../segments/segment.ts';

interface OpenIncident {
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
}

interface OwnTriage {
  readonly state: TriageState;
  readonly assignee: string | undefined;
}

/** Incidents in memory; the others are looked up. */
const MOST_OPEN = 20_000;
const MOST_OUTPUT_CHARS = 300;

export class IncidentBook implements TriageLookup {
  readonly #database: DatabaseSync;
  readonly #gapNs: bigint;
  readonly #latestOfKey: StatementSync;
  readonly #upsert: StatementSync;
  readonly #open = new Map<string, OpenIncident>();
  readonly #dirty = new Set<OpenIncident>();
  /** Of incidents that are not as new ones are. */
  readonly #triaged = new Map<string, OwnTriage>();
  readonly #overrides = new Map<number, OwnTriage>();

  constructor(database: DatabaseSync, gapMs: number) {
    this.#database = database;
    this.#gapNs = BigInt(gapMs) * 1_000_000n;
    this.#latestOfKey = database.prepare(
      'SELECT * FROM incidents WHERE key = ? ORDER BY last_ns DESC LIMIT 1',
    );
    this.#latestOfKey.setReadBigInts(true);
    this.#upsert = database.prepare(
      `INSERT INTO incidents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET hostname = excluded.hostname, urgency = excluded.urgency,
         first_ns = excluded.first_ns, last_ns = excluded.last_ns, count = excluded.count, output = excluded.output`,
    );
    this.reload();
  }

  /** As the database has it; also after a transaction that did not come to its end. */
  reload(): void {
    this.#open.clear();
    this.#dirty.clear();
    this.#triaged.clear();
    this.#overrides.clear();
    const own = (row: Readonly<Record<string, unknown>>): OwnTriage => ({
      state: row.state as TriageState, // Only such are written.
      assignee: typeof row.assignee === 'string' ? row.assignee : undefined,
    });
    for (const row of this.#database
      .prepare("SELECT id, state, assignee FROM incidents WHERE state <> 'new' OR assignee IS NOT NULL")
      .iterate())
      this.#triaged.set(String(row.id), own(row));
    for (const row of this.#database.prepare('SELECT * FROM overrides').iterate())
      this.#overrides.set(Number(row.seq), own(row));
  }

  stateOf(incidentId: string): TriageState {
    return this.#triaged.get(incidentId)?.state ?? 'new';
  }

  assigneeOf(incidentId: string): string | undefined {
    return this.#triaged.get(incidentId)?.assignee;
  }

  overrides({ firstSeq, rowCount }: Segment): ReadonlyMap<number, OwnTriage> {
    const found = new Map<number, OwnTriage>();
    if (this.#overrides.size === 0) return found;
    for (const [seq, own] of this.#overrides)
      if (seq >= firstSeq && seq < firstSeq + rowCount) found.set(seq - firstSeq, own);
    return found;
  }

  triageOf(seq: number, incidentId: string): OwnTriage {
    return (
      this.#overrides.get(seq) ?? { state: this.stateOf(incidentId), assignee: this.assigneeOf(incidentId) }
    );
  }

  /** The id of the alert's incident. `newId`: of the incident, should it be a new one. */
  assign(alert: HubAlert, newId: string): string {
    const workload = workloadOf(alert);
    const key = createHash('sha256').update(incidentKeyOf(alert, workload)).digest('base64').slice(0, 16);
    const { timeNs } = alert;
    let incident = this.#find(key);
    if (incident === undefined || !this.#takes(incident, timeNs)) {
      incident = {
        id: newId,
        key,
        rule: alert.rule,
        source: alert.source,
        workload,
        hostname: alert.hostname,
        urgency: 0,
        firstNs: timeNs,
        lastNs: timeNs,
        count: 0,
        state: 'new',
        assignee: undefined,
        output: '',
      };
    }
    if (incident.count === 0 || timeNs >= incident.lastNs) {
      incident.output = withoutPrefix(alert.output).slice(0, MOST_OUTPUT_CHARS).toWellFormed();
      incident.hostname = alert.hostname;
    }
    if (timeNs < incident.firstNs) incident.firstNs = timeNs;
    if (timeNs > incident.lastNs) incident.lastNs = timeNs;
    incident.count++;
    incident.urgency = Math.max(incident.urgency, urgencyOf(alert.priority));
    this.#open.delete(key);
    this.#open.set(key, incident);
    this.#dirty.add(incident);
    return incident.id;
  }

  #takes({ firstNs, lastNs, state }: OpenIncident, timeNs: bigint): boolean {
    return state !== 'closed' && timeNs <= lastNs + this.#gapNs && timeNs >= firstNs - this.#gapNs;
  }

  #find(key: string): OpenIncident | undefined {
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const row = this.#latestOfKey.get(key);
    return row === undefined ? undefined : openFrom(row);
  }

  /** To be called in the transaction that keeps the alerts. */
  write(): void {
    for (const of of this.#dirty) {
      this.#upsert.run(
        ...[of.id, of.key, of.rule, of.source, of.workload, of.hostname, of.urgency],
        ...[of.firstNs, of.lastNs, of.count, of.state, of.assignee ?? null, of.output],
      );
    }
    this.#dirty.clear();
    for (const [key] of this.#open) {
      if (this.#open.size <= MOST_OPEN) break;
      this.#open.delete(key);
    }
  }

  get(id: string): Incident | undefined {
    const statement = this.#database.prepare('SELECT * FROM incidents WHERE id = ?');
    statement.setReadBigInts(true);
    const row = statement.get(id);
    return row === undefined ? undefined : shown(openFrom(row));
  }

  list(filter: IncidentFilter, limit: number, cursor: string | undefined): readonly Incident[] {
    const conditions: string[] = [];
    const values: SQLInputValue[] = [];
    const add = (sql: string, ...more: SQLInputValue[]): void => {
      conditions.push(sql);
      values.push(...more);
    };
    const { states, assignee, rule, minimumPriority, fromNs, text } = filter;
    if (states !== undefined) add(`state IN (${states.map(() => '?').join(', ')})`, ...states);
    if (assignee !== undefined) add('assignee IS ?', assignee === '' ? null : assignee);
    if (rule !== undefined) add('rule = ?', rule);
    if (minimumPriority !== undefined) add('urgency >= ?', urgencyOf(minimumPriority));
    if (fromNs !== undefined) add('last_ns >= ?', fromNs);
    if (text !== undefined && text !== '') {
      const like = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
      const columns = ['rule', 'workload', 'hostname', 'output'];
      add(
        `(${columns.map((name) => `${name} LIKE ? ESCAPE '\\'`).join(' OR ')})`,
        ...columns.map(() => like),
      );
    }
    const order = orders[filter.order ?? 'latest'];
    const start = cursor === undefined ? 0 : Number.parseInt(cursor, 36);
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const statement = this.#database.prepare(
      `SELECT * FROM incidents ${where} ORDER BY ${order} LIMIT ? OFFSET ?`,
    );
    statement.setReadBigInts(true);
    return statement
      .all(...values, limit, Number.isSafeInteger(start) ? start : 0)
      .map((row) => shown(openFrom(row)));
  }

  /** To be called in a transaction; `reload` if it does not come to its end. */
  triageIncidents(ids: Iterable<string>, change: TriageChange): number {
    const update = this.#database.prepare(
      'UPDATE incidents SET state = coalesce(?, state), assignee = CASE WHEN ? THEN ? ELSE assignee END WHERE id = ?',
    );
    let count = 0;
    for (const id of ids) {
      const isAssigned = change.assignee !== undefined ? 1 : 0;
      const { changes } = update.run(change.state ?? null, isAssigned, change.assignee ?? null, id);
      if (Number(changes) === 0) continue;
      count++;
      const before = this.#triaged.get(id) ?? { state: 'new', assignee: undefined };
      const after = changed(before, change);
      if (after.state === 'new' && after.assignee === undefined) this.#triaged.delete(id);
      else this.#triaged.set(id, after);
      for (const open of this.#open.values()) if (open.id === id) Object.assign(open, after);
    }
    return count;
  }

  /** To be called in a transaction; `reload` if it does not come to its end. */
  triageAlert(seq: number, incidentId: string, change: TriageChange): void {
    const after = changed(this.triageOf(seq, incidentId), change);
    this.#database
      .prepare('INSERT OR REPLACE INTO overrides VALUES (?, ?, ?)')
      .run(seq, after.state, after.assignee ?? null);
    this.#overrides.set(seq, after);
  }

  /** Of alerts that are no longer there. To be called in a transaction. */
  removeBefore(seq: number, oldestNs: bigint): void {
    this.#database.prepare('DELETE FROM overrides WHERE seq < ?').run(seq);
    for (const known of this.#overrides.keys()) if (known < seq) this.#overrides.delete(known);
    for (const row of this.#database
      .prepare("SELECT id FROM incidents WHERE last_ns < ? AND (state <> 'new' OR assignee IS NOT NULL)")
      .iterate(oldestNs))
      this.#triaged.delete(String(row.id));
    this.#database.prepare('DELETE FROM incidents WHERE last_ns < ?').run(oldestNs);
    for (const [key, { lastNs }] of this.#open) if (lastNs < oldestNs) this.#open.delete(key);
  }
}

const orders = {
  urgent: 'urgency DESC, last_ns DESC, id',
  latest: 'last_ns DESC, id',
  count: 'count DESC, last_ns DESC, id',
} as const;

function changed(before: OwnTriage, { state, assignee }: TriageChange): OwnTriage {
  return {
    state: state ?? before.state,
    assignee: assignee === undefined ? before.assignee : (assignee ?? undefined),
  };
}

/** Rows with whole numbers as bigint. */
function openFrom(row: Readonly<Record<string, unknown>>): OpenIncident {
  return {
    id: String(row.id),
    key: String(row.key),
    rule: String(row.rule),
    source: String(row.source),
    workload: String(row.workload),
    hostname: String(row.hostname),
    urgency: Number(row.urgency),
    firstNs: row.first_ns as bigint,
    lastNs: row.last_ns as bigint,
    count: Number(row.count),
    state: row.state as TriageState, // Only such are written.
    assignee: typeof row.assignee === 'string' ? row.assignee : undefined,
    output: String(row.output),
  };
}

function shown(incident: OpenIncident): Incident {
  const { id, rule, source, workload, firstNs, lastNs, count, state, assignee, output, hostname } = incident;
  const priority = priorities[priorities.length - incident.urgency] ?? 'Debug';
  return { id, rule, source, workload, priority, firstNs, lastNs, count, state, assignee, output, hostname };
}
