/**
 * Incidents that got alerts of late, in memory: found by key and by id, with what was not yet given to the log, and with what
 * they were before the present transaction.
 */

import type { StoredIncident } from './incident-rows.ts';

/** What stays in memory when there were too many: the more go at once, the better they lie together on disk. */
const KEPT_SHARE = 0.75;
/** Each is read when the store is opened; with ten million alerts a month, they are those of more than a day. */
const MOST_LOGGED_SEGMENTS = 16;

export interface RecentIncident extends StoredIncident {
  /** The last segment whose log has it; `undefined`: none has, and its alerts since its row are in no segment. */
  loggedIn: number | undefined;
  /** Whether there is a row, perhaps of an earlier time. */
  hasRow: boolean;
}

/** What is to be written into rows. */
export interface ColdIncidents {
  readonly incidents: readonly StoredIncident[];
  /** No log of a segment up to that one is needed afterwards. */
  readonly throughSegment: number;
}

export class RecentIncidents {
  readonly #byId = new Map<string, RecentIncident>();
  /** The latest of each key. */
  readonly #open = new Map<string, RecentIncident>();
  /** Those that changed since they were given to the log. */
  #unlogged = new Set<RecentIncident>();
  /** Those that the present transaction changed, as they were before; `undefined`: they were not there. */
  readonly #before = new Map<RecentIncident, RecentIncident | undefined>();
  /** What `#open` had, of the present transaction. */
  readonly #openBefore = new Map<string, RecentIncident | undefined>();

  get(id: string): RecentIncident | undefined {
    return this.#byId.get(id);
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  values(): Iterable<RecentIncident> {
    return this.#byId.values();
  }

  latestOfKey(key: string): RecentIncident | undefined {
    return this.#open.get(key);
  }

  isUnlogged(incident: RecentIncident): boolean {
    return this.#unlogged.has(incident);
  }

  /** As the log has it. */
  remember(incident: RecentIncident): void {
    this.#byId.set(incident.id, incident);
    const open = this.#open.get(incident.key);
    if (open === undefined || open.lastNs <= incident.lastNs) this.#open.set(incident.key, incident);
  }

  forget(incident: RecentIncident): void {
    this.#byId.delete(incident.id);
    this.#unlogged.delete(incident);
    if (this.#open.get(incident.key) === incident) this.#open.delete(incident.key);
  }

  /** To be called before it is changed. */
  keepBefore(incident: RecentIncident): void {
    if (!this.#before.has(incident))
      this.#before.set(incident, this.#byId.get(incident.id) === incident ? { ...incident } : undefined);
  }

  /** It got an alert: it is the latest of its key. */
  changed(incident: RecentIncident): void {
    const { id, key } = incident;
    const open = this.#open.get(key);
    if (open !== incident) {
      if (!this.#openBefore.has(key)) this.#openBefore.set(key, open);
      this.#open.set(key, incident);
      this.#byId.set(id, incident);
    }
    this.#unlogged.add(incident);
  }

  /** For the log, which has them when `logged` was called. */
  takeUnlogged(): readonly RecentIncident[] {
    const taken = [...this.#unlogged];
    this.#unlogged = new Set();
    return taken;
  }

  /** What was taken is in the log of that segment; `undefined`: it is in none. */
  logged(taken: readonly RecentIncident[], segment: number | undefined): void {
    for (const incident of taken) {
      if (this.#byId.get(incident.id) !== incident) continue;
      if (segment === undefined) this.#unlogged.add(incident);
      else incident.loggedIn = segment;
    }
  }

  /** Those that changed the longest time ago, if there are more than so many, or the log has become long. */
  cold(most: number): ColdIncidents | undefined {
    const counts = this.#countsBySegment();
    const isTooMany = this.#byId.size > most;
    let rest = this.#byId.size;
    let throughSegment: number | undefined;
    for (const [i, [segment, count]] of counts.entries()) {
      const isTooLong = counts.length - i > MOST_LOGGED_SEGMENTS;
      if (!isTooLong && !(isTooMany && rest > most * KEPT_SHARE)) break;
      throughSegment = segment;
      rest -= count;
    }
    if (throughSegment === undefined) return undefined;
    const incidents: RecentIncident[] = [];
    for (const incident of this.#byId.values())
      if (incident.loggedIn !== undefined && incident.loggedIn <= throughSegment) incidents.push(incident);
    incidents.sort((a, b) => (a.id < b.id ? -1 : 1));
    return { incidents, throughSegment };
  }

  /** How many the log of each segment has last, oldest first. */
  #countsBySegment(): readonly (readonly [segment: number, count: number])[] {
    const counts = new Map<number, number>();
    for (const { loggedIn } of this.#byId.values())
      if (loggedIn !== undefined) counts.set(loggedIn, (counts.get(loggedIn) ?? 0) + 1);
    return [...counts].sort(([a], [b]) => a - b);
  }

  /** After a transaction that came to its end. */
  settle(): void {
    this.#before.clear();
    this.#openBefore.clear();
  }

  /** After one that did not: as everything was before it. */
  undo(): void {
    for (const [incident, before] of this.#before) {
      if (before === undefined) {
        this.#byId.delete(incident.id);
        this.#unlogged.delete(incident);
      } else Object.assign(incident, before);
    }
    for (const [key, incident] of this.#openBefore) {
      if (incident === undefined) this.#open.delete(key);
      else this.#open.set(key, incident);
    }
    this.settle();
  }
}
