/** Tests made ready to run: predicates over a value at hand, or over the event. HOT: what they return. */

import type { ValueType } from '@peregrine/base';
import type { Modifier } from '../2-parse/tree.ts';
import type { CheckedTest, Constant } from '../3-check/checked.ts';
import type { BoundField, Quantifier } from '../catalogue.ts';
import type { Operator } from '../operators/operator.ts';
import { operatorOf } from '../operators/roster.ts';
import { never } from '../operators/scalar.ts';
import type { Scalar, Value } from '../value.ts';
import { compileOperand } from './operand.ts';
import { quantifierOf } from './oracle.ts';
import { isListValue } from './value-text.ts';

export type ScalarTest = (value: Scalar) => boolean;
export type EventTest<E> = (event: E) => boolean;

/** The field whose one value, with constants alone, decides the test; `undefined` where it takes more than that. */
export function plainFieldOf<E>(test: CheckedTest<E>): BoundField<E> | undefined {
  const { left, right } = test;
  if (left.kind !== 'field' || right.kind === 'operand') return undefined;
  const { field } = left;
  return field.quantifier === 'value' && !field.isList && field.compare === undefined ? field : undefined;
}

/** For a test that has a plain field: what its value must satisfy. A missing value never does. */
export function prepareScalarTest<E>(test: CheckedTest<E>): ScalarTest {
  const operator = operatorFor(test);
  if (test.right.kind === 'none') return () => true;
  if (test.right.kind === 'operand') throw new Error(`\`${test.text}\` compares two fields`);
  return withConstants(operator, test.right.values, typeOfLeft(test), test.modifier);
}

/** For any test. */
export function prepareEventTest<E>(test: CheckedTest<E>): EventTest<E> {
  const { left, right } = test;
  if (left.kind === 'field' && left.field.compare !== undefined && right.kind !== 'operand') {
    return byField(test, left.field.compare);
  }
  const operator = operatorFor(test);
  const quantifier = quantifierOf(left);
  const read = compileOperand(left, 'compare');
  switch (right.kind) {
    case 'none':
      return (event) => {
        const value = read(event);
        return value !== undefined && (quantifier === 'value' || !isListValue(value) || value.length > 0);
      };
    case 'constants': {
      if (right.values.length === 0) return never;
      const isPlain = quantifier === 'value';
      const constants = isPlain || test.modifier === undefined ? right.values : right.values.slice(0, 1);
      const isHeld = withConstants(
        operator,
        constants,
        typeOfLeft(test),
        isPlain ? test.modifier : undefined,
      );
      const many = overMany(operator, quantifier);
      return (event) => {
        const value = read(event);
        if (value === undefined) return false;
        return isListValue(value) ? many(value, isHeld) : isHeld(value);
      };
    }
    case 'operand': {
      const readRight = compileOperand(
        right.operand,
        quantifierOf(right.operand) === 'value' ? 'compare' : 'show',
      );
      return betweenValues(operator, quantifier, read, readRight);
    }
  }
}

function operatorFor<E>(test: CheckedTest<E>): Operator {
  const operator = operatorOf(test.operator);
  if (operator === undefined) throw new Error(`no operator is written ${test.operator}`);
  return operator;
}

function typeOfLeft<E>(test: CheckedTest<E>): ValueType {
  return test.left.kind === 'field' ? test.left.field.type : test.left.type;
}

function withConstants(
  operator: Operator,
  constants: readonly Constant[],
  type: ValueType,
  modifier: Modifier | undefined,
): ScalarTest {
  if (constants.length === 0) return never;
  if (modifier === undefined) return operator.prepare(constants, type);
  const tests = constants.map((constant) => operator.prepare([constant], type));
  switch (modifier) {
    case 'anyof':
      if (operator.symbol === '=') return operatorOf('in')?.prepare(constants, type) ?? never;
      return (value) => {
        for (const test of tests) if (test(value)) return true;
        return false;
      };
    case 'allof':
      return (value) => {
        for (const test of tests) if (!test(value)) return false;
        return true;
      };
    case 'oneof':
      return (value) => {
        let count = 0;
        for (const test of tests) if (test(value)) count++;
        return count === 1;
      };
  }
}

/** How the verdicts on a list's elements, or on the candidates of a field, make one. */
function overMany(
  operator: Operator,
  quantifier: Quantifier,
): (values: readonly Scalar[], isHeld: ScalarTest) => boolean {
  if (quantifier === 'value') {
    if (operator.symbol === 'in') return every;
    return operator.symbol === 'intersects' ? some : never;
  }
  if (quantifier === 'either' && operator.symbol === '!=') {
    return (values, isHeld) => values.length > 0 && every(values, isHeld);
  }
  return some;
}

function every(values: readonly Scalar[], isHeld: ScalarTest): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === undefined || !isHeld(value)) return false;
  }
  return true;
}

function some(values: readonly Scalar[], isHeld: ScalarTest): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value !== undefined && isHeld(value)) return true;
  }
  return false;
}

function byField<E>(
  test: CheckedTest<E>,
  compare: (operator: string, constants: readonly string[]) => EventTest<E> | string,
): EventTest<E> {
  const texts = test.right.kind === 'constants' ? test.right.values.map((constant) => constant.text) : [];
  const ask = (constants: readonly string[]): EventTest<E> => {
    const predicate = compare(test.operator, constants);
    return typeof predicate === 'string' ? never : predicate;
  };
  if (test.modifier === undefined) return ask(texts);
  const tests = texts.map((text) => ask([text]));
  const { modifier } = test;
  return (event) => {
    let count = 0;
    for (const each of tests) if (each(event)) count++;
    if (modifier === 'oneof') return count === 1;
    return modifier === 'anyof' ? count > 0 : count > 0 && count === tests.length;
  };
}

function betweenValues<E>(
  operator: Operator,
  quantifier: Quantifier,
  readLeft: (event: E) => Value | undefined,
  readRight: (event: E) => Value | undefined,
): EventTest<E> {
  const { compareValues } = operator;
  if (compareValues === undefined) return never;
  const many = overMany(operator, quantifier);
  return (event) => {
    const left = readLeft(event);
    if (left === undefined) return false;
    const right = readRight(event);
    if (right === undefined) return false;
    const isHeld: ScalarTest = isListValue(right)
      ? (scalar) => some(right, (element) => compareValues(scalar, element))
      : (scalar) => compareValues(scalar, right);
    return isListValue(left) ? many(left, isHeld) : isHeld(left);
  };
}
