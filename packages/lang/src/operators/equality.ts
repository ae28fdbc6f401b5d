/** `=` and `!=`. `==` is the same as `=` and is not told apart after parsing. */

import type { Scalar } from '../value.ts';
import { prepareMembership } from './membership.ts';
import type { Operator } from './operator.ts';
import { never, scalarsEqual } from './scalar.ts';

const shared = {
  families: ['integer', 'double', 'bool', 'address', 'net', 'text', 'bytes'],
  takesLists: false,
  right: 'one',
  takesModifier: true,
  takesOperand: true,
} as const satisfies Partial<Operator>;

export const equals: Operator = {
  ...shared,
  symbol: '=',
  doc: 'The field is the operand, letter case included; an address lies in the network.',
  holds: [
    ['bash', 'bash'],
    ['', ''],
    [0, '0'],
    [-1, '-1'],
    [true, 'true'],
  ],
  fails: [
    ['bash', 'Bash'],
    ['bash', 'bas'],
    [1, '0'],
    [false, 'true'],
  ],
  prepare: (constants, type) => prepareMembership(constants.slice(0, 1), type),
  compareValues: scalarsEqual,
};

export const notEquals: Operator = {
  ...shared,
  symbol: '!=',
  doc: 'The field has a value, and it is not the operand.',
  holds: [
    ['bash', 'sh'],
    [1, '0'],
    [false, 'true'],
  ],
  fails: [
    ['bash', 'bash'],
    ['', ''],
    [7, '7'],
  ],
  prepare: (constants, type) => {
    const [constant] = constants;
    if (constant === undefined) return never;
    if (constant.kind === 'scalar' && type !== 'BYTEBUF') {
      const { value } = constant;
      return (left) => left !== value;
    }
    const isEqual = prepareMembership([constant], type);
    return (left) => !isEqual(left);
  },
  compareValues: (left: Scalar, right: Scalar) => !scalarsEqual(left, right),
};
