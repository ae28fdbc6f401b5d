/**
 * Who makes events, and what each rule costs: for people who look, not for production. Each event is counted by
 * process name and container; of one in so many, each rule's condition is evaluated by itself and timed.
 */

import type { Ruleset } from '@peregrine/engine';
import type { EventContext } from '@peregrine/state';

export interface RuleCost {
  readonly rule: string;
  /** Times that the rule was timed. */
  readonly sampleCount: number;
  readonly sampledNs: number;
}

export interface ProfileCounts {
  readonly byCode: ReadonlyMap<number, number>;
  /** Names are byte text. */
  readonly byProcess: ReadonlyMap<string, number>;
  /** By container id; `host` is none. */
  readonly byContainer: ReadonlyMap<string, number>;
  /** Of so many events, one is sampled. */
  readonly sampleInterval: number;
  readonly ruleCosts: readonly RuleCost[];
}

/** Names that are kept of each kind; what comes after is counted as `others`. */
const MOST_NAMES = 4_096;
const OTHERS = '(others)';
const SAMPLE_INTERVAL = 64;
const CALIBRATIONS = 256;
/** A condition is compiled when its first event comes, and the machine learns in the next ones: these do not count. */
const WARM_UP_SAMPLES = 4;
const NANOSECONDS = 1e6;

interface TimedRule {
  readonly name: string;
  readonly matchers: ReturnType<Ruleset<EventContext>['alone']>;
  /** Samples that did not count, by event code. */
  readonly warmUps: Map<number, number>;
  sampleCount: number;
  sampledNs: number;
}

export class EventProfile {
  readonly #now: () => number;
  readonly #byCode = new Map<number, number>();
  readonly #byProcess = new Map<string, number>();
  readonly #byContainer = new Map<string, number>();
  readonly #hits = new Int32Array(8);
  readonly #clockMs: number;
  #rules: TimedRule[] = [];
  #untilSample = SAMPLE_INTERVAL;

  /** `now`: milliseconds, with fractions. */
  constructor(now: () => number) {
    this.#now = now;
    this.#clockMs = shortestGap(now);
  }

  /** Rules from now on; costs are counted anew. */
  use(ruleset: Ruleset<EventContext>): void {
    this.#rules = ruleset.rules.map(({ name }, position) => ({
      name,
      matchers: ruleset.alone(position),
      warmUps: new Map(),
      sampleCount: 0,
      sampledNs: 0,
    }));
  }

  observe(event: EventContext): void {
    const { code } = event.view;
    count(this.#byCode, code);
    const { thread } = event;
    if (thread !== undefined) {
      countBounded(this.#byProcess, thread.comm);
      countBounded(this.#byContainer, thread.containerId);
    }
    if (--this.#untilSample > 0) return;
    this.#untilSample = SAMPLE_INTERVAL;
    for (const rule of this.#rules) this.#time(rule, event, code);
  }

  #time(rule: TimedRule, event: EventContext, code: number): void {
    const match = rule.matchers[code];
    if (match === undefined) return;
    const warmUps = rule.warmUps.get(code) ?? 0;
    if (warmUps < WARM_UP_SAMPLES) {
      rule.warmUps.set(code, warmUps + 1);
      match(event, this.#hits);
      return;
    }
    const startMs = this.#now();
    match(event, this.#hits);
    const elapsedMs = this.#now() - startMs - this.#clockMs;
    rule.sampleCount++;
    if (elapsedMs > 0) rule.sampledNs += elapsedMs * NANOSECONDS;
  }

  counts(): ProfileCounts {
    return {
      byCode: this.#byCode,
      byProcess: this.#byProcess,
      byContainer: this.#byContainer,
      sampleInterval: SAMPLE_INTERVAL,
      ruleCosts: this.#rules.map(({ name, sampleCount, sampledNs }) => ({
        rule: name,
        sampleCount,
        sampledNs,
      })),
    };
  }
}

/** What it takes to look at the clock. */
function shortestGap(now: () => number): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < CALIBRATIONS; i++) {
    const before = now();
    shortest = Math.min(shortest, now() - before);
  }
  return shortest;
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function countBounded(counts: Map<string, number>, name: string): void {
  count(counts, counts.size < MOST_NAMES || counts.has(name) ? name : OTHERS);
}
