/** Reference of the condition language's operators and transformers. */

import {
  type Operator,
  operatorRoster,
  type Transformer,
  transformerRoster,
  type Value,
} from '@peregrine/lang';
import { code, type Page, section, table } from './markdown.ts';

export function operatorsPage(): Page {
  return {
    name: 'operators.md',
    title: 'Operators and transformers',
    summary: 'What conditions can ask of a field, and what can be done to a value first.',
    body: [
      section(
        'Operators',
        table(['operator', 'meaning', 'takes', 'holds', 'does not hold'], operatorRoster.map(operatorRow)),
      ),
      'After an operator with one constant, `oneof`, `anyof` or `allof` and a list ask that exactly one, at least one or all',
      'of its constants hold: `proc.exepath startswith anyof (/tmp/, /dev/shm/)`.',
      '',
      section('Transformers', table(['call', 'meaning', 'example'], transformerRoster.map(transformerRow))),
    ].join('\n'),
  };
}

function operatorRow(operator: Operator): readonly string[] {
  return [
    code(operator.symbol),
    operator.doc,
    [...operator.families, ...(operator.takesLists ? ['lists'] : [])].join(', '),
    exampleOf(operator, operator.holds),
    exampleOf(operator, operator.fails),
  ];
}

/** The first example: the field's value, the operator, the constants. */
function exampleOf(operator: Operator, examples: Operator['holds']): string {
  const [first] = examples;
  if (first === undefined) return '';
  const [left, ...right] = first;
  if (operator.right === 'none') return code(`${valueText(left)} ${operator.symbol}`);
  const constants =
    operator.right === 'list' ? `(${right.join(', ')})` : right.map((text) => text || '""').join(' ');
  return code(`${valueText(left)} ${operator.symbol} ${constants}`);
}

function transformerRow(transformer: Transformer): readonly string[] {
  const names = transformer.args.map((argument) => argument.name).join(', ');
  const call = `${transformer.name}(${names}${transformer.isLastRepeated ? ', ...' : ''})`;
  const [example] = transformer.examples;
  return [
    code(transformer.selector === 'optional' ? `${call}[x]` : call),
    [transformer.doc, ...transformer.args.map((argument) => `${code(argument.name)}: ${argument.doc}`)].join(
      ' ',
    ),
    example === undefined
      ? ''
      : `${code(`${transformer.name}(${example.args.map(valueText).join(', ')})${example.selector ? `[${example.selector}]` : ''}`)} is ${
          example.result === undefined ? 'no value' : code(valueText(example.result))
        }`,
  ];
}

function valueText(value: Value): string {
  if (Array.isArray(value)) return `(${value.map(valueText).join(', ')})`;
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`;
  return value === '' ? '""' : String(value);
}
