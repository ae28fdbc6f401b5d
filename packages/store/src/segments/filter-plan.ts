/**
 * A filter, made ready once for all segments. Conditions are decided by the rule language itself: each of their tests is
 * compiled alone, and asked once for each distinct value of a segment instead of once for each alert.
 */

import type { HubAlert, HubValue, Priority } from '@peregrine/alert';
import { type CheckedCondition, type CheckedTest, compileRules, fieldsOfOperand } from '@peregrine/lang';
import { checkTriagedCondition, type TriagedAlert, triagedAlertSource } from '@peregrine/query';
import { type AlertFilter, FilterError, type WhereClause } from '../alert-store.ts';
import { foldText } from './fold-text.ts';
import { columnOf } from './segment.ts';
import { SEPARATORS } from './word-numbers.ts';

/** What a test or a clause looks at: a column, or what is known of the alert's incident. */
export type Input =
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'triage'; readonly name: 'state' | 'assignee' };

export interface TestPlan {
  readonly kind: 'test';
  /** The same for tests that are the same. */
  readonly key: string;
  readonly inputs: readonly Input[];
  /** It holds only for texts that have this in them; `undefined`: that cannot be said. */
  readonly part: string | undefined;
  /** Whether it holds for an alert with these values, one for each input. */
  readonly holds: (values: readonly (HubValue | undefined)[]) => boolean;
}

export type ConditionPlan =
  | { readonly kind: 'junction'; readonly operator: 'and' | 'or'; readonly terms: readonly ConditionPlan[] }
  | { readonly kind: 'not'; readonly term: ConditionPlan }
  | TestPlan;

export interface ClausePlan {
  /** The same for clauses that ask for the same, negated or not. */
  readonly key: string;
  readonly input: Input;
  readonly values: ReadonlySet<string>;
  readonly isNegated: boolean;
}

export interface FilterPlan {
  readonly fromNs: bigint | undefined;
  readonly toNs: bigint | undefined;
  readonly clauses: readonly ClausePlan[];
  readonly condition: ConditionPlan | undefined;
  /** Folded; `undefined`: any. `parts` are its words. */
  readonly text: { readonly whole: string; readonly parts: readonly string[] } | undefined;
}

/** Throws a `FilterError` for a condition that cannot be understood. */
export function planFilter({ fromNs, toNs, condition, text, where }: AlertFilter): FilterPlan {
  const checked = checkTriagedCondition(condition ?? '');
  if ('problem' in checked) throw new FilterError(checked.problem);
  const whole = foldText(text ?? '');
  const parts = whole.split(SEPARATORS).filter((part) => part !== '');
  return {
    fromNs,
    toNs,
    clauses: (where ?? []).filter(({ values }) => values.length > 0).map(planClause),
    condition: checked.condition && planCondition(checked.condition),
    text: whole.trim() === '' ? undefined : { whole, parts },
  };
}

function planClause({ field, values, isNegated }: WhereClause): ClausePlan {
  const key = `where ${JSON.stringify([field, ...values.toSorted()])}`;
  return { key, input: inputOf(field), values: new Set(values), isNegated };
}

export function inputOf(dimension: string): Input {
  const column = columnOf(dimension);
  if (column !== undefined) return { kind: 'column', name: column };
  return { kind: 'triage', name: dimension === 'state' ? 'state' : 'assignee' };
}

function planCondition(condition: CheckedCondition<HubAlert>): ConditionPlan {
  switch (condition.kind) {
    case 'junction':
      // Cheap ones first, so that those which need the text of alerts look at few of them.
      return {
        kind: 'junction',
        operator: condition.operator,
        terms: condition.terms.map(planCondition).toSorted((a, b) => costOf(a) - costOf(b)),
      };
    case 'not':
      return { kind: 'not', term: planCondition(condition.term) };
    case 'test':
      return planTest(condition);
  }
}

function costOf(plan: ConditionPlan): number {
  switch (plan.kind) {
    case 'junction':
      return Math.max(...plan.terms.map(costOf));
    case 'not':
      return costOf(plan.term);
    case 'test':
      return plan.inputs.some(({ name }) => name === 'output') ? 10 : plan.inputs.length;
  }
}

/** Names in the rule language of what is no output field. */
const ownFields = new Set(triagedAlertSource.fields.map(({ name }) => name));

function planTest(test: CheckedTest<HubAlert>): TestPlan {
  const operands = [test.left, ...(test.right.kind === 'operand' ? [test.right.operand] : [])];
  const names = [...new Set(operands.flatMap(fieldsOfOperand).map(({ text }) => text))];
  const keys = names.map((name) =>
    ownFields.has(name)
      ? { own: name.slice('alert.'.length) }
      : { field: name.replace(/^output_fields\./, '') },
  );
  const inputs = keys.map((key) =>
    'own' in key ? inputOf(key.own) : ({ kind: 'column', name: `.${key.field}` } as const),
  );
  const match = compileRules([ruleWith(test)], triagedAlertSource, { matching: 'all' });
  const hits = new Int32Array(2);
  const alert = new PartialAlert();
  return {
    kind: 'test',
    key: `test ${test.text}`,
    inputs,
    part: partOf(test),
    holds: (values) => {
      for (const [i, key] of keys.entries()) alert.set(key, values[i]);
      return (match.byCode[0]?.(alert, hits) ?? 0) > 0;
    },
  };
}

function partOf({ left, operator, modifier, right }: CheckedTest<HubAlert>): string | undefined {
  if (left.kind !== 'field' || modifier !== undefined || right.kind !== 'constants') return undefined;
  const [constant, ...others] = right.values;
  if (constant?.kind !== 'scalar' || others.length > 0 || typeof constant.value !== 'string')
    return undefined;
  const isPart = ['=', 'contains', 'startswith', 'endswith'].includes(operator);
  // Constants are byte text, which is the text itself where there is nothing but ASCII.
  return isPart && /^[\x20-\x7e]+$/.test(constant.value) ? constant.value : undefined;
}

type Key = { readonly own: string } | { readonly field: string };

/** An alert of which only those parts are known that a test looks at; used again for the next values. */
class PartialAlert implements TriagedAlert {
  readonly uuid = '';
  readonly time = '';
  readonly timeNs = 0n;
  readonly json = '';
  output = '';
  priority: Priority = 'Debug';
  rule = '';
  source = '';
  tags: readonly string[] = [];
  hostname = '';
  state = '';
  assignee: string | undefined;
  incident = '';
  readonly fields: Record<string, HubValue> = {};

  set(key: Key, value: HubValue | undefined): void {
    if ('field' in key) this.fields[key.field] = value ?? null;
    else if (key.own === 'tags') this.tags = Array.isArray(value) ? value : [];
    else if (key.own === 'assignee') this.assignee = typeof value === 'string' ? value : undefined;
    // A column of priorities has nothing else.
    else if (key.own === 'priority') this.priority = (value ?? 'Debug') as Priority;
    else Object.assign(this, { [key.own]: typeof value === 'string' ? value : '' });
  }
}

/** A rule with that test alone: what the compiler takes. */
function ruleWith(condition: CheckedTest<HubAlert>): Parameters<typeof compileRules<HubAlert>>[0][number] {
  return {
    name: 'test',
    index: 0,
    source: triagedAlertSource.name,
    priority: 7,
    tags: [],
    isEnabled: true,
    description: '',
    conditionText: condition.text,
    condition,
    output: [],
    outputText: '',
    extraFields: [],
    eventCodes: new Set([0]),
    syscalls: new Set(),
    capture: false,
    captureDurationMs: 0,
    kernelResponse: undefined,
  };
}
