/**
 * Rings of records, a fixed number of them: a new one takes the place of the one that was written to longest ago.
 * HOT: `next` allocates nothing. The ring that was written to last costs a comparison, others a few writes.
 */

import { Records, type TextBudget } from './records.ts';

export class RingPool {
  readonly ringCount: number;
  readonly recordsPerRing: number;
  readonly records: Records;
  /** Records written to the ring since it was claimed; of more than twice its size, one size less. */
  readonly #written: Int32Array;
  /** The rings in a circle, the latest first; the one before the first is the least recent one. */
  readonly #later: Int32Array;
  readonly #earlier: Int32Array;
  #latest = 0;

  constructor(ringCount: number, recordsPerRing: number, texts: TextBudget) {
    this.ringCount = ringCount;
    this.recordsPerRing = recordsPerRing;
    this.records = new Records(ringCount * recordsPerRing, texts);
    this.#written = new Int32Array(ringCount);
    this.#earlier = Int32Array.from({ length: ringCount }, (_, i) => (i + 1) % ringCount);
    this.#later = Int32Array.from({ length: ringCount }, (_, i) => (i + ringCount - 1) % ringCount);
  }

  /** The ring that was written to longest ago, emptied; it is the latest from now on. */
  claim(): number {
    const ring = this.#later[this.#latest] as number; // A circle of rings.
    // The one before the first in a circle: turning the circle makes it the first.
    this.#latest = ring;
    this.empty(ring);
    return ring;
  }

  /** Forgets the ring's records. Texts that they refer to stay, and stay counted, until others take their places. */
  empty(ring: number): void {
    this.#written[ring] = 0;
  }

  /** Where the ring's next record is to be written: the place of its oldest one, when it is full. */
  next(ring: number): number {
    if (ring !== this.#latest) this.#makeLatest(ring);
    const written = this.#written[ring] as number; // One for each ring.
    const size = this.recordsPerRing;
    const index = written < size ? written : written - size;
    this.#written[ring] = written + 1 === 2 * size ? size : written + 1;
    return ring * size + index;
  }

  #makeLatest(ring: number): void {
    const later = this.#later;
    const earlier = this.#earlier;
    const before = later[ring] as number; // A circle: each has neighbours.
    const after = earlier[ring] as number;
    earlier[before] = after;
    later[after] = before;
    const first = this.#latest;
    const last = later[first] as number;
    earlier[ring] = first;
    later[first] = ring;
    later[ring] = last;
    earlier[last] = ring;
    this.#latest = ring;
  }

  /** How many records the ring holds. */
  sizeOf(ring: number): number {
    return Math.min(this.#written[ring] ?? 0, this.recordsPerRing);
  }

  /** Places of the ring's records, oldest first. */
  placesOf(ring: number): readonly number[] {
    const written = this.#written[ring] ?? 0;
    const size = this.sizeOf(ring);
    const start = ring * this.recordsPerRing;
    return Array.from({ length: size }, (_, i) => start + ((written - size + i) % this.recordsPerRing));
  }
}
