/**
 * Which incident an alert belongs to, and what people do about incidents.
 *
 * Incidents that get alerts are changed in memory, and written some at a time, at the latest when the segment of these alerts
 * is. Each row says up to which alert it counts, so that after a crash the alerts of which no segment was written are counted
 * again from their blocks, and none twice.
 */

import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { HubAlert } from '@peregrine/alert';
import { urgencyOf } from '@peregrine/query';
import type { Incident, IncidentCount, IncidentFilter, TriageChange } from '../alert-store.ts';
import { incidentKeyOf, workloadOf } from '../incidents/workload.ts';
import { seqOf } from '../places.ts';
import { withoutPrefix } from '../segments/segment.ts';
import {
  compareIncidents,
  fitsIncident,
  IncidentRows,
  priorityOf,
  type StoredIncident,
  shownIncident,
} from './incident-rows.ts';
import { changedTriage, TriageBook } from './triage-book.ts';

/** Incidents in memory; the others are looked up. */
const MOST_OPEN = 20_000;
const MOST_OUTPUT_CHARS = 300;

export class IncidentBook {
  readonly #database: DatabaseSync;
  readonly #rows: IncidentRows;
  readonly #gapNs: bigint;
  /** The latest of each key. */
  readonly #open = new Map<string, StoredIncident>();
  /** All that are in memory. */
  readonly #known = new Map<string, StoredIncident>();
  /** Those that the database has otherwise. INVARIANT: they are in memory. */
  readonly #unwritten = new Set<StoredIncident>();
  /** Those that the present transaction wrote. */
  #written: StoredIncident[] = [];
  /** Those that the present transaction changed, as they were before; `undefined`: they were not there. */
  readonly #before = new Map<StoredIncident, StoredIncident | undefined>();
  /** What `#open` had, of the present transaction. */
  readonly #openBefore = new Map<string, StoredIncident | undefined>();
  readonly triage: TriageBook;

