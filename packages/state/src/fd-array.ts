/**
 * Fds by number. Most processes have a handful, often with one large number among them (shells keep their terminal at
 * 255): those are two short sorted lists, which are found in by walking and copied at once. A table that outgrows
 * them becomes an array for the low numbers and a map for the rest.
 * HOT: forks copy tables; with an array that reaches to the largest number a copy cost ten times as much.
 */

import type { Fd } from './fd.ts';

/** Most entries that are kept as lists. */
const FEW = 24;
/** Numbers from here on go to the map, so that one large number costs no large array. */
const ARRAY_LIMIT = 1_024;

export class FdArray {
  /** While there are few: the numbers, ascending, and their entries. Empty once there are many. */
  #numbers: number[] = [];
  #fds: Fd[] = [];
  #many: ManyFds | undefined = undefined;
  /** Entries in all. */
  size = 0;

  get(number: number): Fd | undefined {
    if (this.#many !== undefined) return this.#many.get(number);
    const numbers = this.#numbers;
    for (let i = 0; i < numbers.length; i++) if (numbers[i] === number) return this.#fds[i];
    return undefined;
  }

  has(number: number): boolean {
    return this.get(number) !== undefined;
  }

  set(number: number, fd: Fd): void {
    if (this.#many !== undefined) {
      if (this.#many.set(number, fd)) this.size++;
      return;
    }
    const numbers = this.#numbers;
    const fds = this.#fds;
    let at = numbers.length;
    while (at > 0 && (numbers[at - 1] as number) >= number) at--; // Within the list.
    if (at < numbers.length && numbers[at] === number) {
      fds[at] = fd;
      return;
    }
    if (numbers.length === FEW) {
      this.#spread();
      this.set(number, fd);
      return;
    }
    this.size++;
    for (let i = numbers.length; i > at; i--) {
      numbers[i] = numbers[i - 1] as number; // Within the list.
      fds[i] = fds[i - 1] as Fd; // The same.
    }
    numbers[at] = number;
    fds[at] = fd;
  }

  #spread(): void {
    const many = new ManyFds();
    for (const [number, fd] of this.entries()) many.set(number, fd);
    this.#numbers = [];
    this.#fds = [];
    this.#many = many;
  }

  delete(number: number): boolean {
    if (this.#many !== undefined) {
      if (!this.#many.delete(number)) return false;
      this.size--;
      return true;
    }
    const numbers = this.#numbers;
    const fds = this.#fds;
    let at = 0;
    while (at < numbers.length && numbers[at] !== number) at++;
    if (at === numbers.length) return false;
    for (let i = at + 1; i < numbers.length; i++) {
      numbers[i - 1] = numbers[i] as number; // Within the list.
      fds[i - 1] = fds[i] as Fd; // The same.
    }
    numbers.pop();
    fds.pop();
    this.size--;
    return true;
  }

  /** Another table with the same entries, which are marked as shared. */
  copy(): FdArray {
    const copy = new FdArray();
    copy.size = this.size;
    if (this.#many !== undefined) {
      copy.#many = this.#many.copy();
      return copy;
    }
    const fds = this.#fds;
    for (let i = 0; i < fds.length; i++) (fds[i] as Fd).isShared = true; // Within the list.
    copy.#numbers = this.#numbers.slice();
    copy.#fds = fds.slice();
    return copy;
  }

  /** Entries that have any of these flags. */
  countFlagged(flags: number): number {
    let count = 0;
    if (this.#many !== undefined) {
      for (const [, fd] of this.#many.entries()) if ((fd.flags & flags) !== 0) count++;
      return count;
    }
    const fds = this.#fds;
    for (let i = 0; i < fds.length; i++) if (((fds[i] as Fd).flags & flags) !== 0) count++; // Within the list.
    return count;
  }

  deleteFlagged(flags: number): void {
    if (this.#many !== undefined) {
      for (const [number, fd] of [...this.#many.entries()]) if ((fd.flags & flags) !== 0) this.delete(number);
      return;
    }
    const numbers = this.#numbers;
    const fds = this.#fds;
    let kept = 0;
    for (let i = 0; i < numbers.length; i++) {
      const fd = fds[i] as Fd; // Within the list.
      if ((fd.flags & flags) !== 0) continue;
      numbers[kept] = numbers[i] as number; // The same.
      fds[kept++] = fd;
    }
    numbers.length = kept;
    fds.length = kept;
    this.size = kept;
  }

  /** In order of numbers; large ones of a large table as they came. Entries must not be added or deleted meanwhile. */
  *entries(): Generator<[number, Fd], void, undefined> {
    if (this.#many !== undefined) {
      yield* this.#many.entries();
      return;
    }
    for (const [i, number] of this.#numbers.entries()) yield [number, this.#fds[i] as Fd]; // Within the list.
  }

  *keys(): Generator<number, void, undefined> {
    for (const [number] of this.entries()) yield number;
  }

  *values(): Generator<Fd, void, undefined> {
    for (const [, fd] of this.entries()) yield fd;
  }
}

/** A table that has, or had, more than a few entries. */
class ManyFds {
  /** INVARIANT: without holes; longer than any low number that was ever in it. */
  #low: (Fd | undefined)[] = [];
  readonly #high: Map<number, Fd>;

  constructor(high: Map<number, Fd> = new Map()) {
    this.#high = high;
  }

  get(number: number): Fd | undefined {
    if (number >= 0 && number < ARRAY_LIMIT) return number < this.#low.length ? this.#low[number] : undefined;
    return this.#high.get(number);
  }

  /** Whether the number is new. */
  set(number: number, fd: Fd): boolean {
    if (number < 0 || number >= ARRAY_LIMIT) {
      const isNew = !this.#high.has(number);
      this.#high.set(number, fd);
      return isNew;
    }
    const low = this.#low;
    while (low.length <= number) low.push(undefined);
    const isNew = low[number] === undefined;
    low[number] = fd;
    return isNew;
  }

  delete(number: number): boolean {
    if (number < 0 || number >= ARRAY_LIMIT) return this.#high.delete(number);
    if (this.get(number) === undefined) return false;
    this.#low[number] = undefined;
    return true;
  }

  copy(): ManyFds {
    for (const [, fd] of this.entries()) fd.isShared = true;
    const copy = new ManyFds(new Map(this.#high));
    copy.#low = this.#low.slice();
    return copy;
  }

  *entries(): Generator<[number, Fd], void, undefined> {
    for (const [number, fd] of this.#low.entries()) if (fd !== undefined) yield [number, fd];
    yield* this.#high.entries();
  }
}
