/**
 * JSON events in, alerts out: the rules of one source, without tables.
 * HOT: `process` runs for every event. It allocates only for an alert.
 */

import type { Alert } from '@peregrine/alert';
import { type JsonEvent, PLUGIN_EVENT } from '@peregrine/fields';
import type { CheckedRule } from '@peregrine/lang';
import { BugReports } from './bug-reports.ts';
import type { Ruleset } from './ruleset.ts';

/** More rules than this never match one event; the rest of a match is not reported. */
const MOST_HITS = 4_096;

export interface JsonEngineOptions {
  readonly ruleset: Ruleset<JsonEvent>;
  readonly hostname: string;
  readonly onAlert: (alert: Alert, event: JsonEvent, rule: CheckedRule<JsonEvent>) => void;
  /** A bug met while an event was worked on; called once for each kind of error. The event is dropped. */
  readonly onBug: (error: unknown) => void;
}

export class JsonEngine {
  readonly #hostname: string;
  readonly #onAlert: JsonEngineOptions['onAlert'];
  readonly #bugs: BugReports;
  readonly #hits = new Int32Array(MOST_HITS);
  #ruleset: Ruleset<JsonEvent>;
  #ruleMatches: Float64Array;

  processedCount = 0;
  alertCount = 0;

  constructor({ ruleset, hostname, onAlert, onBug }: JsonEngineOptions) {
    this.#ruleset = ruleset;
    this.#ruleMatches = new Float64Array(ruleset.rules.length);
    this.#hostname = hostname;
    this.#onAlert = onAlert;
    this.#bugs = new BugReports(onBug);
  }

  /** Events dropped because of a bug. */
  get bugCount(): number {
    return this.#bugs.count;
  }

  process(event: JsonEvent): void {
    this.processedCount++;
    const matcher = this.#ruleset.matchers[PLUGIN_EVENT];
    if (matcher === undefined) return;
    try {
      const count = matcher(event, this.#hits);
      for (let i = 0; i < count; i++) this.#raise(event, this.#hits[i] ?? 0);
    } catch (error) {
      this.#bugs.add(error);
    }
  }

  /** Rules from now on. Counts of matches start anew. */
  replaceRuleset(ruleset: Ruleset<JsonEvent>): void {
    this.#ruleset = ruleset;
    this.#ruleMatches = new Float64Array(ruleset.rules.length);
  }

  /** Matches by rule, in order of definition; rules that never matched are left out. */
  matches(): readonly { readonly rule: string; readonly priority: number; readonly count: number }[] {
    return this.#ruleset.rules
      .map((rule, i) => ({ rule: rule.name, priority: rule.priority, count: this.#ruleMatches[i] ?? 0 }))
      .filter((entry) => entry.count > 0);
  }

  #raise(event: JsonEvent, position: number): void {
    const build = this.#ruleset.builders[position];
    const rule = this.#ruleset.rules[position];
    if (build === undefined || rule === undefined) return;
    this.#ruleMatches[position] = (this.#ruleMatches[position] ?? 0) + 1;
    this.alertCount++;
    this.#onAlert(build(event, event.timeNs, this.#hostname), event, rule);
  }
}
