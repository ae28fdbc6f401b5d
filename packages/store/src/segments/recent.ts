/** What was asked lately, and how far the answer goes: what is added to does not begin anew with every question. */

const MOST = 8;

export class Recent<T> {
  readonly #entries = new Map<string, T>();

  /** The answer so far, which whoever asks carries on; a new one is begun with `begin`. */
  of(key: string, begin: () => T): T {
    const known = this.#entries.get(key);
    const entry = known ?? begin();
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const [oldest] of this.#entries) {
      if (this.#entries.size <= MOST) break;
      this.#entries.delete(oldest);
    }
    return entry;
  }
}
