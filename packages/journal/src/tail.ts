/** The latest records in memory, so that consumers that keep up read nothing from disk. */

import type { JournalRecord } from './record.ts';

export class Tail {
  readonly #mostBytes: number;
  /** Groups as they were appended, oldest first: a group's records share a buffer. */
  #groups: { readonly records: readonly JournalRecord[]; readonly sizeBytes: number }[] = [];
  #sizeBytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** `undefined` when there is none. */
  get firstSeq(): number | undefined {
    return this.#groups[0]?.records[0]?.seq;
  }

  push(records: readonly JournalRecord[], sizeBytes: number): void {
    this.#groups.push({ records, sizeBytes });
    this.#sizeBytes += sizeBytes;
    let dropCount = 0;
    while (this.#sizeBytes > this.#mostBytes && dropCount < this.#groups.length - 1) {
      this.#sizeBytes -= this.#groups[dropCount]?.sizeBytes ?? 0;
      dropCount++;
    }
    if (dropCount > 0) this.#groups.splice(0, dropCount);
  }

  /** Records from `seq` on, which is in the tail or after it. */
  read(seq: number, mostRecords: number, mostBytes: number): JournalRecord[] {
    const found: JournalRecord[] = [];
    let sizeBytes = 0;
    for (let i = this.#groupWith(seq); i < this.#groups.length; i++) {
      for (const record of this.#groups[i]?.records ?? []) {
        if (record.seq < seq) continue;
        sizeBytes += record.payload.length;
        if (found.length > 0 && (found.length >= mostRecords || sizeBytes > mostBytes)) return found;
        found.push(record);
      }
    }
    return found;
  }

  /** Index of the last group that begins at or before `seq`. */
  #groupWith(seq: number): number {
    let low = 0;
    let high = this.#groups.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#groups[middle]?.records[0]?.seq ?? 0) <= seq) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
