/** What the tables hold. COMPAT: `falco.` in snapshots, `scap` under `/metrics`. */

import type { StateCounters } from '@peregrine/state';
import { familyOf, fieldOf, type Metric } from './metric.ts';
import type { Reading } from './reading.ts';

const group = 'state_counters';

function count(
  name: string,
  doc: string,
  read: (reading: Reading) => number,
  type: 'counter' | 'gauge' = 'counter',
): Metric {
  return {
    group,
    doc,
    field: fieldOf(`falco.${name}`, read),
    family: familyOf(`falcosecurity_scap_${name}_total`, type, read),
  };
}

const counted: Readonly<Partial<Record<keyof StateCounters, string>>> = {
  n_noncached_fd_lookups: 'Descriptors that were looked up.',
  n_cached_fd_lookups: 'Descriptors that had just been looked up.',
  n_failed_fd_lookups: 'Descriptors that were not known.',
  n_added_fds: 'Descriptors that were added.',
  n_removed_fds: 'Descriptors that were removed.',
  n_stored_evts: 'Events kept for the one that follows.',
  n_store_evts_drops: 'Events that could not be kept.',
  n_retrieved_evts: 'Kept events that were used.',
  n_retrieve_evts_drops: 'Kept events that were missing.',
  n_noncached_thread_lookups: 'Threads that were looked up.',
  n_cached_thread_lookups: 'Threads that had just been looked up.',
  n_failed_thread_lookups: 'Threads that were not known.',
  n_added_threads: 'Threads that were added.',
  n_removed_threads: 'Threads that were removed.',
  n_drops_full_threadtable: 'Threads that found the table full.',
};

export const stateMetrics: readonly Metric[] = [
  count('n_threads', 'Threads that are known.', ({ measurement }) => measurement.threadCount, 'gauge'),
  count('n_fds', 'Open descriptors that are known.', ({ measurement }) => measurement.fdCount, 'gauge'),
  ...Object.entries(counted).map(([name, doc]) =>
    // The keys of `counted` are those of the counters.
    count(name, doc, ({ measurement }) => measurement.state[name as keyof StateCounters]),
  ),
];
