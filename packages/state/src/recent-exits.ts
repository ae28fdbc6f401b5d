/**
 * Which threads ended lately, and whose children they were: a parent's side of a clone that comes after its child's
 * exit must not bring the child back. HOT: fixed arrays, one slot for each id modulo the size.
 */

const SLOTS = 8_192;
/** Nanoseconds. */
const WINDOW_NS = 2_000_000_000;

export class RecentExits {
  readonly #tids = new Int32Array(SLOTS).fill(-1);
  readonly #parents = new Int32Array(SLOTS);
  readonly #timesNs = new Float64Array(SLOTS);

  add(tid: number, parentTid: number, timeNs: number): void {
    const slot = tid & (SLOTS - 1);
    this.#tids[slot] = tid;
    this.#parents[slot] = parentTid;
    this.#timesNs[slot] = timeNs;
  }

  has(tid: number, parentTid: number, timeNs: number): boolean {
    const slot = tid & (SLOTS - 1);
    if (this.#tids[slot] !== tid || this.#parents[slot] !== parentTid) return false;
    return timeNs - (this.#timesNs[slot] as number) < WINDOW_NS; // A slot within the array always holds a number.
  }

  clear(): void {
    this.#tids.fill(-1);
  }
}
