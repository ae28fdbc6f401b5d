/** `in` and `intersects`: equality with one of many. Lists are the caller's affair, one element at a time. */

import type { ValueType } from '@peregrine/base';
import type { Constant } from '../3-check/checked.ts';
import type { Scalar } from '../value.ts';
import { anyNetworkTest, hasNetworks } from './network.ts';
import type { Operator } from './operator.ts';
import { byteTextOf, never, scalarsEqual, textOf } from './scalar.ts';
import { familyOf } from './type-families.ts';

export function prepareMembership(
  constants: readonly Constant[],
  type: ValueType,
): (left: Scalar) => boolean {
  if (constants.length === 0) return never;
  if (hasNetworks(constants)) return anyNetworkTest(constants);
  if (familyOf(type) === 'bytes') {
    const texts = new Set(constants.map(textOf));
    return (left) => texts.has(byteTextOf(left));
  }
  const values = constants.map((constant) => (constant.kind === 'scalar' ? constant.value : constant.text));
  const [a, b, c] = values;
  if (values.length === 1) return (left) => left === a;
  if (values.length === 2) return (left) => left === a || left === b;
  if (values.length === 3) return (left) => left === a || left === b || left === c;
  const wanted = new Set(values);
  return (left) => wanted.has(left);
}

const shared = {
  families: ['integer', 'double', 'bool', 'address', 'net', 'text', 'bytes'],
  takesLists: true,
  right: 'list',
  takesModifier: false,
  takesOperand: true,
  holds: [
    ['nginx', 'nginx'],
    ['nginx', 'httpd', 'nginx'],
    ['d', 'a', 'b', 'c', 'd', 'e'],
    [443, '80', '443'],
    [true, 'true'],
  ],
  fails: [
    ['nginx', 'nginx2', 'ngin'],
    ['Nginx', 'nginx'],
    ['', 'a', 'b', 'c', 'd'],
    [44, '80', '443'],
    ['anything'],
  ],
  prepare: prepareMembership,
  compareValues: scalarsEqual,
} as const satisfies Partial<Operator>;

export const inOperator: Operator = {
  ...shared,
  symbol: 'in',
  doc: 'The field equals one of the operands. A list field: each of its elements does.',
};

export const intersects: Operator = {
  ...shared,
  symbol: 'intersects',
  doc: 'The field equals one of the operands. A list field: at least one of its elements does.',
};
