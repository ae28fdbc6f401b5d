/** The words and symbols of conditions, in the order in which the grammar tries them. */

import type { Modifier } from './tree.ts';

/** Compare with a number. Longer symbols first. */
export const orderSymbols: readonly string[] = ['<=', '<', '>=', '>'];

/** Compare with text; need no blank after them. */
export const equalitySymbols: readonly string[] = ['==', '=', '!='];

/** Compare with text; need a blank after them. */
export const textWords: readonly string[] = [
  'glob',
  'iglob',
  'contains',
  'icontains',
  'bcontains',
  'startswith',
  'bstartswith',
  'endswith',
  'regex',
];

/** Compare with a list. */
export const listSymbols: readonly string[] = ['intersects', 'in', 'pmatch'];

/** Everything that may stand between a field and what it is compared with, and `exists`. */
export const comparisonSymbols: readonly string[] = [
  'exists',
  ...orderSymbols,
  ...equalitySymbols,
  ...textWords,
  ...listSymbols,
];

const modifiers: readonly Modifier[] = ['oneof', 'anyof', 'allof'];

export function isModifier(text: string): text is Modifier {
  return text === 'oneof' || text === 'anyof' || text === 'allof';
}

/** The modifier that `text` has at `at`, blank after it included in the demand. */
export function modifierAt(text: string, at: number): Modifier | undefined {
  return modifiers.find((modifier) => text.startsWith(modifier, at));
}

/** Whether a modifier may follow the operator. */
export function isModifiable(symbol: string): boolean {
  return equalitySymbols.includes(symbol) || textWords.includes(symbol);
}

/** Functions that may stand where a field stands. `val` is apart: it stands only on the right. */
export const transformerNames: readonly string[] = [
  'tolower',
  'toupper',
  'b64',
  'basename',
  'len',
  'join',
  'concat',
  'getopt',
];
