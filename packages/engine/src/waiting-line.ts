/**
 * What waits for the metadata of containers, one line for each container, in the order of arrival. Bounded in time and
 * in number; what leaves without its metadata is counted.
 */

export interface HoldLimits {
  /** How long a container's metadata are waited for, milliseconds; 0: not at all. */
  readonly mostMs: number;
  /** Entries that may wait at a time, all containers together. */
  readonly capacity: number;
}

interface Line<T> {
  readonly sinceMs: number;
  readonly entries: T[];
}

export interface WaitingCounters {
  /** Entries that had to wait. */
  held: number;
  /** Of those, the ones that left because time was up, and because there were too many. */
  overdue: number;
  crowdedOut: number;
}

export class WaitingLine<T> {
  #limits: HoldLimits;
  /** Oldest wait first. */
  readonly #lines = new Map<string, Line<T>>();
  #entryCount = 0;
  readonly counters: WaitingCounters = { held: 0, overdue: 0, crowdedOut: 0 };

  constructor(limits: HoldLimits) {
    this.#limits = limits;
  }

  /** Holds for waits that begin from now on. */
  set limits(limits: HoldLimits) {
    this.#limits = limits;
  }

  /** Containers that are waited for. HOT. */
  get size(): number {
    return this.#lines.size;
  }

  get entryCount(): number {
    return this.#entryCount;
  }

  /** HOT. */
  has(id: string): boolean {
    return this.#lines.has(id);
  }

  isEmpty(id: string): boolean {
    return (this.#lines.get(id)?.entries.length ?? 0) === 0;
  }

  begin(id: string, nowMs: number): void {
    if (this.#limits.mostMs > 0 && !this.#lines.has(id)) this.#lines.set(id, { sinceMs: nowMs, entries: [] });
  }

  /** Gives the entries that have to leave for it. */
  push(id: string, entry: T): readonly T[] {
    const line = this.#lines.get(id);
    if (line === undefined) return [entry];
    const crowdedOut = this.#entryCount >= this.#limits.capacity ? this.#makeRoom(line) : [];
    line.entries.push(entry);
    this.#entryCount++;
    this.counters.held++;
    return crowdedOut;
  }

  /** The container that asks for more gives first, so that a noisy one does not cost others their metadata. */
  #makeRoom(line: Line<T>): readonly T[] {
    const giving =
      line.entries.length > 0 ? line : [...this.#lines.values()].find((each) => each.entries.length > 0);
    const first = giving?.entries.shift();
    if (first === undefined) return [];
    this.#entryCount--;
    this.counters.crowdedOut++;
    return [first];
  }

  /** Ends the wait for a container. */
  take(id: string): readonly T[] {
    const line = this.#lines.get(id);
    if (line === undefined) return [];
    this.#lines.delete(id);
    this.#entryCount -= line.entries.length;
    return line.entries;
  }

  /** Ends the waits that took too long. Gives the containers' ids. */
  overdue(nowMs: number): readonly string[] {
    const ids: string[] = [];
    for (const [id, { sinceMs, entries }] of this.#lines) {
      if (nowMs - sinceMs < this.#limits.mostMs) break;
      ids.push(id);
      this.counters.overdue += entries.length;
    }
    return ids;
  }

  all(): readonly string[] {
    return [...this.#lines.keys()];
  }
}
