/** The join of requests in the audit log with what runs in pods: what was found, what was not, how full its tables are. */

import type { JoinCounts } from '../exec-join/join-counts.ts';
import type { Metric } from './metric.ts';

type Samples = readonly (readonly [Readonly<Record<string, string>>, number])[];

function ofJoin(
  name: string,
  type: 'counter' | 'gauge',
  doc: string,
  read: (counts: JoinCounts) => Samples,
): Metric {
  return {
    group: 'own',
    doc,
    family: {
      name: `peregrine_exec_${name}`,
      type,
      read: ({ measurement }) => read(measurement.execJoin).map(([labels, value]) => ({ labels, value })),
    },
  };
}

const tables = ({ tables }: JoinCounts, part: 'size' | 'limit'): Samples =>
  Object.entries(tables).map(([table, sizes]) => [{ table }, sizes[part]]);

export const execMetrics: readonly Metric[] = [
  ofJoin(
    'sessions_total',
    'counter',
    'Commands that somebody had run in a container from outside, by what was known of who that was when their alerts went out (`k8s.exec.match`); no_pod are in no pod.',
    ({ sessions }) => Object.entries(sessions).map(([match, count]) => [{ match }, count]),
  ),
  ofJoin(
    'sessions_late_total',
    'counter',
    'Of those that were unknown, the ones whose request came later: alerts from then on have the user.',
    ({ lateCount }) => [[{}, lateCount]],
  ),
  ofJoin(
    'requests_total',
    'counter',
    'Requests in the audit log to run a command in a pod: joined with a process of this machine, or expired without one, as they are for pods on other nodes.',
    ({ joinedCount, expiredCount }) => [
      [{ result: 'joined' }, joinedCount],
      [{ result: 'expired' }, expiredCount],
    ],
  ),
  ofJoin(
    'forgotten_pods_total',
    'counter',
    'Pods whose sessions and requests were forgotten too soon, since there were too many.',
    ({ forgottenPodCount }) => [[{}, forgottenPodCount]],
  ),
  ofJoin('table_entries', 'gauge', 'Entries in the tables of the join.', (counts) => tables(counts, 'size')),
  ofJoin('table_limit', 'gauge', 'Entries that these tables hold at most.', (counts) =>
    tables(counts, 'limit'),
  ),
];
