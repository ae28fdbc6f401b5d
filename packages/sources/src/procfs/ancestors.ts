/** Processes that were not listed, but are above those that were: alerts name them, so they are looked up by themselves. */

import type { ProcessRecord } from '@peregrine/state';
import type { ProcessScan } from './process-scan.ts';

/** Notes parents while processes are handed on, and looks those up that did not come. */
export class Ancestors {
  readonly #known = new Set<number>();
  readonly #parents = new Set<number>();

  note({ tid, ptid }: ProcessRecord): void {
    this.#known.add(tid);
    if (ptid > 0) this.#parents.add(ptid);
  }

  /** Hands on the processes that are missing, without their other threads. */
  complete(processes: ProcessScan, take: (record: ProcessRecord) => void): void {
    // What is added meanwhile is visited, too: parents of parents.
    for (const pid of this.#parents) {
      if (this.#known.has(pid)) continue;
      processes.scan(pid, (record) => {
        if (record.tid !== pid) return;
        this.note(record);
        take(record);
      });
    }
  }
}
