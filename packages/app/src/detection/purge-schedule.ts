/**
 * When the thread table is cleaned: half a minute after the start, then at the interval that the configuration says.
 * A pass is spread over several looks, so that none of them keeps events waiting.
 */

const FIRST_MS = 30_000;
const ENTRIES_PER_LOOK = 4_096;

export class PurgeSchedule {
  intervalMs: number;
  #nextPassMs: number;
  /** Entries of the present pass that are still to be looked at. */
  #left = 0;

  constructor(nowMs: number, intervalMs: number) {
    this.intervalMs = intervalMs;
    this.#nextPassMs = nowMs + FIRST_MS;
  }

  /** How many entries to look at now; 0 between passes. Call it about once a second. */
  take(nowMs: number, threadCount: number): number {
    if (nowMs >= this.#nextPassMs) {
      this.#nextPassMs = nowMs + this.intervalMs;
      this.#left = threadCount;
    }
    const count = Math.min(this.#left, ENTRIES_PER_LOOK);
    this.#left -= count;
    return count;
  }
}
