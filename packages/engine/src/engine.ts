/**
 * Kernel events in, alerts out: state first, then the rules that want the event's code.
 * HOT: `process` runs for every event that state or rules want. It allocates only for an alert.
 */

import type { Alert } from '@peregrine/alert';
import type { EventView } from '@peregrine/events';
import type { EventContext, StateEngine } from '@peregrine/state';
import type { Ruleset } from './ruleset.ts';

/** More rules than this never match one event; the rest of a match is not reported. */
const MOST_HITS = 4_096;

export interface EngineOptions {
  readonly state: StateEngine;
  readonly ruleset: Ruleset<EventContext>;
  readonly hostname: string;
  readonly onAlert: (alert: Alert) => void;
  /** A bug met while an event was worked on; called once for each kind of error. The event is dropped. */
  readonly onBug: (error: unknown) => void;
}

export class Engine {
  readonly #state: StateEngine;
  readonly #hostname: string;
  readonly #onAlert: (alert: Alert) => void;
  readonly #onBug: (error: unknown) => void;
  readonly #hits = new Int32Array(MOST_HITS);
  readonly #bugsSeen = new Set<string>();
  #ruleset: Ruleset<EventContext>;
  #ruleMatches: Float64Array;

  /** Events that went through state and rules. */
  processedCount = 0;
  /** Events dropped because of a bug. */
  bugCount = 0;
  alertCount = 0;

  constructor(options: EngineOptions) {
    this.#state = options.state;
    this.#ruleset = options.ruleset;
    this.#ruleMatches = new Float64Array(options.ruleset.rules.length);
    this.#hostname = options.hostname;
    this.#onAlert = options.onAlert;
    this.#onBug = options.onBug;
  }

  process(view: EventView): void {
    this.processedCount++;
    try {
      const event = this.#state.apply(view);
      if (event === undefined) return;
      const matcher = this.#ruleset.matchers[view.code];
      if (matcher === undefined) return;
      const count = matcher(event, this.#hits);
      if (count > 0) this.#alert(event, count);
    } catch (error) {
      this.#drop(error);
    }
  }

  /** Rules from now on; state stays. Counts of matches start anew. */
  replaceRuleset(ruleset: Ruleset<EventContext>): void {
    this.#ruleset = ruleset;
    this.#ruleMatches = new Float64Array(ruleset.rules.length);
  }

  /** 1 for each event code that state or rules want; the others need not be handed to `process`. */
  wantedCodes(): Uint8Array {
    const wanted = this.#state.wantedCodes().slice();
    for (const [code, matcher] of this.#ruleset.matchers.entries())
      if (matcher !== undefined) wanted[code] = 1;
    return wanted;
  }

  /** Matches by rule, in order of definition; rules that never matched are left out. */
  matches(): readonly { readonly rule: string; readonly priority: number; readonly count: number }[] {
    return this.#ruleset.rules
      .map((rule, i) => ({ rule: rule.name, priority: rule.priority, count: this.#ruleMatches[i] ?? 0 }))
      .filter((entry) => entry.count > 0);
  }

  #alert(event: EventContext, count: number): void {
    const timeNs = event.view.timestampNs();
    for (let i = 0; i < count; i++) {
      const position = this.#hits[i] ?? 0;
      const build = this.#ruleset.builders[position];
      if (build === undefined) continue;
      this.#ruleMatches[position] = (this.#ruleMatches[position] ?? 0) + 1;
      this.alertCount++;
      this.#onAlert(build(event, timeNs, this.#hostname));
    }
  }

  #drop(error: unknown): void {
    this.bugCount++;
    const kind = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (this.#bugsSeen.size < 64 && !this.#bugsSeen.has(kind)) {
      this.#bugsSeen.add(kind);
      this.#onBug(error);
    }
  }
}
