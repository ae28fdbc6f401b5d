/** How often what may be done, and how much of that is used: in any window of time, not only in whole minutes. */

import type { TargetFacts } from '../targets/target.ts';
import type { LimitSettings } from './settings.ts';

export type Reserved =
  | { readonly kind: 'free'; readonly release: () => void }
  | { readonly kind: 'held'; readonly reason: string };

/** A limit and how much of it is used. */
export interface LimitReading {
  /** `all actions`, `kubernetes:terminate`. */
  readonly what: string;
  /** `each namespace`, `each node`, `everywhere`. */
  readonly scope: string;
  /** The namespace or node that used most; empty for everywhere and where nothing is used. */
  readonly where: string;
  readonly usedCount: number;
  readonly mostCount: number;
  readonly windowMs: number;
  /** Decisions that it held since the start. */
  readonly heldCount: number;
}

const EVERYWHERE = '';
/** Places that are looked at before those whose time is over are forgotten. */
const MOST_PLACES = 10_000;

export class Limits {
  readonly #limits: readonly Limit[];

  constructor(settings: readonly LimitSettings[]) {
    this.#limits = settings.map((own) => new Limit(own));
  }

  /** Why nothing more may be done now; `undefined`: something may. */
  full(actionner: string, facts: TargetFacts, nowMs: number): string | undefined {
    const full = this.#limits.find((limit) => limit.concerns(actionner) && limit.isFull(facts, nowMs));
    return full?.reason(facts);
  }

  /** Takes a place in each limit that is about it, or in none. `nowMs` never goes backwards. */
  reserve(actionner: string, facts: TargetFacts, nowMs: number): Reserved {
    const concerned = this.#limits.filter((limit) => limit.concerns(actionner));
    const full = concerned.find((limit) => limit.isFull(facts, nowMs));
    if (full !== undefined) {
      full.heldCount++;
      return { kind: 'held', reason: full.reason(facts) };
    }
    const releases = concerned.map((limit) => limit.take(facts, nowMs));
    return {
      kind: 'free',
      release: () => {
        for (const release of releases) release();
      },
    };
  }

  readings(nowMs: number): readonly LimitReading[] {
    return this.#limits.map((limit) => limit.reading(nowMs));
  }
}

class Limit {
  readonly #settings: LimitSettings;
  readonly #actionners: ReadonlySet<string>;
  /** Times by place, oldest first; as many as the limit at most. */
  readonly #taken = new Map<string, number[]>();

  heldCount = 0;

  constructor(settings: LimitSettings) {
    this.#settings = settings;
    this.#actionners = new Set(settings.actionners);
  }

  concerns(actionner: string): boolean {
    return this.#actionners.size === 0 || this.#actionners.has(actionner);
  }

  isFull(facts: TargetFacts, nowMs: number): boolean {
    const place = this.#placeOf(facts);
    return place !== undefined && this.#within(place, nowMs).length >= this.#settings.mostCount;
  }

  take(facts: TargetFacts, nowMs: number): () => void {
    const place = this.#placeOf(facts);
    if (place === undefined) return () => {};
    if (this.#taken.size >= MOST_PLACES) this.#forget(nowMs);
    const times = this.#within(place, nowMs);
    times.push(nowMs);
    this.#taken.set(place, times);
    let isTaken = true;
    return () => {
      const at = isTaken ? times.indexOf(nowMs) : -1;
      isTaken = false;
      if (at >= 0) times.splice(at, 1);
    };
  }

  reason(facts: TargetFacts): string {
    const { mostCount, windowMs, scope } = this.#settings;
    const what = this.#actionners.size === 0 ? 'actions' : [...this.#actionners].join(', ');
    const where = scope === 'everywhere' ? 'in all' : `in ${scope} ${this.#placeOf(facts) ?? ''}`;
    return `limit: at most ${mostCount} ${what} ${where} within ${windowMs / 1000} s`;
  }

  reading(nowMs: number): LimitReading {
    this.#forget(nowMs);
    const { mostCount, windowMs, scope, actionners } = this.#settings;
    let where = '';
    let usedCount = 0;
    for (const [place, { length }] of this.#taken) {
      if (length <= usedCount) continue;
      usedCount = length;
      where = place;
    }
    return {
      what: actionners.length === 0 ? 'all actions' : actionners.join(', '),
      scope: scope === 'everywhere' ? 'everywhere' : `each ${scope}`,
      where,
      ...{ usedCount, mostCount, windowMs, heldCount: this.heldCount },
    };
  }

  /** `undefined`: the target has none, and the limit is not about it. */
  #placeOf({ namespace, node }: TargetFacts): string | undefined {
    switch (this.#settings.scope) {
      case 'namespace':
        return namespace;
      case 'node':
        return node;
      case 'everywhere':
        return EVERYWHERE;
    }
  }

  #forget(nowMs: number): void {
    for (const place of [...this.#taken.keys()]) this.#within(place, nowMs);
  }

  #within(place: string, nowMs: number): number[] {
    const times = this.#taken.get(place) ?? [];
    const first = times.findIndex((time) => time > nowMs - this.#settings.windowMs);
    times.splice(0, first < 0 ? times.length : first);
    if (times.length === 0) this.#taken.delete(place);
    return times;
  }
}
