/**
 * Rules, state and engine put together for one stream of events, whether live or recorded. Where events come from
 * and where alerts go is the caller's affair.
 */

import {
  createRuleset,
  Engine,
  type EngineOptions,
  type HoldLimits,
  type KernelKills,
  type Ruleset,
} from '@peregrine/engine';
import type { HostNames, JsonEvent } from '@peregrine/fields';
import type { CheckedRule, Source } from '@peregrine/lang';
import { type EventContext, StateEngine, type StateOptions } from '@peregrine/state';
import type { Config } from '../config/config.ts';
import { createCatalogue } from '../rules/catalogue.ts';
import { loadSetupRules, type RulesReport } from '../rules/load-rules.ts';
import type { Setup } from './setup.ts';
import { addMatches, type RuleCount } from './statistics.ts';

export interface DetectorOptions {
  readonly setup: Setup;
  readonly hostname: string;
  readonly onAlert: EngineOptions['onAlert'];
  readonly onBug: (error: unknown) => void;
  /** Sees each event that rules may see; what it is given is good only during the call. */
  readonly onEvent?: (event: EventContext) => void;
  /** Live detection's own: how long alerts wait for metadata of containers, who we are, how processes are looked up. */
  readonly hold?: HoldLimits;
  readonly sessionHold?: HoldLimits;
  readonly state?: Omit<StateOptions, 'limits' | 'needs'>;
}

export interface Detector {
  readonly engine: Engine;
  readonly state: StateEngine;
  /** Enabled rules in use. */
  readonly rules: readonly CheckedRule<EventContext>[];
  /** Rules from now on. The tables stay, and are kept as these rules need it. */
  replaceRuleset(ruleset: Ruleset<EventContext>): void;
  /** Matches by rule, over all rulesets so far. */
  matches(): readonly RuleCount[];
}

export interface PreparedRules {
  /** `undefined` when the rules cannot be used. */
  readonly ruleset: Ruleset<EventContext> | undefined;
  /** What they were checked against. */
  readonly source: Source<EventContext>;
  /** What of the rules the kernel does by itself. */
  readonly kills: KernelKills;
  readonly report: RulesReport;
}

export interface PreparedJsonRules {
  readonly ruleset: Ruleset<JsonEvent> | undefined;
  readonly report: RulesReport;
}

/**
 * Reads and compiles the rules of a setup. Host names that they compare with are watched by `hostNames`. `nodeName`: the
 * Kubernetes node that the events are of, unless the configuration names one.
 */
export function prepareRules(
  { config, ruleFiles }: Setup,
  hostNames?: HostNames,
  nodeName?: string,
): PreparedRules {
  const catalogue = createCatalogue(config, hostNames, config.container_engines.node_name || nodeName);
  const { rules, kills, report } = loadSetupRules(ruleFiles, config, catalogue);
  const { syscall } = catalogue;
  if (rules === undefined) return { ruleset: undefined, source: syscall, kills, report };
  // A rule was checked against the source that it names: those of this one read its events, and no others are taken.
  const own = rules.filter((rule): rule is CheckedRule<EventContext> => rule.source === syscall.name);
  return { ruleset: createRuleset(own, syscall, rulesetOptions(config)), source: syscall, kills, report };
}

/** The same for a source of JSON events. */
export function prepareJsonRules({ config, ruleFiles }: Setup, source: string): PreparedJsonRules {
  const catalogue = createCatalogue(config);
  const { rules, report } = loadSetupRules(ruleFiles, config, catalogue);
  const json = catalogue.json.get(source);
  if (json === undefined) throw new Error(`there is no source ${source}`);
  if (rules === undefined) return { ruleset: undefined, report };
  const own = rules.filter((rule): rule is CheckedRule<JsonEvent> => rule.source === source);
  return { ruleset: createRuleset(own, json, rulesetOptions(config)), report };
}

export function createDetector(ruleset: Ruleset<EventContext>, options: DetectorOptions): Detector {
  const { setup, hostname, onAlert, onBug, onEvent, hold, sessionHold } = options;
  const state = new StateEngine({
    ...options.state,
    needs: ruleset.needs,
    limits: { threads: setup.config.falco_libs.thread_table_size },
  });
  const engine = new Engine({ state, ruleset, hostname, onAlert, onBug, onEvent, hold, sessionHold });
  let inUse = ruleset;
  let earlier: readonly RuleCount[] = [];
  return {
    engine,
    state,
    get rules() {
      return inUse.rules;
    },
    replaceRuleset: (next) => {
      earlier = addMatches(earlier, engine.matches());
      inUse = next;
      state.keep(next.needs);
      engine.replaceRuleset(next);
    },
    matches: () => addMatches(earlier, engine.matches()),
  };
}

function rulesetOptions(config: Config): Parameters<typeof createRuleset>[2] {
  return {
    matching: config.rule_matching,
    isTimeIso8601: config.time_format_iso_8601,
    isBufferBase64: config.buffer_format_base64,
  };
}
