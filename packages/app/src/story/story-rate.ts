/** Which alerts get a story: the first of a rule and a process in a while, and only so many in a second. */

export interface StoryRateLimits {
  /** Later alerts of the same rule and process get none for so long, milliseconds. */
  readonly repeatAfterMs: number;
  readonly mostPerSecond: number;
}

export type StoryChance =
  | { readonly isGiven: false }
  /** With what was left out since the last one: of the same rule and process, and because there were too many. */
  | { readonly isGiven: true; readonly repeatCount: number; readonly crowdedCount: number };

interface Given {
  readonly atMs: number;
  repeatCount: number;
}

/** Rules and processes that are remembered; the oldest of more are forgotten. */
const MOST_KEYS = 4_096;
const LEFT_OUT: StoryChance = { isGiven: false };

export class StoryRate {
  readonly #limits: StoryRateLimits;
  /** Oldest first. */
  readonly #given = new Map<string, Given>();
  #budget: number;
  #budgetMs = 0;
  #crowdedCount = 0;
  /** Alerts that got none. */
  leftOutCount = 0;

  constructor(limits: StoryRateLimits) {
    this.#limits = limits;
    this.#budget = limits.mostPerSecond;
  }

  /** `nowMs`: on a clock that only goes forward. */
  ask(rule: string, pid: number, nowMs: number): StoryChance {
    const { repeatAfterMs, mostPerSecond } = this.#limits;
    const key = `${pid} ${rule}`;
    const given = this.#given.get(key);
    if (given !== undefined && nowMs - given.atMs < repeatAfterMs) {
      given.repeatCount++;
      this.leftOutCount++;
      return LEFT_OUT;
    }
    const earned = ((nowMs - this.#budgetMs) / 1_000) * mostPerSecond;
    this.#budget = Math.min(mostPerSecond, this.#budget + Math.max(0, earned));
    this.#budgetMs = nowMs;
    if (this.#budget < 1) {
      this.#crowdedCount++;
      this.leftOutCount++;
      return LEFT_OUT;
    }
    this.#budget--;
    this.#given.delete(key);
    this.#given.set(key, { atMs: nowMs, repeatCount: 0 });
    if (this.#given.size > MOST_KEYS) {
      const [oldest] = this.#given.keys();
      if (oldest !== undefined) this.#given.delete(oldest);
    }
    const chance = {
      isGiven: true,
      repeatCount: given?.repeatCount ?? 0,
      crowdedCount: this.#crowdedCount,
    } as const;
    this.#crowdedCount = 0;
    return chance;
  }
}
