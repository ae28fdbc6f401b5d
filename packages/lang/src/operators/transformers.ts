/** Every transformer of the language, in the order that lists show them. */

import type { ValueType } from '@peregrine/base';
import type { Scalar, Value } from '../value.ts';
import { toLowerAscii, toUpperAscii } from './ascii-case.ts';
import { decodeBase64 } from './base64.ts';
import { findOptions, lastOption, optionWords } from './getopt.ts';
import { byteTextOf } from './scalar.ts';
import type { Shape, Transformer, TransformerArgument } from './transformer.ts';

const textTypes: readonly ValueType[] = ['CHARBUF', 'FSPATH', 'FSRELPATH'];

function isText(shape: Shape): boolean {
  return textTypes.includes(shape.type);
}

/** Ordinary arguments are fields and calls; what an argument takes beyond that it says itself. */
function argument(
  declaration: Pick<TransformerArgument, 'name' | 'doc' | 'accepts'> & Partial<TransformerArgument>,
): TransformerArgument {
  return {
    takesLiteralList: false,
    takesConstant: false,
    isRendered: false,
    isCheckedInside: false,
    ...declaration,
  };
}

function isList(value: Value): value is readonly Scalar[] {
  return Array.isArray(value);
}

/** Applies to each element of a list; one that has no result makes the whole have none. */
function eachText(
  change: (text: string) => string | undefined,
): (args: readonly Value[]) => Value | undefined {
  return ([value]) => {
    if (value === undefined) return undefined;
    if (!isList(value)) return change(byteTextOf(value));
    const changed: string[] = [];
    for (const element of value) {
      const text = change(byteTextOf(element));
      if (text === undefined) return undefined;
      changed.push(text);
    }
    return changed;
  };
}

function sameShape(args: readonly Shape[]): Shape {
  return args[0] ?? { type: 'CHARBUF', isList: false };
}

const text: Shape = { type: 'CHARBUF', isList: false };
const textArgument = argument({ name: 'text', doc: 'Text, or a list of texts.', accepts: isText });

const base = { isLastRepeated: false, selector: 'none', result: sameShape } as const;

function untilNul(value: string): number {
  const nul = value.indexOf('\0');
  return nul < 0 ? value.length : nul;
}

function joinTexts(values: readonly Value[], separator: string): string {
  return values
    .flatMap((value) => (isList(value) ? value.map(byteTextOf) : [byteTextOf(value)]))
    .join(separator);
}

