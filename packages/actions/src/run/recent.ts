/** What was seen not long ago, by key: for alerts that come twice, and for targets that something was just done to. */

interface Entry<V> {
  readonly value: V;
  /** `Infinity`: until it is settled. */
  untilMs: number;
}

export class Recent<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #mostCount: number;

  /** When there are more, the oldest go. */
  constructor(mostCount: number) {
    this.#mostCount = mostCount;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** `undefined`: nothing, or too long ago. */
  get(key: string, nowMs: number): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.untilMs > nowMs) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  /** Puts it in, as the newest. */
  put(key: string, value: V, untilMs: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, untilMs });
    if (this.#entries.size <= this.#mostCount) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  /** What is there stays until then, if it is still this value. */
  settle(key: string, value: V, untilMs: number): void {
    const entry = this.#entries.get(key);
    if (entry?.value === value) entry.untilMs = untilMs;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
