/** `<`, `<=`, `>`, `>=`: numbers by value, text by its bytes as C does. */

import type { Constant } from '../3-check/checked.ts';
import type { Scalar } from '../value.ts';
import type { Operator } from './operator.ts';
import { never } from './scalar.ts';

const shared = {
  families: ['integer', 'double', 'text'],
  takesLists: false,
  right: 'one',
  takesModifier: false,
  takesOperand: true,
} as const satisfies Partial<Operator>;

function withConstant(
  compare: (right: Scalar) => (left: Scalar) => boolean,
): (constants: readonly Constant[]) => (left: Scalar) => boolean {
  return ([constant]) => (constant?.kind === 'scalar' ? compare(constant.value) : never);
}

export const less: Operator = {
  ...shared,
  symbol: '<',
  doc: 'The field is less than the operand.',
  holds: [
    [1, '2'],
    [-5, '0'],
    ['a', 'b'],
    ['Z', 'a'],
    ['', 'a'],
    ['ab', 'abc'],
  ],
  fails: [
    [2, '2'],
    [3, '2'],
    ['b', 'a'],
    ['\xff', 'a'],
  ],
  prepare: withConstant((right) => (left) => left < right),
  compareValues: (left, right) => left < right,
};

export const lessOrEqual: Operator = {
  ...shared,
  symbol: '<=',
  doc: 'The field is less than the operand or equals it.',
  holds: [
    [1, '2'],
    [2, '2'],
    ['a', 'a'],
  ],
  fails: [
    [3, '2'],
    ['b', 'a'],
  ],
  prepare: withConstant((right) => (left) => left <= right),
  compareValues: (left, right) => left <= right,
};

export const greater: Operator = {
  ...shared,
  symbol: '>',
  doc: 'The field is greater than the operand.',
  holds: [
    [3, '2'],
    ['b', 'a'],
    ['\xff', 'z'],
  ],
  fails: [
    [2, '2'],
    [1, '2'],
    ['a', 'a'],
  ],
  prepare: withConstant((right) => (left) => left > right),
  compareValues: (left, right) => left > right,
};

export const greaterOrEqual: Operator = {
  ...shared,
  symbol: '>=',
  doc: 'The field is greater than the operand or equals it.',
  holds: [
    [3, '2'],
    [2, '2'],
    ['a', 'a'],
  ],
  fails: [
    [1, '2'],
    ['a', 'b'],
  ],
  prepare: withConstant((right) => (left) => left >= right),
  compareValues: (left, right) => left >= right,
};