export const transformerRoster: readonly Transformer[] = [
  {
    ...base,
    name: 'val',
    doc: 'The field itself: tells a field from text on the right of an operator.',
    args: [argument({ name: 'field', doc: 'Any field.', accepts: () => true })],
    apply: ([value]) => value,
    examples: [{ args: ['/bin/sh'], result: '/bin/sh' }],
  },
  {
    ...base,
    name: 'tolower',
    doc: 'The text with A to Z in lower case.',
    args: [textArgument],
    apply: eachText(toLowerAscii),
    examples: [
      { args: ['BaSh-5'], result: 'bash-5' },
      { args: [['A', 'b']], result: ['a', 'b'] },
      { args: ['\xc4A'], result: '\xc4a' },
    ],
  },
  {
    ...base,
    name: 'toupper',
    doc: 'The text with a to z in upper case.',
    args: [textArgument],
    apply: eachText(toUpperAscii),
    examples: [
      { args: ['BaSh-5'], result: 'BASH-5' },
      { args: ['\xe4a'], result: '\xe4A' },
    ],
  },
  {
    ...base,
    name: 'b64',
    doc: 'The bytes that the base64 text stands for; padding may be left out.',
    args: [
      argument({
        name: 'text',
        doc: 'Text or a buffer.',
        accepts: ({ type }) => type === 'CHARBUF' || type === 'BYTEBUF',
      }),
    ],
    apply: eachText(decodeBase64),
    examples: [
      { args: ['aGVsbG8='], result: 'hello' },
      { args: ['aGVsbG8'], result: 'hello' },
      { args: ['aGVs bG8'], result: 'hello' },
      { args: ['a'], result: undefined },
      { args: ['O_RDONLY|O_CLOEXEC'], result: undefined },
      { args: ['!'], result: undefined },
    ],
  },
  {
    ...base,
    name: 'basename',
    doc: 'What follows the last slash; empty when the path ends in one.',
    args: [textArgument],
    apply: eachText((path) => path.slice(path.lastIndexOf('/') + 1)),
    examples: [
      { args: ['/usr/bin/nc'], result: 'nc' },
      { args: ['nc'], result: 'nc' },
      { args: ['/usr/bin/'], result: '' },
    ],
  },
  {
    ...base,
    name: 'len',
    doc: 'Number of elements of a list, of bytes of a text up to a NUL, of bytes of a buffer.',
    args: [
      argument({
        name: 'value',
        doc: 'A list, a text or a buffer.',
        accepts: (shape) => shape.isList || isText(shape) || shape.type === 'BYTEBUF',
      }),
    ],
    result: () => ({ type: 'UINT64', isList: false }),
    apply: ([value]) => {
      if (value === undefined) return undefined;
      if (isList(value) || value instanceof Uint8Array) return value.length;
      return untilNul(byteTextOf(value));
    },
    examples: [
      { args: ['h\xc3\xa9'], result: 3 },
      { args: ['ab\0c'], result: 2 },
      { args: [['a', 'b']], result: 2 },
      { args: [new Uint8Array(4)], result: 4 },
      { args: [''], result: 0 },
    ],
  },
  {
    ...base,
    name: 'join',
    doc: 'The elements as one text, with the separator between them; none when an element is missing.',
    args: [
      argument({
        name: 'separator',
        doc: 'Text.',
        accepts: (shape) => isText(shape) && !shape.isList,
        takesConstant: true,
      }),
      argument({
        name: 'list',
        doc: 'A list field, or a list of fields, calls, texts and numbers in parentheses.',
        accepts: (shape) => shape.isList,
        takesLiteralList: true,
        isRendered: true,
      }),
    ],
    result: () => text,
    apply: ([separator, list]) => {
      if (separator === undefined || list === undefined || isList(separator)) return undefined;
      return joinTexts(isList(list) ? list : [list], byteTextOf(separator));
    },
    examples: [
      { args: ['-', ['a', 'b', 'c']], result: 'a-b-c' },
      { args: [',', []], result: '' },
    ],
  },
  {
    ...base,
    name: 'concat',
    doc: 'The texts one after the other; none when one is missing.',
    args: [
      argument({
        name: 'text',
        doc: 'A text that is not a list.',
        accepts: (shape) => shape.type === 'CHARBUF' && !shape.isList,
        takesConstant: true,
        isCheckedInside: true,
      }),
      argument({
        name: 'text',
        doc: 'A text that is not a list.',
        accepts: (shape) => shape.type === 'CHARBUF' && !shape.isList,
        takesConstant: true,
        isCheckedInside: true,
      }),
    ],
    isLastRepeated: true,
    result: () => text,
    apply: (args) => joinTexts(args, ''),
    examples: [{ args: ['a', 'b', 'c'], result: 'abc' }],
  },
  {
    ...base,
    name: 'getopt',
    doc: 'The options in the words, each followed by its argument; with `[c]`, the argument of the last `-c`.',
    args: [
      argument({
        name: 'words',
        doc: 'A list of texts, as arguments of a program.',
        accepts: (shape) => shape.type === 'CHARBUF' && shape.isList,
      }),
      argument({
        name: 'options',
        doc: 'Known letters; a colon after those that take an argument.',
        accepts: (shape) => isText(shape) && !shape.isList,
        takesConstant: true,
      }),
    ],
    selector: 'optional',
    result: (_args, hasSelector) => ({ type: 'CHARBUF', isList: !hasSelector }),
    apply: ([words, options], selector) => {
      if (words === undefined || options === undefined || !isList(words) || isList(options)) return undefined;
      const found = findOptions(words.map(byteTextOf), byteTextOf(options));
      return selector === undefined ? optionWords(found) : lastOption(found, selector);
    },
    examples: [
      { args: [['-a', '-b', 'x', '-cd', 'rest', '-e'], 'ab:cd'], result: ['a', 'b', 'x', 'c', 'd'] },
      { args: [['-vofile'], 'o:v'], result: ['v', 'o', 'file'] },
      { args: [['--long', '-z', '--', '-a'], 'a'], result: ['?'] },
      { args: [['-o', 'one', '-o', 'two'], ':o:'], selector: 'o', result: 'two' },
      { args: [['-v'], 'v'], selector: 'v', result: 'v' },
      { args: [['-o'], 'o:'], selector: 'o', result: '' },
      { args: [['-v'], 'vo:'], selector: 'o', result: undefined },
    ],
  },
];

const byName = new Map(transformerRoster.map((transformer) => [transformer.name, transformer]));

export function transformerOf(name: string): Transformer | undefined {
  return byName.get(name);
}
