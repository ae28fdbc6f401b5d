/**
 * A filter, made ready once for all segments. Conditions are decided by the rule language itself: each of their tests is
 * compiled alone, and asked once for each distinct value of a segment instead of once for each alert.
 */

import type { HubAlert, HubValue, Priority } from '@peregrine/alert';
import { type CheckedCondition, type CheckedTest, compileRules, fieldsOfOperand } from '@peregrine/lang';
import { checkTriagedCondition, type TriagedAlert, triagedAlertSource } from '@peregrine/query';
import { type AlertFilter, FilterError, type WhereClause } from '../alert-store.ts';
import { columnOf } from './segment.ts';
import { foldText, SEPARATORS } from './word-index.ts';

/** What a test or a clause looks at: a column, or what is known of the alert's incident. */
export type Input =
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'triage'; readonly name: 'state' | 'assignee' };

export interface TestPlan {
  readonly kind: 'test';
  readonly inputs: readonly Input[];
  /** Whether it holds for an alert with these values, one for each input. */
  readonly holds: (values: readonly (HubValue | undefined)[]) => boolean;
}

export type ConditionPlan =
  | { readonly kind: 'junction'; readonly operator: 'and' | 'or'; readonly terms: readonly ConditionPlan[] }
  | { readonly kind: 'not'; readonly term: ConditionPlan }
  | TestPlan;

export interface ClausePlan {
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
  return { input: inputOf(field), values: new Set(values), isNegated };
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
  return {
    kind: 'test',
    inputs,
    holds: (values) => {
      const alert = alertWith(keys, values);
      return (match.byCode[0]?.(alert, hits) ?? 0) > 0;
    },
  };
}

type Key = { readonly own: string } | { readonly field: string };

/** An alert of which only these parts are known, which are all that the test looks at. */
function alertWith(keys: readonly Key[], values: readonly (HubValue | undefined)[]): HubAlert {
  const fields: Record<string, HubValue> = {};
  const own: Record<string, HubValue | undefined> = {};
  for (const [i, key] of keys.entries()) {
    const value = values[i];
    if ('own' in key) own[key.own] = value;
    else if (value !== undefined) fields[key.field] = value;
  }
  const text = (name: string): string => (typeof own[name] === 'string' ? own[name] : '');
  const alert: TriagedAlert = {
    uuid: '',
    output: text('output'),
    // A column of priorities has nothing else.
    priority: (own.priority ?? 'Debug') as Priority,
    rule: text('rule'),
    time: '',
    timeNs: 0n,
    source: text('source'),
    tags: Array.isArray(own.tags) ? own.tags : [],
    hostname: text('hostname'),
    fields,
    json: '',
    state: text('state'),
    assignee: typeof own.assignee === 'string' ? own.assignee : undefined,
    incident: text('incident'),
  };
  return alert;
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
