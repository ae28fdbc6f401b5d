/**
 * What a rule would say of stored alerts. An alert tells only some fields of the event that it was made of, so that a
 * condition holds, does not, or cannot be told: a comparison with a field that the alert lacks is unknown, and so is what
 * depends on it.
 */

import { type HubAlert, textOfValue } from '@peregrine/alert';
import { fromByteText, unreachable } from '@peregrine/base';
import {
  type CheckedCondition,
  type CheckedOperand,
  type CheckedRule,
  constantText,
  fieldsOfOperand,
} from '@peregrine/lang';
import { checkTriagedCondition, compileConditions } from '@peregrine/query';
import type { AlertFilter, AlertStore, KeptAlert } from '@peregrine/store';
import { withFilterErrors } from '../filter-query.ts';
import { alertShape } from '../shapes.ts';

const PAGE = 500;
const MOST_EXAMINED = 100_000;
const LIMIT_MS = 4_000;
const MOST_SAMPLES = 20;
const MOST_MISSING = 50;

type Verdict = boolean | 'unknown';

/** Says of one alert; the names of fields that it lacks and that mattered go into `missing`. */
type Judge = (alert: HubAlert, missing: Set<string>) => Verdict;

export interface Tried {
  readonly examined: number;
  readonly matches: number;
  readonly unknown: number;
  readonly samples: ReturnType<typeof alertShape>[];
  readonly missingFields: { name: string; count: number }[];
  readonly isComplete: boolean;
}

export async function tryRule(
  rule: CheckedRule<never>,
  store: AlertStore,
  filter: AlertFilter,
  signal: AbortSignal,
): Promise<Tried> {
  const judge = compileJudge(rule.condition);
  const missingCounts = new Map<string, number>();
  const samples: KeptAlert[] = [];
  const counts = { examined: 0, matches: 0, unknown: 0 };
  const endMs = performance.now() + LIMIT_MS;
  const where = [...(filter.where ?? []), { field: 'source', values: [rule.source], isNegated: false }];
  let cursor: string | undefined;
  do {
    const page = await withFilterErrors(store.search({ ...filter, where }, { limit: PAGE, cursor }, signal));
    for (const kept of page.alerts) {
      counts.examined++;
      const missing = new Set<string>();
      const verdict = judge(kept.alert, missing);
      if (verdict === true) {
        counts.matches++;
        if (samples.length < MOST_SAMPLES) samples.push(kept);
      } else if (verdict === 'unknown') {
        counts.unknown++;
        for (const name of missing) missingCounts.set(name, (missingCounts.get(name) ?? 0) + 1);
      }
    }
    cursor = page.next;
  } while (
    cursor !== undefined &&
    counts.examined < MOST_EXAMINED &&
    performance.now() < endMs &&
    !signal.aborted
  );
  return {
    ...counts,
    samples: samples.map(alertShape),
    missingFields: [...missingCounts]
      .map(([name, count]) => ({ name, count }))
      .sort((a, b) => b.count - a.count)
      .slice(0, MOST_MISSING),
    isComplete: cursor === undefined,
  };
}

/** Prepared once for a rule. */
export function compileJudge(condition: CheckedCondition<never>): Judge {
  switch (condition.kind) {
    case 'junction': {
      const terms = condition.terms.map(compileJudge);
      const decisive = condition.operator === 'or';
      return (alert, missing) => {
        const open = new Set<string>();
        for (const term of terms) {
          const verdict = term(alert, open);
          if (verdict === decisive) return decisive;
        }
        if (open.size === 0) return !decisive;
        for (const name of open) missing.add(name);
        return 'unknown';
      };
    }
    case 'not': {
      const term = compileJudge(condition.term);
      return (alert, missing) => {
        const verdict = term(alert, missing);
        return verdict === 'unknown' ? verdict : !verdict;
      };
    }
    case 'test':
      return compileTest(condition);
    default:
      return unreachable(condition);
  }
}

type Test = Extract<CheckedCondition<never>, { readonly kind: 'test' }>;

/** One comparison, asked of alerts as routes ask them, where it can be. */
function compileTest(test: Test): Judge {
  const { left, right } = test;
  const text = askedText(test);
  const names = [...namesIn(left), ...(right.kind === 'operand' ? namesIn(right.operand) : [])];
  const compiled = text === undefined ? undefined : compileConditions([text]);
  const conditions = compiled === undefined || 'problems' in compiled ? undefined : compiled;
  // Alerts show one of several candidates: the others might hold.
  const isWhole = left.kind !== 'field' || left.field.quantifier === 'value';
  return (alert, missing) => {
    const lacking = names.filter((name) => !hasField(alert, name));
    if (conditions !== undefined && lacking.length === 0) {
      const holds = conditions.holding(alert).has(0);
      if (holds || isWhole) return holds;
    }
    for (const name of lacking.length === 0 ? names : lacking) missing.add(name);
    return 'unknown';
  };
}

const orders = ['<', '<=', '>', '>='];

/** The comparison as a condition over alerts; `undefined`: there is none that means the same. */
function askedText({ left, operator, modifier, right }: Test): string | undefined {
  if (left.kind !== 'field') return undefined;
  const head = `${left.field.text} ${operator}`;
  if (right.kind === 'none') return head;
  if (right.kind === 'operand') return undefined;
  const constants = right.values.map((constant) => {
    if (constant.kind !== 'scalar') return undefined; // A network.
    const { value } = constant;
    const isNumber = typeof value === 'number' || typeof value === 'bigint';
    return constantText(isNumber ? String(value) : fromByteText(constant.text), new Set());
  });
  if (constants.includes(undefined)) return undefined;
  if (modifier !== undefined) return `${head} ${modifier} (${constants.join(', ')})`;
  if (orders.includes(operator)) {
    // What is a number in an event has to be one in the alert.
    const asked = checkTriagedCondition(`${head} ${constants[0]}`);
    const isNumber =
      'condition' in asked && asked.condition?.kind === 'test' && isNumeric(asked.condition.left);
    if (isNumber !== isNumeric(left)) return undefined;
  }
  return ['in', 'intersects', 'pmatch'].includes(operator)
    ? `${head} (${constants.join(', ')})`
    : `${head} ${constants[0]}`;
}

function isNumeric(operand: CheckedOperand<never> | CheckedOperand<HubAlert>): boolean {
  return operand.kind === 'field' && !['CHARBUF', 'FSPATH', 'FSRELPATH'].includes(operand.field.type);
}

function namesIn(operand: CheckedOperand<never>): readonly string[] {
  return fieldsOfOperand(operand).map(({ text }) => text);
}

/** Events without a value of the field give it as nothing, or as this. */
function hasField({ fields }: HubAlert, name: string): boolean {
  const value = fields[name];
  return value !== undefined && value !== null && textOfValue(value) !== '<NA>';
}
