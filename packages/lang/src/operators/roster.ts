/** Every operator of the language, in the order that lists show them. */

import { equals, notEquals } from './equality.ts';
import { exists } from './exists.ts';
import { glob, iglob } from './glob.ts';
import { inOperator, intersects } from './membership.ts';
import type { Operator } from './operator.ts';
import { greater, greaterOrEqual, less, lessOrEqual } from './ordering.ts';
import { pmatch } from './path-match.ts';
import { regex } from './regex.ts';
import { bcontains, bstartswith, contains, endswith, icontains, startswith } from './substring.ts';

export const operatorRoster: readonly Operator[] = [
  equals,
  notEquals,
  less,
  lessOrEqual,
  greater,
  greaterOrEqual,
  contains,
  icontains,
  bcontains,
  startswith,
  bstartswith,
  endswith,
  glob,
  iglob,
  regex,
  pmatch,
  inOperator,
  intersects,
  exists,
];

const bySymbol = new Map(operatorRoster.map((operator) => [operator.symbol, operator]));

export function operatorOf(symbol: string): Operator | undefined {
  return bySymbol.get(symbol);
}
