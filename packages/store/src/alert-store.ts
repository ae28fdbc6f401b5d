/**
 * What the hub keeps alerts in, to look at them later: one interface, which SQLite (`sqlite/`) answers for one hub, and
 * PostgreSQL (`postgres/`) for several. Contract tests are the same for every database (`testing/`).
 *
 * An alert in the store has an `id` that never changes and that nothing else gets, in any script safe for URLs. Alerts are
 * ordered by their time; those of the same time by when they came. Times are nanoseconds since the epoch.
 */

import type { AlertStory, HubAlert } from '@peregrine/alert';
import type { SqlDatabase } from './sql/sql-database.ts';

/** What people think of an alert or an incident. */
export const triageStates = ['new', 'investigating', 'expected', 'closed'] as const;
export type TriageState = (typeof triageStates)[number];

/** One alert to keep. */
export interface IncomingAlert {
  readonly alert: HubAlert;
  /** What the sensor tells of the process behind it. */
  readonly story?: AlertStory | undefined;
  /** Why it was sent to no output: `silence NAME`, `noise NAME`. */
  readonly mark?: string | undefined;
}

export interface KeptAlert {
  readonly id: string;
  readonly alert: HubAlert;
  readonly mark: string | undefined;
  /** Its own, or that of its incident. */
  readonly state: TriageState;
  readonly assignee: string | undefined;
  readonly incidentId: string;
}

/** `rule`, `priority`, `source`, `hostname`, `tags`, `state`, `assignee`, `incident`, or the name of an output field. */
export type Dimension = string;

export interface WhereClause {
  readonly field: Dimension;
  /** At least one; a field that has any of them fits. Compared as text, exactly. The empty text is also "has no value". */
  readonly values: readonly string[];
  readonly isNegated: boolean;
}

/** Which alerts: all parts must hold. */
export interface AlertFilter {
  /** From then on. */
  readonly fromNs?: bigint | undefined;
  /** Before then. */
  readonly toNs?: bigint | undefined;
  /** A condition of the rule language over alerts, as routes have it; besides, `state`, `assignee` and `incident`. */
  readonly condition?: string | undefined;
  /** Letter case does not count: a part of the rule, priority, output, source, hostname, a tag, or a field's value. */
  readonly text?: string | undefined;
  readonly where?: readonly WhereClause[] | undefined;
}

/** The condition cannot be understood; the message is for whoever wrote it. */
export class FilterError extends Error {}

export interface PageRequest {
  readonly limit: number;
  /** `next` or `previous` of an earlier answer; `undefined`: the newest. */
  readonly cursor?: string | undefined;
  /** Pages to skip, for the interface of Falcosidekick-UI; a cursor costs less. */
  readonly offset?: number | undefined;
  /** Newest first unless set. */
  readonly isOldestFirst?: boolean | undefined;
}

export interface AlertPage {
  readonly alerts: readonly KeptAlert[];
  /** Where the following page begins; `undefined`: there is none now. */
  readonly next: string | undefined;
}

export interface CountedValue {
  /** Empty: alerts without the field. */
  readonly value: string;
  readonly count: number;
}

export interface CountsBy {
  /** Most frequent first. */
  readonly values: readonly CountedValue[];
  readonly distinctCount: number;
  /** Alerts, not values. */
  readonly total: number;
}

export interface TimelineRequest {
  readonly fromNs: bigint;
  readonly toNs: bigint;
  readonly bucketCount: number;
  /** Each of its most frequent values gets a series; the others are together in one without a value. */
  readonly by?: Dimension | undefined;
  readonly mostSeries?: number | undefined;
}

export interface Timeline {
  readonly fromNs: bigint;
  readonly bucketNs: bigint;
  readonly series: readonly {
    /** `undefined`: all the others, or all alerts. */
    readonly value: string | undefined;
    readonly counts: readonly number[];
  }[];
}

/** Alerts that tell of the same thing: same rule, same workload, without a long pause between them. */
export interface Incident {
  readonly id: string;
  readonly rule: string;
  readonly source: string;
  /** What they have in common, for people: `Deployment web in shop`, `web-1 on node-7`. */
  readonly workload: string;
  /** The most urgent one. */
  readonly priority: HubAlert['priority'];
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  readonly count: number;
  readonly state: TriageState;
  readonly assignee: string | undefined;
  /** Its latest alert's text. */
  readonly output: string;
  readonly hostname: string;
}

export interface IncidentPage {
  readonly incidents: readonly Incident[];
  readonly next: string | undefined;
}

