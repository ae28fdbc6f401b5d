/** Events of one JSON source through its rules, in order, batch by batch. */

import type { Alert } from '@peregrine/alert';
import { JsonEngine } from '@peregrine/engine';
import type { JsonEvent } from '@peregrine/fields';
import type { Batch } from '@peregrine/sources/feeds';
import { type PreparedJsonRules, prepareJsonRules } from '../detection/detector.ts';
import type { RuleMatches } from '../detection/measure/measurement.ts';
import type { Setup } from '../detection/setup.ts';
import { addMatches, type RuleCount } from '../detection/statistics.ts';
import type { RulesReport } from '../rules/load-rules.ts';
import type { ConditionTeller } from '../story/condition-teller.ts';

export interface JsonDetectorOptions {
  readonly setup: Setup;
  readonly source: string;
  readonly hostname: string;
  readonly onBug: (error: unknown) => void;
  /** Tells why rules matched, for whoever keeps it; nobody unless set. */
  readonly teller?: ConditionTeller<JsonEvent> | undefined;
}

export class JsonDetector {
  readonly #source: string;
  readonly #engine: JsonEngine;
  readonly #teller: ConditionTeller<JsonEvent> | undefined;
  #alerts: Alert[] = [];
  #eventCount = 0;
  #earlier: readonly RuleCount[] = [];
  #ruleset: Usable;

  private constructor({ source, hostname, onBug, teller }: JsonDetectorOptions, ruleset: Usable) {
    this.#source = source;
    this.#ruleset = ruleset;
    this.#teller = teller;
    this.#engine = new JsonEngine({
      ...{ ruleset, hostname, onBug },
      onAlert: (alert, event, rule) => this.#alerts.push(teller?.told(alert, event, rule) ?? alert),
    });
  }

  /** `detector` is `undefined` when the rules cannot be used. */
  static create(options: JsonDetectorOptions): {
    readonly detector: JsonDetector | undefined;
    readonly report: RulesReport;
  } {
    const { ruleset, report } = prepareJsonRules(options.setup, options.source);
    return { detector: ruleset === undefined ? undefined : new JsonDetector(options, ruleset), report };
  }

  get eventCount(): number {
    return this.#eventCount;
  }

  get bugCount(): number {
    return this.#engine.bugCount;
  }

  /** Alerts of the batch, in the order of its events. */
  alertsOf({ events }: Pick<Batch, 'events'>): readonly Alert[] {
    for (const { document, timeNs } of events) {
      this.#eventCount++;
      this.#engine.process({ document, timeNs, num: this.#eventCount });
    }
    const alerts = this.#alerts;
    this.#alerts = [];
    return alerts;
  }

  /** Rules from now on, if they can be used. Gives whether they are. */
  use(setup: Setup): boolean {
    const { ruleset } = prepareJsonRules(setup, this.#source);
    if (ruleset === undefined) return false;
    this.#earlier = this.matches();
    this.#ruleset = ruleset;
    this.#engine.replaceRuleset(ruleset);
    this.#teller?.use(setup.config.story);
    return true;
  }

  /** Matches by rule, over all rulesets so far. */
  matches(): readonly RuleCount[] {
    return addMatches(this.#earlier, this.#engine.matches());
  }

  /** The same with what metrics say of rules. Rules that are gone since a reload have no tags any more. */
  measuredMatches(): readonly RuleMatches[] {
    const tags = new Map(this.#ruleset.rules.map((rule) => [rule.name, rule.tags]));
    return this.matches().map((match) => ({
      ...match,
      source: this.#source,
      tags: tags.get(match.rule) ?? [],
    }));
  }
}

type Usable = NonNullable<PreparedJsonRules['ruleset']>;
