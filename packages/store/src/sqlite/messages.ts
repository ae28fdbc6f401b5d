/** What the main thread and the thread of the store say to each other. All of it can be copied between threads. */

import type { AlertStory } from '@peregrine/alert';
import type {
  AlertFilter,
  IncidentFilter,
  PageRequest,
  Retention,
  TimelineRequest,
  TriageChange,
  TriageTarget,
} from '../alert-store.ts';
import type { SqlValue } from '../sql/sql-database.ts';
import type { ArrivingBody } from './kept-row.ts';

/** What the thread that writes has written, for the one that reads. */
export interface Written {
  /** Of the segments that there are. */
  readonly firstId: number;
  /** Its segments are all there, up to that one. */
  readonly lastId: number;
  /** What is older is as good as removed. */
  readonly floorNs: bigint | undefined;
  /** Grows with every change of what people think. */
  readonly triageVersion: number;
}

/** Questions that both threads answer, each for its share. */
export type SharedQuestion =
  | { readonly kind: 'places'; readonly filter: AlertFilter; readonly page: PageRequest }
  | { readonly kind: 'count'; readonly filter: AlertFilter }
  | { readonly kind: 'countBy'; readonly filter: AlertFilter; readonly by: string }
  | { readonly kind: 'timeline'; readonly filter: AlertFilter; readonly request: TimelineRequest }
  | { readonly kind: 'withUuid'; readonly uuid: string };

export type SearchCall =
  | { readonly kind: 'shared'; readonly question: SharedQuestion; readonly written: Written }
  | { readonly kind: 'rows'; readonly seqs: readonly number[]; readonly written: Written }
  | { readonly kind: 'close' };

export type StoreCall =
  | { readonly kind: 'shared'; readonly question: SharedQuestion; readonly afterId: number }
  | {
      readonly kind: 'append';
      readonly bodies: readonly ArrivingBody[];
      readonly place: { readonly feed: string; readonly seq: number } | undefined;
      /** Whether the answer says what is known of each alert; nothing otherwise. */
      readonly isTold: boolean;
    }
  | { readonly kind: 'placeIn'; readonly feed: string }
  | { readonly kind: 'since'; readonly id: string | undefined; readonly limit: number }
  | { readonly kind: 'latestId' }
  | { readonly kind: 'story'; readonly id: string }
  | { readonly kind: 'continueStory'; readonly key: string; readonly after: AlertStory['after'] }
  | { readonly kind: 'fieldNames'; readonly limit: number }
  | { readonly kind: 'incidents'; readonly filter: IncidentFilter; readonly page: PageRequest }
  | { readonly kind: 'incidentCounts'; readonly filter: IncidentFilter }
  | { readonly kind: 'incident'; readonly id: string }
  | { readonly kind: 'triage'; readonly target: TriageTarget; readonly change: TriageChange }
  | { readonly kind: 'retain'; readonly retention: Retention; readonly nowMs: number }
  | { readonly kind: 'facts' }
  | {
      readonly kind: 'sql';
      readonly sql: string;
      readonly parameters: readonly SqlValue[];
      readonly isQuery: boolean;
    }
  | { readonly kind: 'close' };

export type ToThread<Call> =
  | { readonly kind: 'call'; readonly id: number; readonly call: Call }
  /** Nobody waits for the answer to that call any more. */
  | { readonly kind: 'abandon'; readonly id: number };

export interface StoreFailure {
  readonly kind: 'fault' | 'filter' | 'abandoned' | 'bug';
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
}

export type FromThread =
  | { readonly kind: 'opened' }
  | { readonly kind: 'written'; readonly written: Written }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: StoreFailure }
  /** It cannot be opened. */
  | { readonly kind: 'unusable'; readonly failure: StoreFailure }
  | { readonly kind: 'trouble'; readonly text: string };

export interface SearchStart {
  readonly path: string;
  readonly cacheBytes: number;
}

export interface StoreStart {
  readonly path: string;
  readonly recordsPath: string;
  readonly incidentGapMs: number;
  readonly cacheBytes: number;
  readonly segmentRows: number;
  readonly recentIncidents: number;
}
