/** Removes threads whose end was missed. Live only; walks the table a bounded number of entries at a time. */

import { type Thread, threadFlag } from './thread.ts';
import type { World } from './world.ts';

export interface PurgeOptions {
  /** Present time, seconds since the epoch, on the clock of the events. */
  readonly nowSeconds: number;
  /** A thread that made no event for as long may be gone. */
  readonly idleSeconds: number;
  /** Entries looked at per call. */
  readonly limit: number;
  /** Asks the system whether a thread is still there. */
  readonly isAlive: (tid: number) => boolean;
}

export class Purge {
  readonly #world: World;
  /**
   * Ids of the threads that the present round is about, and the next one's place. Not an iterator of the map: while one
   * is kept, V8 keeps every table that the map has outgrown since.
   */
  #tids: Int32Array = NO_TIDS;
  #next = 0;

  constructor(world: World) {
    this.#world = world;
  }

  forget(): void {
    this.#tids = NO_TIDS;
    this.#next = 0;
  }

  run(options: PurgeOptions): number {
    const { threads, counters } = this.#world;
    if (this.#next >= this.#tids.length) this.#begin();
    const end = Math.min(this.#next + options.limit, this.#tids.length);
    let removed = 0;
    for (; this.#next < end; this.#next++) {
      const thread = threads.find(this.#tids[this.#next] as number); // Below the array's length.
      if (thread === undefined || !isStale(thread, options)) continue;
      threads.remove(thread.tid);
      counters.n_purged_threads++;
      removed++;
    }
    return removed;
  }

  #begin(): void {
    const { threads } = this.#world;
    this.#tids = new Int32Array(threads.size);
    this.#next = 0;
    let count = 0;
    for (const { tid } of threads.values()) this.#tids[count++] = tid;
  }
}

const NO_TIDS = new Int32Array(0);

function isStale(thread: Thread, { nowSeconds, idleSeconds, isAlive }: PurgeOptions): boolean {
  if (nowSeconds - thread.lastAccessSeconds < idleSeconds) return false;
  if ((thread.flags & threadFlag.fake) !== 0) return true;
  // A dead main thread waits for the others of its process.
  if ((thread.flags & threadFlag.dead) !== 0 && thread.process.threadCount > 0) return false;
  return !isAlive(thread.tid);
}
