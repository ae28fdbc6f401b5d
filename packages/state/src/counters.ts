/** What the tables count. Names are those of the metrics; plain numbers that a scrape reads. */

export interface StateCounters {
  n_noncached_fd_lookups: number;
  n_cached_fd_lookups: number;
  n_failed_fd_lookups: number;
  n_added_fds: number;
  n_removed_fds: number;
  /** Enter events kept for their exit, and what came of them. */
  n_stored_evts: number;
  n_store_evts_drops: number;
  n_retrieved_evts: number;
  n_retrieve_evts_drops: number;
  n_noncached_thread_lookups: number;
  n_cached_thread_lookups: number;
  n_failed_thread_lookups: number;
  n_added_threads: number;
  n_removed_threads: number;
  /** Refused because a table was at its ceiling. */
  n_drops_full_threadtable: number;
  n_drops_full_fdtable: number;
  n_drops_full_usertable: number;
  n_drops_full_grouptable: number;
  n_drops_full_containertable: number;
  n_drops_full_interfacetable: number;
  /** Threads removed by a purge. */
  n_purged_threads: number;
  /** Container events that were not understood. */
  n_bad_container_evts: number;
}

export function createCounters(): StateCounters {
  return {
    n_noncached_fd_lookups: 0,
    n_cached_fd_lookups: 0,
    n_failed_fd_lookups: 0,
    n_added_fds: 0,
    n_removed_fds: 0,
    n_stored_evts: 0,
    n_store_evts_drops: 0,
    n_retrieved_evts: 0,
    n_retrieve_evts_drops: 0,
    n_noncached_thread_lookups: 0,
    n_cached_thread_lookups: 0,
    n_failed_thread_lookups: 0,
    n_added_threads: 0,
    n_removed_threads: 0,
    n_drops_full_threadtable: 0,
    n_drops_full_fdtable: 0,
    n_drops_full_usertable: 0,
    n_drops_full_grouptable: 0,
    n_drops_full_containertable: 0,
    n_drops_full_interfacetable: 0,
    n_purged_threads: 0,
    n_bad_container_evts: 0,
  };
}
