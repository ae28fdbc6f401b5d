/** Rules files looked at without running them: what is wrong with them, and what is in them. */

import { priorities } from '@peregrine/alert';
import { type CheckedOperand, testsOf } from '@peregrine/lang';
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

export interface RulesDescription {
  readonly required_engine_version: string | undefined;
  readonly required_plugin_versions: readonly (readonly {
    readonly name: string;
    readonly version: string;
  }[])[];
  readonly rules: readonly {
    readonly info: {
      readonly name: string;
      readonly description: string;
      readonly condition: string;
      readonly output: string;
      readonly priority: string;
      readonly source: string;
      readonly enabled: boolean;
      readonly tags: readonly string[];
    };
    readonly details: {
      readonly condition_operators: readonly string[];
      readonly condition_fields: readonly string[];
      readonly output_fields: readonly string[];
    };
  }[];
  readonly macros: readonly { readonly info: { readonly name: string; readonly condition: string } }[];
  readonly lists: readonly { readonly info: { readonly name: string; readonly items: readonly string[] } }[];
}

/** Everything that a setup's rules files define, keys named as tools of the reference's users read them. */
export function describeRules({ ruleFiles, config }: Setup): {
  readonly report: RulesReport;
  readonly description: RulesDescription;
} {
  const { loaded, rules = [], report } = loadSetupRules(ruleFiles, config, createCatalogue(config));
  const isOn = new Map(rules.map(({ name, isEnabled }) => [name, isEnabled]));
  const description: RulesDescription = {
    required_engine_version: loaded.requiredEngineVersions.at(-1),
    required_plugin_versions: loaded.requiredPluginVersions,
    rules: loaded.rules.map((rule) => ({
      info: {
        name: rule.name,
        description: rule.description,
        condition: rule.conditionText,
        output: rule.outputText,
        priority: priorities[rule.priority] ?? '',
        source: rule.source,
        enabled: isOn.get(rule.name) ?? false,
        tags: rule.tags,
      },
      details: {
        condition_operators: unique(testsOf(rule.condition).map(({ operator }) => operator)),
        condition_fields: unique(testsOf(rule.condition).flatMap(({ left }) => fieldsOf(left))),
        output_fields: unique(
          rule.output.flatMap((part) => (part.kind === 'value' ? fieldsOf(part.operand) : [])),
        ),
      },
    })),
    macros: loaded.macros.map(({ name, conditionText }) => ({ info: { name, condition: conditionText } })),
    lists: loaded.lists.map(({ name, items }) => ({ info: { name, items } })),
  };
  return { report, description };
}

function fieldsOf<E>(operand: CheckedOperand<E>): readonly string[] {
  if (operand.kind === 'field') return [operand.field.text];
  return operand.args.flatMap((argument) =>
    argument.kind === 'field' || argument.kind === 'call' ? fieldsOf(argument) : [],
  );
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}
