/** Which records of a feed are under way, and up to which one everything is done. */

export class Progress {
  /** In the order of the feed. */
  #entries: { readonly seq: number; readonly clockMs: number; isDone: boolean }[] = [];
  /** Index of the first entry that is not done; those before it are gone with the next tidying. */
  #first = 0;
  #doneSeq = 0;

  /** Records under way. */
  openCount = 0;

  begin(seq: number, clockMs: number): void {
    this.#entries.push({ seq, clockMs, isDone: false });
    this.openCount++;
  }

  /** True when more of the beginning is done than before: see `doneBefore`. */
  finish(seq: number): boolean {
    const entry = this.#entryOf(seq);
    if (entry === undefined || entry.isDone) return false;
    entry.isDone = true;
    this.openCount--;
    const before = this.#first;
    while (this.#entries[this.#first]?.isDone === true) {
      this.#doneSeq = (this.#entries[this.#first]?.seq ?? 0) + 1;
      this.#first++;
    }
    const hasMoved = this.#first > before;
    if (this.#first > 512) {
      this.#entries.splice(0, this.#first);
      this.#first = 0;
    }
    return hasMoved;
  }

  /** Everything before this number is done; 0 while nothing is. */
  get doneBefore(): number {
    return this.#doneSeq;
  }

  /** Clock of the oldest record under way; `undefined` when there is none. */
  get oldestClockMs(): number | undefined {
    return this.#entries[this.#first]?.clockMs;
  }

  #entryOf(seq: number): { readonly seq: number; isDone: boolean } | undefined {
    let low = this.#first;
    let high = this.#entries.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const entry = this.#entries[middle];
      if (entry === undefined) return undefined;
      if (entry.seq === seq) return entry;
      if (entry.seq < seq) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }
}
