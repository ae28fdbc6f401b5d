/** Rows of a segment, a bit for each. HOT: one word of memory for 32 rows, and loops over words. */

export class RowSet {
  readonly rowCount: number;
  readonly words: Uint32Array;

  constructor(rowCount: number, words: Uint32Array = new Uint32Array((rowCount + 31) >>> 5)) {
    this.rowCount = rowCount;
    this.words = words;
  }

  static all(rowCount: number): RowSet {
    const set = new RowSet(rowCount);
    set.words.fill(0xffff_ffff);
    set.#trim();
    return set;
  }

  add(row: number): void {
    const at = row >>> 5;
    this.words[at] = (this.words[at] ?? 0) | (1 << (row & 31));
  }

  remove(row: number): void {
    const at = row >>> 5;
    this.words[at] = (this.words[at] ?? 0) & ~(1 << (row & 31));
  }

  has(row: number): boolean {
    return ((this.words[row >>> 5] ?? 0) & (1 << (row & 31))) !== 0;
  }

  get isEmpty(): boolean {
    for (let i = 0; i < this.words.length; i++) if (this.words[i] !== 0) return false;
    return true;
  }

  get isAll(): boolean {
    const last = this.words.length - 1;
    for (let i = 0; i < last; i++) if (this.words[i] !== 0xffff_ffff) return false;
    const rest = this.rowCount & 31;
    return last < 0 || this.words[last] === (rest === 0 ? 0xffff_ffff : ((1 << rest) - 1) >>> 0);
  }

  get count(): number {
    let count = 0;
    for (let i = 0; i < this.words.length; i++) count += bitCount(this.words[i] ?? 0);
    return count;
  }

  and(other: RowSet): RowSet {
    const set = new RowSet(this.rowCount);
    for (let i = 0; i < set.words.length; i++) set.words[i] = (this.words[i] ?? 0) & (other.words[i] ?? 0);
    return set;
  }

  or(other: RowSet): RowSet {
    const set = new RowSet(this.rowCount);
    for (let i = 0; i < set.words.length; i++) set.words[i] = (this.words[i] ?? 0) | (other.words[i] ?? 0);
    return set;
  }

  /** Rows of this one that the other lacks. */
  without(other: RowSet): RowSet {
    const set = new RowSet(this.rowCount);
    for (let i = 0; i < set.words.length; i++) set.words[i] = (this.words[i] ?? 0) & ~(other.words[i] ?? 0);
    return set;
  }

  /** In ascending order. */
  forEach(visit: (row: number) => void): void {
    for (let i = 0; i < this.words.length; i++) {
      let word = this.words[i] ?? 0;
      while (word !== 0) {
        const lowest = word & -word;
        visit((i << 5) + 31 - Math.clz32(lowest));
        word ^= lowest;
      }
    }
  }

  /** What is beyond the last row is no row. */
  #trim(): void {
    const rest = this.rowCount & 31;
    const last = this.words.length - 1;
    if (rest !== 0 && last >= 0) this.words[last] = (1 << rest) - 1;
  }
}

function bitCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x5555_5555);
  bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
