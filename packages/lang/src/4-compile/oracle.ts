/**
 * The meaning of conditions, written to be read: no caches, no shortcuts, everything prepared anew for each event.
 * Compiled rules are tested against it, and `explain` shows users why a rule did or did not match.
 */

import { unreachable } from '@peregrine/base';
import type { CheckedCondition, CheckedOperand, CheckedTest, Constant } from '../3-check/checked.ts';
import type { Quantifier } from '../catalogue.ts';
import type { Operator } from '../operators/operator.ts';
import { operatorOf } from '../operators/roster.ts';
import type { Scalar, Value } from '../value.ts';
import { compileOperand } from './operand.ts';
import { isListValue } from './value-text.ts';

export type Explanation =
  | {
      readonly kind: 'junction';
      readonly operator: 'and' | 'or';
      readonly verdict: boolean;
      readonly terms: readonly Explanation[];
    }
  | { readonly kind: 'not'; readonly verdict: boolean; readonly term: Explanation }
  | {
      readonly kind: 'test';
      readonly verdict: boolean;
      readonly text: string;
      /** What was compared; `undefined` when the event has no such value. */
      readonly left: Value | undefined;
    };

export function evaluate<E>(condition: CheckedCondition<E>, event: E): boolean {
  return explain(condition, event).verdict;
}

/** Every term with its verdict, those too that could have been left out. */
export function explain<E>(condition: CheckedCondition<E>, event: E): Explanation {
  switch (condition.kind) {
    case 'junction': {
      const { operator } = condition;
      const terms = condition.terms.map((term) => explain(term, event));
      const verdict =
        operator === 'and' ? terms.every((term) => term.verdict) : terms.some((term) => term.verdict);
      return { kind: 'junction', operator, verdict, terms };
    }
    case 'not': {
      const term = explain(condition.term, event);
      return { kind: 'not', verdict: !term.verdict, term };
    }
    case 'test':
      return {
        kind: 'test',
        verdict: holds(condition, event),
        text: condition.text,
        left: compileOperand(condition.left, 'compare')(event),
      };
    default:
      return unreachable(condition);
  }
}

function holds<E>(test: CheckedTest<E>, event: E): boolean {
  const operator = operatorOf(test.operator);
  if (operator === undefined) throw new Error(`no operator is written ${test.operator}`);
  const { left, right } = test;
  if (left.kind === 'field' && left.field.compare !== undefined && right.kind !== 'operand') {
    return holdsByField(test, left.field.compare, event);
  }
  const value = compileOperand(left, 'compare')(event);
  if (value === undefined) return false;
  const quantifier = quantifierOf(left);
  switch (right.kind) {
    case 'none':
      return quantifier === 'value' || !isListValue(value) || value.length > 0;
    case 'operand':
      return holdsForValues(operator, quantifier, value, rightValue(right.operand, event));
    case 'constants':
      return holdsForConstants(test, operator, quantifier, value, right.values);
    default:
      return unreachable(right);
  }
}

export function quantifierOf<E>(operand: CheckedOperand<E>): Quantifier {
  return operand.kind === 'field' ? operand.field.quantifier : 'value';
}

/** On the right, a field of many candidates stands for the one value that outputs show. */
function rightValue<E>(operand: CheckedOperand<E>, event: E): Value | undefined {
  return compileOperand(operand, quantifierOf(operand) === 'value' ? 'compare' : 'show')(event);
}

function holdsByField<E>(
  test: CheckedTest<E>,
  compare: (operator: string, constants: readonly string[]) => ((event: E) => boolean) | string,
  event: E,
): boolean {
  const constants = test.right.kind === 'constants' ? test.right.values.map((constant) => constant.text) : [];
  const ask = (texts: readonly string[]): boolean => {
    const predicate = compare(test.operator, texts);
    return typeof predicate !== 'string' && predicate(event);
  };
  if (test.modifier === undefined) return ask(constants);
  const verdicts = constants.map((constant) => ask([constant]));
  return joinVerdicts(test.modifier, verdicts);
}

function holdsForConstants<E>(
  test: CheckedTest<E>,
  operator: Operator,
  quantifier: Quantifier,
  value: Value,
  constants: readonly Constant[],
): boolean {
  if (constants.length === 0) return false;
  const { type } = test.left.kind === 'field' ? test.left.field : test.left;
  if (test.modifier === undefined)
    return holdsForMany(operator, quantifier, value, operator.prepare(constants, type));
  // COMPAT: where there are many candidates, a modifier is not heeded, nor are the constants after the first.
  if (quantifier !== 'value') {
    return holdsForMany(operator, quantifier, value, operator.prepare(constants.slice(0, 1), type));
  }
  const verdicts = constants.map((constant) =>
    holdsForMany(operator, quantifier, value, operator.prepare([constant], type)),
  );
  return joinVerdicts(test.modifier, verdicts);
}

function joinVerdicts(modifier: 'oneof' | 'anyof' | 'allof', verdicts: readonly boolean[]): boolean {
  const count = verdicts.filter((verdict) => verdict).length;
  switch (modifier) {
    case 'oneof':
      return count === 1;
    case 'anyof':
      return count > 0;
    case 'allof':
      return count > 0 && count === verdicts.length;
    default:
      return unreachable(modifier);
  }
}

/** A scalar; the candidates of a field that has many; or a list, of which `in` takes all and `intersects` any. */
function holdsForMany(
  operator: Operator,
  quantifier: Quantifier,
  value: Value,
  test: (scalar: Scalar) => boolean,
): boolean {
  if (!isListValue(value)) return test(value);
  if (quantifier === 'value') {
    if (operator.symbol === 'in') return value.every(test);
    return operator.symbol === 'intersects' && value.some(test);
  }
  if (quantifier === 'either' && operator.symbol === '!=') return value.length > 0 && value.every(test);
  return value.some(test);
}

function holdsForValues(
  operator: Operator,
  quantifier: Quantifier,
  left: Value,
  right: Value | undefined,
): boolean {
  const { compareValues } = operator;
  if (right === undefined || compareValues === undefined) return false;
  const isHeld = (scalar: Scalar): boolean =>
    isListValue(right)
      ? right.some((element) => compareValues(scalar, element))
      : compareValues(scalar, right);
  return holdsForMany(operator, quantifier, left, isHeld);
}
