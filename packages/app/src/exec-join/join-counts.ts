/** What the join counts: plain data, for metrics. */

import type { SessionMatch } from '@peregrine/state';

export interface JoinCounts {
  /** Sessions, by what was known of who began them when their alerts went out; `no_pod` are in no pod. */
  readonly sessions: Readonly<Record<SessionMatch | 'no_pod', number>>;
  /** Sessions of which it became known after their alerts had gone out. */
  readonly lateCount: number;
  /** Requests that a session was found for, and those that were forgotten without one. */
  readonly joinedCount: number;
  readonly expiredCount: number;
  /** Given up since there were too many, with all that was known of them. */
  readonly forgottenPodCount: number;
  readonly tables: Readonly<Record<JoinTable, TableSize>>;
}

export type JoinTable = 'pods' | 'sessions' | 'requests' | 'attachments';

export interface TableSize {
  readonly size: number;
  readonly limit: number;
}

export const noJoinCounts: JoinCounts = {
  sessions: { sure: 0, same_user: 0, attached: 0, ambiguous: 0, unknown: 0, no_pod: 0 },
  ...{ lateCount: 0, joinedCount: 0, expiredCount: 0, forgottenPodCount: 0 },
  tables: {
    pods: { size: 0, limit: 0 },
    sessions: { size: 0, limit: 0 },
    requests: { size: 0, limit: 0 },
    attachments: { size: 0, limit: 0 },
  },
};
