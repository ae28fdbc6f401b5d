/**
 * Verdicts of rule terms that depend only on the thing that carries the cache (a thread and its ancestors, a path).
 * HOT: two words read per 32 terms; no allocation after the first use in a generation.
 *
 * The owner calls `reset` whenever a value that a term may read has changed. The reader (compiled rules) passes the
 * generation it was compiled in; a cache of another generation counts as empty.
 */
export class TermCache {
  #generation: object | undefined = undefined;
  /** Bit set: the term's verdict is in `value`. */
  known: Int32Array = EMPTY;
  value: Int32Array = EMPTY;

  /** Makes the cache usable for `words` * 32 terms of `generation`; empties it when either differs. */
  prepare(generation: object, words: number): this {
    if (this.#generation !== generation || this.known.length !== words) {
      this.#generation = generation;
      this.known = new Int32Array(words);
      this.value = new Int32Array(words);
    }
    return this;
  }

  reset(): void {
    const known = this.known;
    for (let i = 0; i < known.length; i++) known[i] = 0;
  }
}

const EMPTY = new Int32Array(0);
