/** `contains`, `icontains`, `startswith`, `endswith`, and their forms for buffers that take hex. */

import type { ValueType } from '@peregrine/base';
import type { Constant } from '../3-check/checked.ts';
import type { Scalar } from '../value.ts';
import { toLowerAscii } from './ascii-case.ts';
import type { Operator } from './operator.ts';
import { byteTextOf, never, textOf } from './scalar.ts';

type TextTest = (text: string) => boolean;

function onText(
  compare: (operand: string) => TextTest,
): (constants: readonly Constant[], type: ValueType) => (left: Scalar) => boolean {
  return ([constant], type) => {
    if (constant === undefined) return never;
    const test = compare(textOf(constant));
    if (type === 'BYTEBUF') return (left) => test(byteTextOf(left));
    return (left) => typeof left === 'string' && test(left);
  };
}

const shared = {
  families: ['text', 'bytes'],
  takesLists: false,
  right: 'one',
  takesModifier: true,
  takesOperand: true,
} as const satisfies Partial<Operator>;

export const contains: Operator = {
  ...shared,
  symbol: 'contains',
  doc: 'The operand occurs somewhere in the field; letter case counts.',
  holds: [
    ['/etc/shadow', 'shadow'],
    ['abc', 'abc'],
    ['abc', ''],
  ],
  fails: [
    ['/etc/Shadow', 'shadow'],
    ['ab', 'abc'],
  ],
  prepare: onText((operand) => (text) => text.includes(operand)),
  compareValues: (left, right) => byteTextOf(left).includes(byteTextOf(right)),
};

export const icontains: Operator = {
  ...shared,
  families: ['text'],
  symbol: 'icontains',
  doc: 'The operand occurs somewhere in the field; ASCII letter case does not count.',
  holds: [
    ['/etc/Shadow', 'sHADOW'],
    ['ABC', 'abc'],
  ],
  fails: [
    ['/etc/shado', 'shadow'],
    ['\xc4', '\xe4'],
  ],
  prepare: onText((operand) => {
    const wanted = toLowerAscii(operand);
    return (text) => toLowerAscii(text).includes(wanted);
  }),
  compareValues: (left, right) => toLowerAscii(byteTextOf(left)).includes(toLowerAscii(byteTextOf(right))),
};

export const startswith: Operator = {
  ...shared,
  symbol: 'startswith',
  doc: 'The field begins with the operand; letter case counts.',
  holds: [
    ['/etc/shadow', '/etc/'],
    ['abc', 'abc'],
    ['abc', ''],
  ],
  fails: [
    ['/etcetera', '/etc/'],
    ['ab', 'abc'],
  ],
  prepare: onText((operand) => (text) => text.startsWith(operand)),
  compareValues: (left, right) => byteTextOf(left).startsWith(byteTextOf(right)),
};

export const endswith: Operator = {
  ...shared,
  symbol: 'endswith',
  doc: 'The field ends with the operand; letter case counts.',
  holds: [
    ['/etc/shadow', 'shadow'],
    ['abc', 'abc'],
    ['abc', ''],
  ],
  fails: [
    ['/etc/shadow-', 'shadow'],
    ['bc', 'abc'],
  ],
  prepare: onText((operand) => (text) => text.endsWith(operand)),
  compareValues: (left, right) => byteTextOf(left).endsWith(byteTextOf(right)),
};

/** Bytes as byte text; `undefined` unless `hex` is pairs of hex digits. */
export function decodeHex(hex: string): string | undefined {
  if (hex.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(hex)) return undefined;
  return Buffer.from(hex, 'hex').toString('latin1');
}

function refusesHex(constant: string): string | undefined {
  if (decodeHex(constant) !== undefined) return undefined;
  return `\`${constant}\` is not an even number of hex digits`;
}

function onHex(
  compare: (operand: string) => TextTest,
): (constants: readonly Constant[], type: ValueType) => (left: Scalar) => boolean {
  return ([constant]) => {
    const bytes = constant === undefined ? undefined : decodeHex(constant.text);
    if (bytes === undefined) return never;
    const test = compare(bytes);
    return (left) => test(byteTextOf(left));
  };
}

export const bcontains: Operator = {
  ...shared,
  families: ['bytes'],
  symbol: 'bcontains',
  doc: 'The bytes, given in hex, occur somewhere in the buffer.',
  holds: [
    ['\x00\xca\xfe\x00', 'cafe'],
    ['\xca\xfe', 'CAFE'],
  ],
  fails: [
    ['cafe', 'cafe'],
    ['\xca', 'cafe'],
  ],
  refuses: refusesHex,
  prepare: onHex((bytes) => (text) => text.includes(bytes)),
  compareValues: contains.compareValues ?? never,
};

export const bstartswith: Operator = {
  ...shared,
  families: ['bytes'],
  symbol: 'bstartswith',
  doc: 'The buffer begins with the bytes, given in hex.',
  holds: [
    ['\x7fELF', '7f454c46'],
    ['\x7fELF', ''],
  ],
  fails: [['\x00\x7fELF', '7f454c46']],
  refuses: refusesHex,
  prepare: onHex((bytes) => (text) => text.startsWith(bytes)),
  compareValues: startswith.compareValues ?? never,
};
