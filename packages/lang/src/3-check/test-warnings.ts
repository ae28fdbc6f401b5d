/** What is likely not meant in a comparison that is otherwise right. */

import { type Diagnostic, fromByteText, type Place } from '@peregrine/base';
import type { Compare, Condition, TextConstant } from '../2-parse/tree.ts';
import { transformerNames } from '../2-parse/words.ts';
import {
  fieldAsConstant,
  fieldDeprecated,
  regexReplaceable,
  transformerAsConstant,
  unsafeNaCheck,
} from '../diagnostics/warnings.ts';
import type { Operator } from '../operators/operator.ts';
import { innermostField, type OperandChecker } from './check-operand.ts';
import type { CheckedOperand } from './checked.ts';

/** Fields whose value is the same for every event by now. */
export const deprecatedFields: readonly string[] = [
  'evt.dir',
  'evt.latency',
  'evt.latency.s',
  'evt.latency.ns',
  'evt.latency.human',
  'evt.wait_latency',
];

/** Operators with which a comparison with `<NA>` is unsafe. */
const equalityOperators: readonly string[] = ['=', '!=', 'in', 'intersects', 'pmatch'];

type Warning = (place: Place) => Diagnostic;
type Test = Compare | Extract<Condition, { readonly kind: 'exists' }>;

export function warningsOf<E>(
  node: Test,
  left: CheckedOperand<E>,
  operator: Operator,
  operands: OperandChecker<E>,
): readonly Warning[] {
  const warnings: Warning[] = [];
  const fieldName = innermostField(left)?.info.name;
  if (fieldName !== undefined && deprecatedFields.includes(fieldName)) {
    warnings.push((place) => fieldDeprecated.at(place, fieldName));
  }
  if (node.kind === 'exists') return warnings;
  const isPlugin = fieldName !== undefined && (fieldName.startsWith('ka.') || fieldName.startsWith('jevt.'));
  for (const { value } of constantsOf(node)) {
    if (isPlugin && value === '<NA>' && equalityOperators.includes(operator.symbol)) {
      warnings.push((place) => unsafeNaCheck.at(place, fieldName));
    }
    const misused = constantWarning(value, operands);
    if (misused !== undefined) warnings.push(misused);
    const instead = operator.symbol === 'regex' ? simplerThanRegex(value) : undefined;
    if (instead !== undefined)
      warnings.push((place) => regexReplaceable.at(place, fromByteText(value), instead));
  }
  return warnings;
}

function constantsOf(node: Compare): readonly Pick<TextConstant, 'value'>[] {
  switch (node.right.kind) {
    case 'text':
      return [node.right];
    case 'list':
      return node.right.items;
    case 'identifier':
      return [{ value: node.right.name }];
    case 'operand':
      return [];
  }
}

function constantWarning<E>(value: string, operands: OperandChecker<E>): Warning | undefined {
  // Most constants are neither, and there are many.
  if (!value.includes('.') && !value.endsWith(')')) return undefined;
  const reference = /^([a-zA-Z]\w*(?:\.[a-zA-Z]\w*)+)(?:\[([^[\]"'\s]+)\])?$/.exec(value);
  if (reference !== null) {
    const [, name = '', argument] = reference;
    if (operands.resolve(name, argument).kind === 'field') return (place) => fieldAsConstant.at(place, value);
    return undefined;
  }
  const open = value.indexOf('(');
  if (open > 0 && value.endsWith(')') && transformerNames.includes(value.slice(0, open))) {
    return (place) => transformerAsConstant.at(place, fromByteText(value));
  }
  return undefined;
}

/** What says the same as a regular expression that is plain text but for `.*` or `.+` at its ends. */
export function simplerThanRegex(pattern: string): string | undefined {
  const match = /^(\.[*+])?([^.[\]{}()\\*+?^$|]*)(\.[*+])?$/.exec(pattern);
  if (match === null) return undefined;
  const [, before, text = '', after] = match;
  const quoted = `'${fromByteText(text)}'`;
  if (text === '') return 'exists';
  if (before === undefined) return after === undefined ? `= ${quoted}` : `startswith ${quoted}`;
  return after === undefined ? `endswith ${quoted}` : `contains ${quoted}`;
}
