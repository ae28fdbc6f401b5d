/** Everything that rules files define, keys named as tools of the reference's users read them. */

import { priorities } from '@peregrine/alert';
import { eventTypeOf, GENERIC_CODES, syscallById } from '@peregrine/events';
import {
  type BoundField,
  type CheckedOperand,
  type CheckedRule,
  type Condition,
  type LoadedRules,
  parseCondition,
  renderCondition,
  testsOf,
} from '@peregrine/lang';
import type { Setup } from '../detection/setup.ts';
import { createCatalogue } from './catalogue.ts';
import { partsOf, putMacrosIn, wordsAmong } from './condition-parts.ts';
import { loadSetupRules, type RulesReport } from './load-rules.ts';

interface MacroDetails {
  readonly macros: readonly string[];
  readonly lists: readonly string[];
  readonly condition_operators: readonly string[];
  readonly condition_fields: readonly string[];
  /** Macros and lists put in. */
  readonly condition_compiled: string;
}

interface RuleDetails extends MacroDetails {
  readonly events: readonly string[];
  readonly output_fields: readonly string[];
  readonly output_compiled: string;
  readonly exception_names: readonly string[];
  readonly exception_operators: readonly string[];
  readonly exception_fields: readonly string[];
  readonly plugins: readonly string[];
}

export interface DescribedRule {
  readonly info: {
    readonly name: string;
    readonly description: string;
    /** As written. */
    readonly condition: string;
    readonly output: string;
    readonly priority: string;
    readonly source: string;
    readonly enabled: boolean;
    readonly tags: readonly string[];
  };
  readonly details: RuleDetails;
}

export interface RulesDescription {
  readonly required_engine_version: string | undefined;
  readonly required_plugin_versions: readonly (readonly {
    readonly name: string;
    readonly version: string;
  }[])[];
  readonly rules: readonly DescribedRule[];
  readonly macros: readonly {
    readonly info: { readonly name: string; readonly condition: string };
    readonly details: MacroDetails & { readonly used: boolean };
  }[];
  readonly lists: readonly {
    readonly info: { readonly name: string; readonly items: readonly string[] };
    readonly details: {
      readonly used: boolean;
      readonly lists: readonly string[];
      readonly items_compiled: readonly string[];
    };
  }[];
}

/** Plugins of the reference whose fields are built in, by class of the fields. */
const pluginOfClass: Readonly<Record<string, string>> = {
  container: 'container',
  k8saudit: 'k8saudit',
  json: 'json',
};

export function describeRules({ ruleFiles, config }: Setup): {
  readonly report: RulesReport;
  readonly description: RulesDescription;
} {
  const { loaded, rules = [], report } = loadSetupRules(ruleFiles, config, createCatalogue(config));
  const isOn = new Map(rules.map(({ name, isEnabled }) => [name, isEnabled]));
  const describer = new Describer(loaded);
  const listNames = new Set(loaded.lists.map(({ name }) => name));
  const description: RulesDescription = {
    required_engine_version: loaded.requiredEngineVersions.at(-1),
    required_plugin_versions: loaded.requiredPluginVersions,
    rules: loaded.rules.map((rule) => describer.rule(rule, isOn.get(rule.name) ?? false)),
    macros: loaded.macros.map(({ name, writtenCondition, condition, isUsed }) => ({
      info: { name, condition: writtenCondition },
      details: { used: isUsed, ...describer.condition(writtenCondition, condition) },
    })),
    lists: loaded.lists.map(({ name, writtenItems, items, isUsed }) => ({
      info: { name, items: writtenItems },
      details: {
        used: isUsed,
        lists: sorted(writtenItems.filter((item) => listNames.has(item))),
        items_compiled: items,
      },
    })),
  };
  return { report, description };
}

class Describer<E> {
  readonly #macros: ReadonlyMap<string, Condition>;
  readonly #listNames: ReadonlySet<string>;
  readonly #definitions: ReadonlyMap<string, LoadedRules<E>['definitions'][number]>;

  constructor({ macros, lists, definitions }: LoadedRules<E>) {
    this.#macros = new Map(macros.map(({ name, condition }) => [name, condition]));
    this.#listNames = new Set(lists.map(({ name }) => name));
    this.#definitions = new Map(definitions.map((definition) => [definition.name, definition]));
  }

  condition(written: string, tree: Condition): MacroDetails {
    const { macros, operators, fields } = partsOf(tree);
    return {
      macros: sorted(macros),
      lists: sorted(wordsAmong(written, this.#listNames)),
      condition_operators: sorted(operators),
      condition_fields: sorted(fields),
      condition_compiled: renderCondition(putMacrosIn(tree, this.#macros)),
    };
  }

  rule(rule: CheckedRule<E>, isEnabled: boolean): DescribedRule {
    const { name, description, source, tags } = rule;
    const { writtenCondition = rule.conditionText, exceptions = [] } = this.#definitions.get(name) ?? {};
    const tests = testsOf(rule.condition);
    const operands = tests.flatMap(({ left, right }) =>
      right.kind === 'operand' ? [left, right.operand] : [left],
    );
    const inCondition = operands.flatMap(fieldsOf);
    const inOutput = rule.output.flatMap((part) => (part.kind === 'value' ? fieldsOf(part.operand) : []));
    return {
      info: {
        name,
        description,
        condition: writtenCondition,
        output: rule.outputText,
        priority: priorities[rule.priority] ?? '',
        source,
        enabled: isEnabled,
        tags,
      },
      details: {
        ...this.condition(writtenCondition, treeOf(rule.conditionText)),
        // Macros' own included.
        condition_operators: sorted(tests.map(({ operator }) => operator)),
        condition_fields: sorted(inCondition.map(({ text }) => text)),
        events: eventNamesOf(rule),
        output_fields: sorted(inOutput.map(({ text }) => text)),
        output_compiled: rule.outputText,
        exception_names: exceptions.map((exception) => exception.name),
        exception_operators: sorted(exceptions.flatMap(({ operators }) => operators)),
        exception_fields: sorted(exceptions.flatMap(({ fields }) => fields)),
        plugins: sorted([...inCondition, ...inOutput].flatMap(({ info }) => pluginOfClass[info.class] ?? [])),
      },
    };
  }
}

/** Of a text that was parsed before. */
function treeOf(conditionText: string): Condition {
  const parsed = parseCondition(conditionText);
  if (parsed.kind === 'problem') throw new Error(`not a condition any more: ${parsed.problem}`);
  return parsed.condition;
}

/** Calls without an event type of their own share a code: of those, the ones that the rule speaks of. */
function eventNamesOf<E>({ eventCodes, syscalls }: CheckedRule<E>): readonly string[] {
  const dedicated = [...eventCodes].filter((code) => !GENERIC_CODES.includes(code));
  const generic = [...syscalls].flatMap((id) => {
    const syscall = syscallById(id);
    return syscall?.isGeneric ? [syscall.eventName] : [];
  });
  return sorted([...dedicated.flatMap((code) => eventTypeOf(code)?.name ?? []), ...generic]).filter(
    (name) => name !== 'NA',
  );
}

function fieldsOf<E>(operand: CheckedOperand<E>): readonly BoundField<E>[] {
  if (operand.kind === 'field') return [operand.field];
  return operand.args.flatMap((argument) =>
    argument.kind === 'field' || argument.kind === 'call' ? fieldsOf(argument) : [],
  );
}

/** Each once. */
function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}
