/**
 * Verdicts of terms that depend on one text only, kept by that text: file names repeat, and many rules test them.
 * HOT: one look-up per event; allocates only for a text not seen before. Bounded: when full, it starts afresh.
 */

/** Longer texts are worked out each time, so that the memo's size in bytes is bounded too. */
const MOST_KEPT_CHARS = 1_024;

export class ValueMemo {
  readonly #slotByText = new Map<unknown, number>();
  readonly #words: number;
  readonly #capacity: number;
  #lastText: unknown = NO_TEXT;
  #lastSlot = 0;
  /** Words of slot `s` begin at `s * words`; `slotOf` gives that place. Bit set: the verdict is in `value`. */
  readonly known: Int32Array;
  readonly value: Int32Array;

  /** `words` * 32 terms for each of at most `capacity` texts. */
  constructor(words: number, capacity: number) {
    this.#words = words;
    this.#capacity = capacity;
    this.known = new Int32Array(words * (capacity + 1));
    this.value = new Int32Array(words * (capacity + 1));
  }

  /** Where the words of `text` begin. `undefined`, a value that is missing, has its place as any text. */
  slotOf(text: unknown): number {
    if (text === this.#lastText) return this.#lastSlot;
    let slot = this.#slotByText.get(text);
    if (slot === undefined) slot = this.#enter(text);
    this.#lastText = text;
    this.#lastSlot = slot;
    return slot;
  }

  #enter(text: unknown): number {
    if (typeof text === 'string' && text.length > MOST_KEPT_CHARS) {
      this.known.fill(0, 0, this.#words);
      return 0;
    }
    if (this.#slotByText.size >= this.#capacity) {
      this.#slotByText.clear();
      this.known.fill(0);
    }
    const slot = (this.#slotByText.size + 1) * this.#words;
    this.#slotByText.set(text, slot);
    return slot;
  }
}

const NO_TEXT = Symbol('no text yet');
