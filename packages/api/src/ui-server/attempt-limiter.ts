/**
 * Who guesses passwords waits: after a few failures, twice as long after each further one. Bounded: with too many at a time,
 * those that failed longest ago are forgotten.
 */

const FREE_FAILURES = 5;
const MOST_PAUSE_MS = 15 * 60_000;
const FORGOTTEN_AFTER_MS = 60 * 60_000;
const MOST_KEYS = 10_000;

interface Failures {
  count: number;
  latestMs: number;
}

export class AttemptLimiter {
  readonly #nowMs: () => number;
  readonly #failures = new Map<string, Failures>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Milliseconds until the next attempt may be made; 0: now. */
  pauseOf(key: string): number {
    const known = this.#failures.get(key);
    if (known === undefined || known.count < FREE_FAILURES) return 0;
    const pauseMs = Math.min(MOST_PAUSE_MS, 1_000 * 2 ** (known.count - FREE_FAILURES));
    return Math.max(0, known.latestMs + pauseMs - this.#nowMs());
  }

  fail(key: string): void {
    const nowMs = this.#nowMs();
    const known = this.#failures.get(key);
    const isOld = known !== undefined && nowMs - known.latestMs > FORGOTTEN_AFTER_MS;
    this.#failures.delete(key);
    this.#failures.set(key, { count: isOld ? 1 : (known?.count ?? 0) + 1, latestMs: nowMs });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MOST_KEYS && oldest !== undefined) this.#failures.delete(oldest);
  }

  failuresOf(key: string): number {
    return this.#failures.get(key)?.count ?? 0;
  }

  /** Takes back so many of the failures; unless told, all. */
  forgive(key: string, count = Number.POSITIVE_INFINITY): void {
    const known = this.#failures.get(key);
    if (known === undefined) return;
    known.count -= count;
    if (known.count <= 0) this.#failures.delete(key);
  }
}