export interface IncidentFilter {
  readonly states?: readonly TriageState[] | undefined;
  /** Empty: nobody. */
  readonly assignee?: string | undefined;
  readonly rule?: string | undefined;
  /** At least as urgent. */
  readonly minimumPriority?: HubAlert['priority'] | undefined;
  /** Exactly as urgent. */
  readonly priority?: HubAlert['priority'] | undefined;
  /** With an alert from then on. */
  readonly fromNs?: bigint | undefined;
  readonly text?: string | undefined;
  /** `urgent`: most urgent first, then latest; `latest`; `count`. */
  readonly order?: 'urgent' | 'latest' | 'count' | undefined;
}

/** Incidents of the same priority. */
export interface IncidentCount {
  readonly priority: HubAlert['priority'];
  readonly count: number;
  /** Those that nobody looks after. */
  readonly unassignedCount: number;
  readonly latest: Incident;
}

export interface TriageChange {
  readonly state?: TriageState | undefined;
  /** `null`: nobody. */
  readonly assignee?: string | null | undefined;
}

/** Alerts or incidents by id; or the incidents of all alerts that a filter finds. */
export type TriageTarget =
  | { readonly kind: 'alerts'; readonly ids: readonly string[] }
  | { readonly kind: 'incidents'; readonly ids: readonly string[] }
  | { readonly kind: 'filter'; readonly filter: AlertFilter };

export interface Retention {
  /** Milliseconds since an alert's time; 0: for ever. */
  readonly maxAgeMs: number;
  /** 0: any number. */
  readonly maxCount: number;
  /** On disk; 0: any size. */
  readonly maxBytes: number;
}

export interface StoreFacts {
  readonly engine: 'sqlite' | 'postgres';
  readonly alertCount: number;
  readonly sizeBytes: number;
  readonly oldestNs: bigint | undefined;
  readonly newestNs: bigint | undefined;
  readonly schemaVersion: number;
}

export interface AlertStore {
  /** For what is kept beside alerts: users, sessions, notes, views... (`records/`). */
  readonly records: SqlDatabase;

  /**
   * Resolves when they are safe. `place`: how far the reader has got with the journal named `feed`, kept in the same
   * transaction, so that after any crash the reader goes on where the store is. Rejects when the disk refuses; nothing is
   * kept then.
   */
  append(
    batch: readonly IncomingAlert[],
    place?: { readonly feed: string; readonly seq: number },
  ): Promise<void>;
  /** `undefined`: that journal was never read. */
  placeIn(feed: string): Promise<number | undefined>;
  /** Called after each append with what was kept, in order; in other processes on the same database, too. */
  onAppend(listener: (alerts: readonly KeptAlert[]) => void): () => void;

  search(filter: AlertFilter, page: PageRequest, signal?: AbortSignal): Promise<AlertPage>;
  /** In the order in which they came, those after the id; for who wants to miss none. `undefined`: from the first on. */
  since(id: string | undefined, limit: number): Promise<readonly KeptAlert[]>;
  latestId(): Promise<string | undefined>;
  count(filter: AlertFilter, signal?: AbortSignal): Promise<number>;
  countBy(filter: AlertFilter, by: Dimension, limit: number, signal?: AbortSignal): Promise<CountsBy>;
  timeline(filter: AlertFilter, request: TimelineRequest, signal?: AbortSignal): Promise<Timeline>;
  /** By `id`, or by the alert's `uuid`. */
  get(idOrUuid: string): Promise<KeptAlert | undefined>;
  story(id: string): Promise<AlertStory | undefined>;
  /** Adds what a sensor tells later of the story with that `key`: once, whenever it comes again; 64 events at most. */
  continueStory(key: string, after: AlertStory['after']): Promise<void>;
  /** Names of output fields that alerts have, most frequent first. */
  fieldNames(limit: number): Promise<readonly { readonly name: string; readonly count: number }[]>;

  incidents(filter: IncidentFilter, page: PageRequest): Promise<IncidentPage>;
  /** By priority, the most urgent first, as far as there are any; the filter's order does not count. */
  incidentCounts(filter: IncidentFilter): Promise<readonly IncidentCount[]>;
  incident(id: string): Promise<Incident | undefined>;
  /** Gives the number of alerts or incidents that were changed. */
  triage(target: TriageTarget, change: TriageChange): Promise<number>;

  /** Gives the number of alerts that were removed. */
  retain(retention: Retention, nowMs: number): Promise<number>;
  facts(): Promise<StoreFacts>;
  close(): Promise<void>;
}
