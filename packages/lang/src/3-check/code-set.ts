/** Sets of event codes and of syscalls, with complement: bits in words. */

export class CodeSet {
  readonly #words: Uint32Array;
  readonly #size: number;

  private constructor(words: Uint32Array, size: number) {
    this.#words = words;
    this.#size = size;
  }

  static empty(size: number): CodeSet {
    return new CodeSet(new Uint32Array((size + 31) >>> 5), size);
  }

  static of(size: number, codes: Iterable<number>): CodeSet {
    const words = new Uint32Array((size + 31) >>> 5);
    for (const code of codes)
      if (code < size) words[code >>> 5] = (words[code >>> 5] ?? 0) | (1 << (code & 31));
    return new CodeSet(words, size);
  }

  static all(size: number): CodeSet {
    return CodeSet.empty(size).complement();
  }

  complement(): CodeSet {
    const words = this.#words.map((word) => ~word >>> 0);
    const rest = this.#size & 31;
    const last = words.length - 1;
    if (rest !== 0) words[last] = (words[last] ?? 0) & ((1 << rest) - 1);
    return new CodeSet(words, this.#size);
  }

  and(other: CodeSet): CodeSet {
    return new CodeSet(
      this.#words.map((word, index) => word & (other.#words[index] ?? 0)),
      this.#size,
    );
  }

  or(other: CodeSet): CodeSet {
    return new CodeSet(
      this.#words.map((word, index) => word | (other.#words[index] ?? 0)),
      this.#size,
    );
  }

  toSet(): Set<number> {
    const codes = new Set<number>();
    this.#words.forEach((word, index) => {
      for (let bits = word; bits !== 0; bits &= bits - 1)
        codes.add(index * 32 + 31 - Math.clz32(bits & -bits));
    });
    return codes;
  }
}
