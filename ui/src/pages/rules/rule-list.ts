/** Which rules the list shows, and in what order, as its address has it. */

import type { Rule } from '@peregrine/api/contract';
import { priorities } from '../../format.ts';

/** Of the counts, unless another period is chosen. */
export const RULES_SINCE = '7d';

export const ruleStates = [
  { state: 'all', title: 'All' },
  { state: 'on', title: 'On' },
  { state: 'off', title: 'Off' },
  { state: 'never', title: 'Never fired' },
  { state: 'noisy', title: 'Noisy' },
] as const;
export type RuleState = (typeof ruleStates)[number]['state'];

export const ruleOrders = [
  { order: 'hits', title: 'Hits' },
  { order: 'noise', title: 'Noise' },
  { order: 'cost', title: 'Cost' },
  { order: 'last', title: 'Last fired' },
  { order: 'priority', title: 'Priority' },
  { order: 'name', title: 'Name' },
] as const;
export type RuleOrder = (typeof ruleOrders)[number]['order'];

export interface RuleChoice {
  /** Each has to stand somewhere in the rule; letter case does not count. */
  readonly words: string;
  readonly tags: readonly string[];
  /** Empty: all. */
  readonly source: string;
  readonly state: RuleState;
  readonly order: RuleOrder;
}

export function choiceOf(query: URLSearchParams): RuleChoice {
  return {
    words: query.get('text') ?? '',
    tags: query.getAll('tag'),
    source: query.get('source') ?? '',
    state: ruleStates.find(({ state }) => state === query.get('state'))?.state ?? 'all',
    order: ruleOrders.find(({ order }) => order === query.get('order'))?.order ?? 'hits',
  };
}

/** Share of its alerts that were triaged as expected, 0 to 1; `undefined`: it has none. */
export function noiseOf({
  alertCount,
  expectedCount,
}: Pick<Rule, 'alertCount' | 'expectedCount'>): number | undefined {
  return alertCount === 0 ? undefined : expectedCount / alertCount;
}

/** Half of what it says, or more, is of no use to anybody. */
export function isNoisy(rule: Pick<Rule, 'alertCount' | 'expectedCount'>): boolean {
  return (noiseOf(rule) ?? 0) >= 0.5;
}

export function chosenRules(rules: readonly Rule[], choice: RuleChoice): readonly Rule[] {
  const words = choice.words.toLowerCase().split(/\s+/).filter(Boolean);
  return rules
    .filter(
      (rule) =>
        isInState(rule, choice.state) &&
        (choice.source === '' || rule.source === choice.source) &&
        choice.tags.every((tag) => rule.tags.includes(tag)) &&
        hasWords(rule, words),
    )
    .sort((a, b) => compare(a, b, choice.order) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function isInState(rule: Rule, state: RuleState): boolean {
  switch (state) {
    case 'all':
      return true;
    case 'on':
      return rule.isEnabled;
    case 'off':
      return !rule.isEnabled;
    case 'never':
      return rule.lastTime === null;
    case 'noisy':
      return isNoisy(rule);
  }
}

function hasWords(rule: Rule, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = [rule.name, rule.desc, rule.condition, ...rule.tags, rule.file].join('\n').toLowerCase();
  return words.every((word) => text.includes(word));
}

/** What stands out comes first. */
function compare(a: Rule, b: Rule, order: RuleOrder): number {
  switch (order) {
    case 'hits':
      return b.alertCount - a.alertCount;
    case 'noise':
      return (noiseOf(b) ?? -1) - (noiseOf(a) ?? -1) || b.expectedCount - a.expectedCount;
    case 'cost':
      return (b.matchCount ?? -1) - (a.matchCount ?? -1);
    case 'last':
      return (b.lastTime ?? '').localeCompare(a.lastTime ?? '');
    case 'priority':
      return priorities.indexOf(a.priority) - priorities.indexOf(b.priority);
    case 'name':
      return 0;
  }
}

/** Names with how many rules have them, most of them first. */
export function countsOf(
  names: readonly string[],
): readonly { readonly name: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}
