/** `exists`: whether there is a value at all. */

import type { Operator } from './operator.ts';

export const exists: Operator = {
  symbol: 'exists',
  doc: 'The field has a value, be it empty text or zero.',
  families: ['integer', 'double', 'bool', 'address', 'net', 'text', 'bytes'],
  takesLists: true,
  right: 'none',
  takesModifier: false,
  takesOperand: false,
  holds: [['bash'], [''], [0], [false]],
  fails: [],
  prepare: () => () => true,
};
