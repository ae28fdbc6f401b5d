/** What there is to measure when no kernel events are read: nothing. */

import { createCounters } from '@peregrine/state';
import { noJoinCounts } from '../../exec-join/join-counts.ts';
import type { Measurement } from './measurement.ts';

export function nothingMeasured(timeMs: number): Measurement {
  return {
    timeMs,
    title: 'no events of the kernel',
    eventCount: 0,
    bugCount: 0,
    probe: {
      recordCount: 0,
      emittedCount: 0,
      filteredCount: 0,
      failedReadCount: 0,
      busyCount: 0,
      unattributedCount: 0,
      droppedByCode: new Map(),
      limitedByCode: new Map(),
      byCpu: [],
      gapCount: 0,
    },
    ringBytes: 0,
    programs: [],
    state: createCounters(),
    threadCount: 0,
    fdCount: 0,
    containers: {
      ...{ knownCount: 0, imagelessCount: 0, awaitedCount: 0, waitingCount: 0 },
      waiting: { held: 0, overdue: 0, crowdedOut: 0 },
    },
    matches: [],
    kernelKills: { killed: 0, dryRun: 0, failed: 0, missed: 0 },
    execJoin: noJoinCounts,
    gapCount: 0,
    gapSeconds: 0,
    losers: [],
    profile: undefined,
  };
}
