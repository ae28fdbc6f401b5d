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
  /** Where the last call stopped. A map's iterator bears changes of the map. */
  #position: Iterator<Thread> | undefined = undefined;

  constructor(world: World) {
    this.#world = world;
  }

  forget(): void {
    this.#position = undefined;
  }

  run(options: PurgeOptions): number {
    const { threads, counters } = this.#world;
    this.#position ??= threads.values();
    let removed = 0;
    for (let seen = 0; seen < options.limit; seen++) {
      const next = this.#position.next();
      if (next.done) {
        this.#position = undefined;
        break;
      }
      const thread = next.value;
      if (!isStale(thread, options)) continue;
      threads.remove(thread.tid);
      counters.n_purged_threads++;
      removed++;
    }
    return removed;
  }
}

function isStale(thread: Thread, { nowSeconds, idleSeconds, isAlive }: PurgeOptions): boolean {
  if (nowSeconds - thread.lastAccessSeconds < idleSeconds) return false;
  if ((thread.flags & threadFlag.fake) !== 0) return true;
  // A dead main thread waits for the others of its process.
  if ((thread.flags & threadFlag.dead) !== 0 && thread.process.threadCount > 0) return false;
  return !isAlive(thread.tid);
}
