/** Rules files looked at without running them: what is wrong with them, and which rules are in them. */

import type { Setup } from '../detection/setup.ts';
import { createCatalogue, onlySource } from './catalogue.ts';
import { loadSetupRules, type RulesReport } from './load-rules.ts';

export type { RulesReport } from './load-rules.ts';
export type { RuleFile } from './rule-files.ts';

export interface ListedRule {
  readonly name: string;
  readonly priority: number;
  readonly source: string;
  readonly isEnabled: boolean;
  readonly tags: readonly string[];
  readonly description: string;
}

/** The rules of a setup in order of definition, on or off as its configuration says. `source`: of that one only. */
export function listRules(
  { ruleFiles, config }: Setup,
  source?: string,
): {
  readonly report: RulesReport;
  readonly rules: readonly ListedRule[];
} {
  const all = createCatalogue(config);
  const catalogue = source === undefined ? all : onlySource(all, source);
  const { loaded, rules = [], report } = loadSetupRules(ruleFiles, config, catalogue);
  const isOn = new Map(rules.map(({ name, isEnabled }) => [name, isEnabled]));
  return {
    report,
    rules: loaded.rules.map(({ name, priority, source, tags, description }) => {
      return { name, priority, source, tags, description, isEnabled: isOn.get(name) ?? false };
    }),
  };
}
