/** Conditions over alerts, compiled together: one call says which of them hold. */

import { type HubAlert, priorityNamed } from '@peregrine/alert';
import {
  type CheckedCondition,
  type CheckedRule,
  compileRules,
  loadRules,
  type Source,
  testsOf,
} from '@peregrine/lang';
import { alertSource, isNumberName, NUMBER_PREFIX, triagedAlertSource, urgencyOf } from './alert-source.ts';

export interface Conditions {
  /** Numbers of the conditions that hold. The set is used again by the next call. */
  holding(alert: HubAlert): ReadonlySet<number>;
}

/** What is wrong with a condition. */
export interface ConditionProblem {
  /** Which one, counted from 0. */
  readonly index: number;
  readonly message: string;
}

/** An empty condition always holds. */
export function compileConditions(
  texts: readonly string[],
): Conditions | { readonly problems: readonly ConditionProblem[] } {
  const always = texts.flatMap((text, i) => (text.trim() === '' ? [i] : []));
  const checked = checkAll(texts, alertSource);
  if ('problems' in checked) return checked;
  const indexes = checked.rules.map(({ name }) => Number(name));
  const hits = new Int32Array(checked.rules.length + 1);
  const holding = new Set<number>();
  const { byCode } = compileRules(checked.rules, alertSource, { matching: 'all' });
  return {
    holding: (alert) => {
      holding.clear();
      for (const index of always) holding.add(index);
      // Looked up each time: the first call compiles, and puts the function there that it compiled.
      const count = byCode[0]?.(alert, hits) ?? 0;
      for (let i = 0; i < count; i++) holding.add(indexes[hits[i] ?? 0] ?? -1);
      return holding;
    },
  };
}

/**
 * The tree of one condition over alerts of the store, for who evaluates it in a way of their own; or what is wrong with it.
 * `undefined` for an empty one, which always holds.
 */
export function checkTriagedCondition(
  text: string,
): { readonly condition: CheckedCondition<HubAlert> | undefined } | { readonly problem: string } {
  const checked = checkAll([text], triagedAlertSource);
  if ('problems' in checked) return { problem: checked.problems[0]?.message ?? 'it cannot be read' };
  return { condition: checked.rules[0]?.condition };
}

/** Empty conditions give no rule. */
function checkAll(
  texts: readonly string[],
  source: Source<HubAlert>,
): { readonly rules: readonly CheckedRule<HubAlert>[] } | { readonly problems: readonly ConditionProblem[] } {
  const written = texts.flatMap((text, i) => (text.trim() === '' ? [] : [i]));
  const problems: ConditionProblem[] = [];
  // Each in a file of its own, so that what is found is found in it.
  const files = written.map((i) => ({ name: String(i), text: ruleOf(i, textFor(source, texts[i] ?? '')) }));
  const loaded = loadRules(files, { sources: [source], engineVersion: '0.63.0', plugins: [] });
  for (const { name, errors } of loaded.files) {
    const [first] = errors;
    if (first !== undefined) {
      problems.push({
        index: Number(name),
        message: first.message + (first.hint === undefined ? '' : `: ${first.hint}`),
      });
    }
  }
  for (const { name, condition } of loaded.rules) {
    const message = complaintOn(condition);
    if (message !== undefined) problems.push({ index: Number(name), message });
  }
  if (problems.length > 0) return { problems: problems.sort((a, b) => a.index - b.index) };
  return { rules: loaded.rules };
}

/** What a field's own comparison says against what it is asked, which would only never hold. */
function complaintOn(condition: CheckedCondition<HubAlert>): string | undefined {
  for (const { left, operator, right } of testsOf(condition)) {
    if (left.kind !== 'field' || left.field.compare === undefined || right.kind === 'operand') continue;
    const texts = right.kind === 'constants' ? right.values.map(({ text }) => text) : [];
    const compared = left.field.compare(operator, texts);
    if (typeof compared === 'string') return compared;
  }
  return undefined;
}

function ruleOf(index: number, condition: string): string {
  return `- rule: "${index}"\n  desc: d\n  output: o\n  priority: DEBUG\n  source: ${alertSource.name}\n  warn_evttypes: false\n  condition: ${JSON.stringify(inRuleLanguage(condition))}\n`;
}

/** A quoted text, which stays; or a field that is compared with a number by its size. */
const SIZE =
  /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?<![\w.])([a-z_]\w*(?:\.\w+)+(?:\[[^\]]*\])?)(?=\s*(?:>=|<=|>|<)\s*-?\d+(?:\.\d+)?(?![\w.]))/g;

/** In the store, fields are numbers or texts by their names, as it keeps them. */
function textFor(source: Source<HubAlert>, condition: string): string {
  if (source !== alertSource) return condition;
  return condition.replace(SIZE, (whole, field?: string) =>
    field === undefined || field.startsWith('alert.') || isNumberName(field)
      ? whole
      : `${NUMBER_PREFIX}${field}`,
  );
}

const OPERATOR =
  '[=<>!]|(?:in|exists|contains|icontains|bcontains|startswith|bstartswith|endswith|glob|iglob|pmatch|regex|intersects)\\b';
/** A quoted text, which stays; or a field of alerts before an operator; then how it is compared with which word. */
const FIELD = new RegExp(
  `"(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*'|(?<![\\w.])(rule|priority|source|hostname|output|tags|state|assignee|incident)(?=\\s*(?:${OPERATOR}))(?:(\\s*(?:>=|<=|>|<)\\s*)([a-zA-Z]+))?`,
  'g',
);

/**
 * Names of fields have a dot in the rule language, and only numbers have an order there; in conditions over alerts,
 * `priority >= error` says it better.
 */
function inRuleLanguage(condition: string): string {
  return condition.replace(FIELD, (whole, field?: string, order?: string, word?: string) => {
    if (field === undefined) return whole;
    if (order === undefined || word === undefined) return `alert.${field}`;
    const priority = field === 'priority' ? priorityNamed(word) : undefined;
    return `alert.${field}${order}${priority === undefined ? word : urgencyOf(priority)}`;
  });
}
