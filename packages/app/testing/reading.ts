/** A reading with a number for everything, for tests of metrics. */

import type { Measurement } from '../src/detection/measure/measurement.ts';
import type { FeedMeasurement } from '../src/feeds/feed-measurement.ts';
import type { Reading } from '../src/metrics/reading.ts';

const [OPENAT, CLOSE] = [307, 5];

const feed: FeedMeasurement = {
  ...{ source: 'k8s_audit', plugin: 'k8saudit', title: 'http://127.0.0.1:9765/k8s-audit' },
  ...{ events: 70, bytes: 9_000, rejected: { too_large: 2 }, refused: { queue_full: 3 } },
  ...{
    waitingEvents: 4,
    waitingBytes: 512,
    backlog: 7,
    lagMs: 1_500,
    failures: 1,
    latestMs: 1_700_000_099_000,
    bugs: 0,
  },
  matches: [],
};

export const measurement: Measurement = {
  timeMs: 1_700_000_100_000,
  title: 'eBPF',
  eventCount: 900,
  bugCount: 1,
  probe: {
    recordCount: 1_000,
    emittedCount: 910,
    filteredCount: 700,
    failedReadCount: 3,
    busyCount: 2,
    unattributedCount: 0,
    droppedByCode: new Map([
      [OPENAT, 40],
      [CLOSE, 10],
    ]),
    limitedByCode: new Map([[OPENAT, 40]]),
    byCpu: [
      { tried: 600, emitted: 600, lost: 0 },
      { tried: 400, emitted: 310, lost: 90 },
    ],
    gapCount: 90,
  },
  ringBytes: 8_388_608,
  programs: [{ name: 'sys_exit', runCount: 10, runTimeNs: 2_500 }],
  state: {
    n_noncached_fd_lookups: 1,
    n_cached_fd_lookups: 2,
    n_failed_fd_lookups: 3,
    n_added_fds: 4,
    n_removed_fds: 5,
    n_stored_evts: 6,
    n_store_evts_drops: 0,
    n_retrieved_evts: 7,
    n_retrieve_evts_drops: 0,
    n_noncached_thread_lookups: 8,
    n_cached_thread_lookups: 9,
    n_failed_thread_lookups: 10,
    n_added_threads: 11,
    n_removed_threads: 12,
    n_drops_full_threadtable: 13,
    n_drops_full_fdtable: 0,
    n_drops_full_usertable: 0,
    n_drops_full_grouptable: 0,
    n_drops_full_containertable: 0,
    n_drops_full_interfacetable: 0,
    n_purged_threads: 0,
    n_bad_container_evts: 0,
  },
  threadCount: 14,
  fdCount: 15,
  containers: {
    ...{ knownCount: 3, imagelessCount: 1, awaitedCount: 1, waitingCount: 2 },
    waiting: { held: 9, overdue: 4, crowdedOut: 1 },
  },
  matches: [
    { rule: 'Read "it" - now', priority: 4, count: 5, source: 'syscall', tags: ['T1059', 'mitre:x'] },
    { rule: 'Other', priority: 7, count: 2, source: 'syscall', tags: [] },
  ],
  execJoin: {
    sessions: { sure: 4, same_user: 1, attached: 0, ambiguous: 2, unknown: 3, no_pod: 6 },
    ...{ lateCount: 1, joinedCount: 5, expiredCount: 7, forgottenPodCount: 0 },
    tables: {
      pods: { size: 2, limit: 4_096 },
      sessions: { size: 3, limit: 33_024 },
      requests: { size: 4, limit: 32_768 },
      attachments: { size: 1, limit: 4_096 },
    },
  },
  kernelKills: { killed: 2, dryRun: 0, failed: 1, missed: 0 },
  gapCount: 1,
  gapSeconds: 2.5,
  losers: [
    {
      path: '/a',
      containerId: undefined,
      containerName: undefined,
      image: undefined,
      dropped: 50,
      limited: 40,
    },
  ],
  profile: undefined,
};

export const reading: Reading = {
  measurement,
  feeds: [{ source: feed.source, isUp: true, measurement: feed, restarts: 1 }],
  usage: {
    cpuRatio: 0.123,
    rssBytes: 104_857_600,
    vszBytes: 1_073_741_824,
    pssBytes: undefined,
    containerMemoryBytes: 52_428_800,
    hostCpuRatio: 0.5,
    hostMemoryBytes: 2_147_483_648,
    hostRunningCount: 3,
    hostOpenFileCount: 1_000,
  },
  program: {
    startNs: 1_700_000_000_000_000_000n,
    reloadNs: 1_700_000_050_000_000_000n,
    hostBootNs: 1_600_000_000_000_000_000n,
    kernelRelease: '6.18.0',
    cpuCount: 2,
    rulesFiles: [{ name: 'my.rules.yaml', sha256: 'ab' }],
    configFiles: [{ name: 'falco.yaml', sha256: 'cd' }],
    interfaces: [{ name: 'eth0', ipv4: ['10.0.0.1', '10.0.0.2'], ipv6: [] }],
  },
  hostname: 'tester',
  outputDropCount: 0,
  outputWaitingCount: 2,
  earlier: { timeMs: 1_700_000_090_000, eventCount: 400, recordCount: 500, lostCount: 40 },
  isMemoryInMb: true,
};
