/** What a source has counted, at one moment: plain data. */

import type { FeedCounters } from '@peregrine/sources/feeds';
import type { RuleMatches } from '../detection/measure/measurement.ts';

export interface FeedMeasurement {
  readonly source: string;
  readonly plugin: string;
  readonly title: string;
  readonly events: number;
  readonly bytes: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly refused: Readonly<Record<string, number>>;
  readonly waitingEvents: number;
  readonly waitingBytes: number;
  readonly backlog: number;
  readonly lagMs: number;
  readonly failures: number;
  /** Milliseconds since the epoch; 0 before the first event. */
  readonly latestMs: number;
  readonly bugs: number;
  readonly matches: readonly RuleMatches[];
}

export function countersOf(
  counters: FeedCounters,
): Omit<FeedMeasurement, 'source' | 'plugin' | 'title' | 'bugs' | 'matches'> {
  const {
    events,
    bytes,
    rejected,
    refused,
    waitingEvents,
    waitingBytes,
    backlog,
    lagMs,
    failures,
    latestMs,
  } = counters;
  return {
    events,
    bytes,
    rejected: Object.fromEntries(rejected),
    refused: Object.fromEntries(refused),
    waitingEvents,
    waitingBytes,
    backlog,
    lagMs,
    failures,
    latestMs,
  };
}
