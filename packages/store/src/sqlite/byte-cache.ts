/** What was read and decoded lately, up to a number of bytes; what was not used for longest goes first. */

interface Entry {
  readonly value: unknown;
  readonly sizeBytes: number;
}

export class ByteCache {
  readonly #limitBytes: number;
  readonly #entries = new Map<string, Entry>();
  #sizeBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** The same key always stands for the same kind of value: who asks knows which. */
  get<T>(key: string, read: () => { readonly value: T; readonly sizeBytes: number }): T {
    if (this.#entries.has(key)) return this.known(key) as T; // As above.
    const entry = read();
    this.#entries.set(key, entry);
    this.#sizeBytes += entry.sizeBytes;
    for (const [oldest, { sizeBytes }] of this.#entries) {
      if (this.#sizeBytes <= this.#limitBytes || oldest === key) break;
      this.#entries.delete(oldest);
      this.#sizeBytes -= sizeBytes;
    }
    return entry.value;
  }

  /** `undefined`: it is not there. */
  known<T>(key: string): T | undefined {
    const known = this.#entries.get(key);
    if (known === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, known);
    return known.value as T; // As above.
  }

  /** All whose key begins so. */
  forget(prefix: string): void {
    for (const [key, { sizeBytes }] of this.#entries) {
      if (!key.startsWith(prefix)) continue;
      this.#entries.delete(key);
      this.#sizeBytes -= sizeBytes;
    }
  }
}
