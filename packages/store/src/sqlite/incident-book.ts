/**
 * Which incident an alert belongs to, and what people do about incidents.
 *
 * Incidents that got alerts of late are in memory. With each segment, the log gets what its alerts changed (`incident-log.ts`);
 * rows are written of those that nothing has changed for the longest time, many at once, and these are forgotten here.
 * Each says up to which alert it counts, so that after a crash the alerts of which no segment was written are counted
 * again from their blocks, and none twice.
 */

import { hash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { HubAlert } from '@peregrine/alert';
import { urgencyOf } from '@peregrine/query';
import type { Incident, IncidentCount, IncidentFilter, TriageChange } from '../alert-store.ts';
import { incidentKeyOf, workloadOf } from '../incidents/workload.ts';
import { seqOf } from '../places.ts';
import { withoutPrefix } from '../segments/segment.ts';
import { type CountedGroup, IncidentCounts, type UrgencyCount } from './incident-counts.ts';
import { compareIncidents, createIncidentMatcher, firstOf, isOfGroups } from './incident-filter.ts';
import { encodeIncidents, IncidentLog } from './incident-log.ts';
import { IncidentRows, priorityOf, type StoredIncident, shownIncident } from './incident-rows.ts';
import { type ColdIncidents, type RecentIncident, RecentIncidents } from './recent-incidents.ts';
import { changedTriage, TriageBook } from './triage-book.ts';

const MOST_OUTPUT_CHARS = 300;

export interface IncidentBookOptions {
  /** A pause so long begins a new incident, milliseconds. */
  readonly gapMs: number;
  /** In memory. */
  readonly mostRecent: number;
  /** Told what is damaged, and left out. */
  readonly onDamage: (what: string) => void;
}

export class IncidentBook {
  readonly #mostRecent: number;
  readonly #rows: IncidentRows;
  readonly #log: IncidentLog;
  readonly #gapNs: bigint;
  /** INVARIANT: of all others, the row is as it should be. */
  readonly #recent = new RecentIncidents();
  readonly #counts = new IncidentCounts();
  /** Those that the present transaction wrote for good. */
  #written: RecentIncident[] = [];
  readonly triage: TriageBook;
  /** The last segment of which the log has something; 0: none. */
  readonly lastLoggedSegment: number;

  constructor(database: DatabaseSync, { gapMs, mostRecent, onDamage }: IncidentBookOptions) {
    this.#mostRecent = mostRecent;
    this.#gapNs = BigInt(gapMs) * 1_000_000n;
    this.#rows = new IncidentRows(database, (id) => onDamage(`incident ${id}`));
    this.#log = new IncidentLog(database);
    this.triage = new TriageBook(database, this.#rows, onDamage);
    this.lastLoggedSegment = this.#readLog((segment) =>
      onDamage(`what became of incidents in part ${segment}`),
    );
  }

  #readLog(onDamage: (segment: number) => void): number {
    const logged = new Map<string, RecentIncident>();
    let last = 0;
    for (const { segment, incident } of this.#log.all(onDamage)) {
      logged.set(incident.id, { ...incident, loggedIn: segment, hasRow: false });
      last = segment;
    }
    for (const incident of logged.values()) {
      const row = this.#rows.get(incident.id);
      // What people think of it is written at once.
      if (row !== undefined && row.throughSeq >= incident.throughSeq) continue;
      incident.hasRow = row !== undefined;
      this.#recent.remember(incident);
    }
    return last;
  }

  /** The id of the alert's incident. `newId`: of the alert, and of the incident, should it be a new one. */
  assign(alert: HubAlert, newId: string): string {
    const workload = workloadOf(alert);
    const key = this.#keyOf(incidentKeyOf(alert, workload));
    const latest = this.#recent.latestOfKey(key) ?? this.#latestOfKey(key, alert.timeNs);
    const incident =
      latest !== undefined && this.#takes(latest, alert.timeNs)
        ? latest
        : newIncident(newId, key, workload, alert);
    this.#count(incident, alert, seqOf(newId) ?? 0);
    return incident.id;
  }

  /** Of an alert that has an incident, and is perhaps not counted: nobody wrote it down before the end. */
  restore(alert: HubAlert, seq: number, incidentId: string): void {
    let incident = this.#recent.get(incidentId) ?? recentOf(this.#rows.get(incidentId));
    if (incident === undefined) {
      const workload = workloadOf(alert);
      incident = newIncident(incidentId, this.#keyOf(incidentKeyOf(alert, workload)), workload, alert);
    }
    if (incident.throughSeq < seq) this.#count(incident, alert, seq);
  }

  #latestOfKey(key: string, timeNs: bigint): RecentIncident | undefined {
    const row = this.#rows.latestOfKey(key, timeNs - this.#gapNs);
    return row && (this.#recent.get(row.id) ?? recentOf(row));
  }

  #keyOf(text: string): string {
    return hash('sha256', text, 'base64').slice(0, 16);
  }

  #takes({ firstNs, lastNs, state }: StoredIncident, timeNs: bigint): boolean {
    return state !== 'closed' && timeNs <= lastNs + this.#gapNs && timeNs >= firstNs - this.#gapNs;
  }

  #count(incident: RecentIncident, alert: HubAlert, seq: number): void {
    const { timeNs } = alert;
    this.#recent.keepBefore(incident);
    if (incident.count === 0 || timeNs >= incident.lastNs) {
      incident.output = withoutPrefix(alert.output).slice(0, MOST_OUTPUT_CHARS).toWellFormed();
      incident.hostname = alert.hostname;
    }
    if (timeNs < incident.firstNs) incident.firstNs = timeNs;
    if (timeNs > incident.lastNs) incident.lastNs = timeNs;
    const urgency = Math.max(incident.urgency, urgencyOf(alert.priority));
    if (incident.count === 0 || urgency !== incident.urgency) {
      if (incident.count > 0) this.#counts.add(incident, -1);
      incident.urgency = urgency;
      this.#counts.add(incident, 1);
    }
    incident.count++;
    incident.throughSeq = seq;
    this.#recent.changed(incident);
  }

  /**
   * What changed since the last time, for the log of that segment. `done`: to be called when it was written, or could not be
   * (`false`). `turn`: waits until others have had their turn.
   */
  async encodeChanged(
    segment: number,
    turn: () => Promise<void>,
  ): Promise<{ readonly blobs: readonly Buffer[]; readonly done: (isWritten: boolean) => void }> {
    const changed = this.#recent.takeUnlogged();
    const done = (isWritten: boolean): void => this.#recent.logged(changed, isWritten ? segment : undefined);
    try {
      return { blobs: await encodeIncidents(segment, changed, turn), done };
    } catch (error) {
      done(false);
      throw error;
    }
  }

  /** To be called in a transaction. */
  writeLog(segment: number, blobs: readonly Buffer[]): void {
    this.#log.insert(segment, blobs);
  }

  /** Those that changed the longest time ago, if there are too many; to be written, and their log to be removed. */
  cold(): ColdIncidents | undefined {
    return this.#recent.cold(this.#mostRecent);
  }

  /** Into rows, to be forgotten. To be called in a transaction. */
  writeCold(incidents: readonly StoredIncident[]): void {
    for (const { id } of incidents) {
      const incident = this.#recent.get(id);
      if (incident === undefined) continue;
      this.#rows.put(incident);
      this.#written.push(incident);
    }
  }

  /** When all of them are written. To be called in a transaction. */
  removeLog({ throughSegment }: ColdIncidents): void {
    this.#log.removeThrough(throughSegment);
  }

  /** After a transaction that came to its end. */
  settle(): void {
    for (const incident of this.#written) this.#recent.forget(incident);
    this.#written = [];
    this.#recent.settle();
    this.#counts.settle();
  }

  /** After a transaction that did not: as everything was before it. */
  undo(): void {
    this.#recent.undo();
    this.#written = [];
    this.#counts.undo();
    this.triage.read();
  }

  get(id: string): Incident | undefined {
    const incident = this.#recent.get(id) ?? this.#rows.get(id);
    return incident && shownIncident(incident);
  }

  list(filter: IncidentFilter, limit: number, start: number): readonly Incident[] {
    const most = start + limit;
    const compare = compareIncidents(filter.order);
    const recent = firstOf(this.#recentFitting(filter), most, compare);
    const last = recent.length < most ? undefined : recent.at(-1);
    const found: StoredIncident[] = [...recent];
    // What lies before the page's last one in time is not looked at, where that is the order.
    const isByTime = last !== undefined && (filter.order ?? 'latest') === 'latest';
    const bounded = isByTime ? { ...filter, fromNs: last.lastNs } : filter;
    for (const incident of this.#rows.matching(bounded)) {
      if (last !== undefined && compare(incident, last) > 0) break;
      if (this.#recent.has(incident.id)) continue;
      if (found.push(incident) >= recent.length + most) break;
    }
    return found.sort(compare).slice(start, most).map(shownIncident);
  }

  *#recentFitting(filter: IncidentFilter): Generator<RecentIncident> {
    const fits = createIncidentMatcher(filter);
    for (const incident of this.#recent.values()) if (fits(incident)) yield incident;
  }

  counts(filter: IncidentFilter): readonly IncidentCount[] {
    const counts = isOfGroups(filter)
      ? this.#counts.matching(filter, () => this.#groups())
      : this.#countEach(filter);
    const recent = this.#latestByUrgency(filter);
    return [...counts]
      .sort(([a], [b]) => b - a)
      .flatMap(([urgency, count]) => {
        const priority = priorityOf(urgency);
        const latest = this.#latestOf({ ...filter, priority }, recent.get(urgency));
        return latest === undefined ? [] : [{ priority, ...count, latest: shownIncident(latest) }];
      });
  }

  #latestByUrgency(filter: IncidentFilter): ReadonlyMap<number, StoredIncident> {
    const compare = compareIncidents('latest');
    const latest = new Map<number, StoredIncident>();
    for (const incident of this.#recentFitting(filter)) {
      const known = latest.get(incident.urgency);
      if (known === undefined || compare(incident, known) < 0) latest.set(incident.urgency, incident);
    }
    return latest;
  }

  /** `recent`: the latest of those in memory. */
  #latestOf(filter: IncidentFilter, recent: StoredIncident | undefined): StoredIncident | undefined {
    const bounded = recent === undefined ? filter : { ...filter, fromNs: recent.lastNs };
    for (const row of this.#rows.matching({ ...bounded, order: 'latest' })) {
      if (this.#recent.has(row.id)) continue;
      return recent === undefined || compareIncidents('latest')(row, recent) < 0 ? row : recent;
    }
    return recent;
  }

  /** All that there are; some less than none, where memory and rows have the same ones. */
  *#groups(): Generator<CountedGroup> {
    yield* this.#rows.groups();
    for (const incident of this.#recent.values()) {
      const row = incident.hasRow ? this.#rows.writtenOf(incident) : undefined;
      if (row !== undefined) yield { ...groupOf(row), count: -1 };
      yield { ...groupOf(incident), count: 1 };
    }
  }

  #countEach(filter: IncidentFilter): Map<number, UrgencyCount> {
    const fits = createIncidentMatcher(filter);
    const counts = this.#rows.counts(filter);
    const add = ({ urgency, assignee }: StoredIncident, step: number): void => {
      const { count, unassignedCount } = counts.get(urgency) ?? { count: 0, unassignedCount: 0 };
      counts.set(urgency, {
        count: count + step,
        unassignedCount: unassignedCount + (assignee === undefined ? step : 0),
      });
    };
    for (const incident of this.#recent.values()) {
      const row = incident.hasRow ? this.#rows.writtenOf(incident) : undefined;
      if (row !== undefined && fits(row)) add(row, -1);
      if (fits(incident)) add(incident, 1);
    }
    return counts;
  }

  /** To be called in a transaction; `undo` if it does not come to its end. */
  triageIncidents(ids: Iterable<string>, change: TriageChange): number {
    let count = 0;
    for (const id of ids) {
      const recent = this.#recent.get(id);
      const incident = recent ?? this.#rows.get(id);
      if (incident === undefined) continue;
      count++;
      const after = changedTriage(incident, change);
      if (recent !== undefined) this.#recent.keepBefore(recent);
      this.#counts.add(incident, -1);
      Object.assign(incident, after);
      this.#counts.add(incident, 1);
      this.#rows.put(incident);
      if (recent !== undefined) recent.hasRow = true;
      this.triage.set(id, after);
    }
    return count;
  }

  /** Of alerts that are no longer there. To be called in a transaction; `undo` if it does not come to its end. */
  removeBefore(seq: number, oldestNs: bigint): void {
    for (const incident of this.#recent.values()) {
      if (!incident.hasRow || incident.lastNs < oldestNs) continue;
      // It goes on: its row must not go while alerts are counted on from there, nor with what people think of it.
      const isTriaged = incident.state !== 'new' || incident.assignee !== undefined;
      if (incident.loggedIn === undefined || isTriaged) this.#rows.put(incident);
    }
    this.triage.removeBefore(seq, oldestNs);
    for (const { id, ...group } of this.#rows.removeBefore(oldestNs)) {
      const recent = this.#recent.get(id);
      if (recent === undefined) this.#counts.add(group, -1);
      else {
        this.#recent.keepBefore(recent);
        recent.hasRow = false;
      }
    }
  }

  /** Those in memory that are as old; after the transaction of `removeBefore`, and when the store was opened. */
  forgetBefore(oldestNs: bigint): void {
    for (const incident of this.#recent.values()) {
      if (incident.lastNs >= oldestNs || incident.hasRow || this.#recent.isUnlogged(incident)) continue;
      this.#counts.add(incident, -1);
      this.#recent.forget(incident);
    }
    this.#counts.settle();
  }
}

const recentOf = (row: StoredIncident | undefined): RecentIncident | undefined =>
  row && { ...row, loggedIn: undefined, hasRow: true };

function groupOf({ urgency, state, assignee }: StoredIncident): Omit<CountedGroup, 'count'> {
  return { urgency, state, assignee };
}

function newIncident(id: string, key: string, workload: string, alert: HubAlert): RecentIncident {
  const { rule, source, hostname, timeNs } = alert;
  return {
    ...{ id, key, rule, source, workload, hostname },
    ...{ urgency: 0, firstNs: timeNs, lastNs: timeNs, count: 0 },
    ...{ state: 'new', assignee: undefined, output: '', throughSeq: 0 },
    ...{ loggedIn: undefined, hasRow: false },
  };
}
