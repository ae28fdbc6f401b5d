/** Rules files looked at without running them: what is wrong with them, and which rules are in them. */

import type { Setup } from '../detection/setup.ts';
import { createCatalogue } from './catalogue.ts';
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

/** The rules of a setup in order of definition, on or off as its configuration says. */
export function listRules({ ruleFiles, config }: Setup): {
  readonly report: RulesReport;
  readonly rules: readonly ListedRule[];
} {
  const { loaded, rules = [], report } = loadSetupRules(ruleFiles, config, createCatalogue(config));
  const isOn = new Map(rules.map(({ name, isEnabled }) => [name, isEnabled]));
  return {
    report,
    rules: loaded.rules.map(({ name, priority, source, tags, description }) => {
      return { name, priority, source, tags, description, isEnabled: isOn.get(name) ?? false };
    }),
  };
}