  /** `onDamage`: told what is damaged, and left out. */
  constructor(database: DatabaseSync, gapMs: number, onDamage: (what: string) => void) {
    this.#database = database;
    this.#gapNs = BigInt(gapMs) * 1_000_000n;
    this.#rows = new IncidentRows(database, (id) => onDamage(`incident ${id}`));
    this.triage = new TriageBook(database, this.#rows, onDamage);
  }

  /** The id of the alert's incident. `newId`: of the alert, and of the incident, should it be a new one. */
  assign(alert: HubAlert, newId: string): string {
    const workload = workloadOf(alert);
    const text = incidentKeyOf(alert, workload);
    const key = this.#keyOf(text);
    let incident = this.#open.get(key) ?? this.#latestOfKey(key);
    if (incident === undefined || !this.#takes(incident, alert.timeNs))
      incident = newIncident(newId, key, workload, alert);
    this.#count(incident, alert, seqOf(newId) ?? 0);
    return incident.id;
  }

  /** Of an alert that has an incident, and is perhaps not counted: nobody wrote it down before the end. */
  restore(alert: HubAlert, seq: number, incidentId: string): void {
    let incident = this.#known.get(incidentId) ?? this.#rows.get(incidentId);
    if (incident === undefined) {
      const workload = workloadOf(alert);
      incident = newIncident(incidentId, this.#keyOf(incidentKeyOf(alert, workload)), workload, alert);
    }
    if (incident.throughSeq < seq) this.#count(incident, alert, seq);
  }

  #latestOfKey(key: string): StoredIncident | undefined {
    const row = this.#rows.latestOfKey(key);
    return row && (this.#known.get(row.id) ?? row);
  }

  #keyOf(text: string): string {
    return createHash('sha256').update(text).digest('base64').slice(0, 16);
  }

  #takes({ firstNs, lastNs, state }: StoredIncident, timeNs: bigint): boolean {
    return state !== 'closed' && timeNs <= lastNs + this.#gapNs && timeNs >= firstNs - this.#gapNs;
  }

  #count(incident: StoredIncident, alert: HubAlert, seq: number): void {
    const { timeNs } = alert;
    const { key, id } = incident;
    if (!this.#before.has(incident))
      this.#before.set(incident, this.#known.get(id) === incident ? { ...incident } : undefined);
    if (!this.#openBefore.has(key)) this.#openBefore.set(key, this.#open.get(key));
    if (incident.count === 0 || timeNs >= incident.lastNs) {
      incident.output = withoutPrefix(alert.output).slice(0, MOST_OUTPUT_CHARS).toWellFormed();
      incident.hostname = alert.hostname;
    }
    if (timeNs < incident.firstNs) incident.firstNs = timeNs;
    if (timeNs > incident.lastNs) incident.lastNs = timeNs;
    incident.count++;
    incident.urgency = Math.max(incident.urgency, urgencyOf(alert.priority));
    incident.throughSeq = seq;
    // The latest comes last, and goes last.
    this.#open.delete(key);
    this.#open.set(key, incident);
    this.#known.set(id, incident);
    this.#unwritten.add(incident);
  }

  /** Those that the database does not have as they are; to be given to `write`. */
  unwritten(): readonly StoredIncident[] {
    return [...this.#unwritten];
  }

  /** To be called in a transaction. */
  write(incidents: Iterable<StoredIncident> = this.#unwritten): void {
    for (const incident of incidents) {
      if (!this.#unwritten.has(incident)) continue;
      this.#rows.put(incident);
      this.#written.push(incident);
    }
  }

  /** After a transaction that came to its end. */
  settle(): void {
    for (const incident of this.#written) this.#unwritten.delete(incident);
    const isAnyWritten = this.#written.length > 0;
    this.#written = [];
    this.#before.clear();
    this.#openBefore.clear();
    if (!isAnyWritten || this.#open.size <= MOST_OPEN) return;
    for (const [key, incident] of this.#open) {
      if (this.#open.size <= MOST_OPEN) break;
      if (this.#unwritten.has(incident)) continue;
      this.#open.delete(key);
    }
    for (const [id, incident] of this.#known)
      if (this.#open.get(incident.key) !== incident && !this.#unwritten.has(incident)) this.#known.delete(id);
  }

  /** After a transaction that did not: as everything was before it. */
  undo(): void {
    for (const [incident, before] of this.#before) {
      if (before === undefined) {
        this.#known.delete(incident.id);
        this.#unwritten.delete(incident);
      } else Object.assign(incident, before);
    }
    for (const [key, incident] of this.#openBefore) {
      if (incident === undefined) this.#open.delete(key);
      else this.#open.set(key, incident);
    }
    this.#written = [];
    this.#before.clear();
    this.#openBefore.clear();
    this.triage.read();
    for (const incident of this.#known.values())
      Object.assign(incident, {
        state: this.triage.stateOf(incident.id),
        assignee: this.triage.assigneeOf(incident.id),
      });
  }

  get(id: string): Incident | undefined {
    const incident = this.#known.get(id) ?? this.#rows.get(id);
    return incident && shownIncident(incident);
  }

  list(filter: IncidentFilter, limit: number, start: number): readonly Incident[] {
    // What grew since it was written only came nearer to the front, in every order.
    const found = [...this.#unwritten].filter((incident) => fitsIncident(filter, incident));
    const changedIds = new Set([...this.#unwritten].map(({ id }) => id));
    let count = 0;
    for (const incident of this.#rows.matching(filter)) {
      if (changedIds.has(incident.id)) continue;
      found.push(incident);
      if (++count >= start + limit) break;
    }
    return found
      .sort(compareIncidents(filter.order))
      .slice(start, start + limit)
      .map(shownIncident);
  }

  counts(filter: IncidentFilter): readonly IncidentCount[] {
    const counts = this.#rows.counts(filter);
    const add = ({ urgency, assignee }: StoredIncident, step: number): void => {
      const { count, unassignedCount } = counts.get(urgency) ?? { count: 0, unassignedCount: 0 };
      counts.set(urgency, {
        count: count + step,
        unassignedCount: unassignedCount + (assignee === undefined ? step : 0),
      });
    };
    for (const incident of this.#unwritten) {
      const row = this.#rows.writtenOf(incident);
      if (row !== undefined && fitsIncident(filter, row)) add(row, -1);
      if (fitsIncident(filter, incident)) add(incident, 1);
    }
    return [...counts]
      .sort(([a], [b]) => b - a)
      .flatMap(([urgency, count]) => {
        const priority = priorityOf(urgency);
        const [latest] = this.list({ ...filter, priority, order: 'latest' }, 1, 0);
        return latest === undefined ? [] : [{ priority, ...count, latest }];
      });
  }

  /** To be called in a transaction; `undo` if it does not come to its end. */
  triageIncidents(ids: Iterable<string>, change: TriageChange): number {
    let count = 0;
    for (const id of ids) {
      const incident = this.#known.get(id) ?? this.#rows.get(id);
      if (incident === undefined) continue;
      count++;
      const after = changedTriage(incident, change);
      Object.assign(incident, after);
      this.#rows.put(incident);
      if (this.#unwritten.has(incident)) this.#written.push(incident);
      this.triage.set(id, after);
    }
    return count;
  }

  /** Of alerts that are no longer there. To be called in a transaction; `undo` if it does not come to its end. */
  removeBefore(seq: number, oldestNs: bigint): void {
    // The database must know which go on.
    this.write();
    this.triage.removeBefore(seq, oldestNs);
    this.#database.prepare('DELETE FROM incidents WHERE last_ns < ?').run(oldestNs);
  }

  /** Those in memory of which `removeBefore` took the rows; after its transaction. */
  forgetBefore(oldestNs: bigint): void {
    for (const [id, incident] of this.#known) {
      if (incident.lastNs >= oldestNs || this.#unwritten.has(incident)) continue;
      this.#known.delete(id);
      if (this.#open.get(incident.key) === incident) this.#open.delete(incident.key);
    }
  }
}

function newIncident(id: string, key: string, workload: string, alert: HubAlert): StoredIncident {
  const { rule, source, hostname, timeNs } = alert;
  return {
    ...{ id, key, rule, source, workload, hostname },
    ...{ urgency: 0, firstNs: timeNs, lastNs: timeNs, count: 0 },
    ...{ state: 'new', assignee: undefined, output: '', throughSeq: 0 },
  };
}
