/** Random conditions and events over the made-up source. */

import fc from 'fast-check';
import type { CheckedCondition, CheckedTest, Constant } from '../src/3-check/checked.ts';
import type { BoundField } from '../src/catalogue.ts';
import type { Value } from '../src/value.ts';
import { fieldOf, type SyntheticEvent, scalarConstant, testOf, typeField } from './synthetic.ts';

type Field = BoundField<SyntheticEvent>;
type Condition = CheckedCondition<SyntheticEvent>;

const texts = ['', 'a', 'ab', 'b', '/etc/passwd', '/etc/shadow', '/usr/bin/a', 'A', 'a\xe9', '<NA>'] as const;
const numbers = [-1, 0, 1, 2, 443, 2 ** 40] as const;
const addresses = [
  0x7f000001,
  0x0a000001,
  `${'\0'.repeat(15)}\x01`,
  `\xfe\x80${'\0'.repeat(13)}\x07`,
] as const;

const textOperators = [
  '=',
  '!=',
  '<',
  '>=',
  'contains',
  'icontains',
  'startswith',
  'endswith',
  'glob',
  'iglob',
  'regex',
];

export const fields = {
  text: ['t.name', 't.path'].map((name) => fieldOf({ name, type: 'CHARBUF', scope: 'thread' })),
  eventText: ['e.path', 'e.flags'].map((name) => fieldOf({ name, type: 'FSPATH', scope: 'event', cost: 30 })),
  number: [
    fieldOf({ name: 't.pid', type: 'INT64', scope: 'thread' }),
    fieldOf({ name: 'e.fd', type: 'FD', scope: 'event', cost: 1 }),
  ],
  bool: [fieldOf({ name: 'e.is_open', type: 'BOOL', scope: 'event', cost: 1 })],
  address: [fieldOf({ name: 'e.ip', type: 'IPADDR', scope: 'event' })],
  net: [fieldOf({ name: 'e.net', type: 'IPNET', scope: 'event', quantifier: 'either' })],
  bytes: [fieldOf({ name: 'e.buffer', type: 'BYTEBUF', scope: 'event' })],
  list: [fieldOf({ name: 'e.list', type: 'CHARBUF', scope: 'event', isList: true })],
  ancestors: [fieldOf({ name: 't.aname', type: 'CHARBUF', scope: 'thread', quantifier: 'any' })],
  ports: [fieldOf({ name: 'e.port', type: 'PORT', scope: 'event', quantifier: 'either' })],
} as const satisfies Record<string, readonly Field[]>;

function listOf<T extends string | number | boolean>(
  values: readonly T[],
): fc.Arbitrary<readonly Constant[]> {
  return fc.array(fc.constantFrom(...values).map(scalarConstant), { maxLength: 5 });
}

function oneOf<T extends string | number | boolean>(values: readonly T[]): fc.Arbitrary<readonly Constant[]> {
  return fc.constantFrom(...values).map((value) => [scalarConstant(value)]);
}

function tests(
  among: readonly Field[],
  operators: readonly string[],
  constants: fc.Arbitrary<readonly Constant[] | undefined>,
  modifier: fc.Arbitrary<'oneof' | 'anyof' | 'allof' | undefined> = fc.constant(undefined),
): fc.Arbitrary<CheckedTest<SyntheticEvent>> {
  return fc
    .tuple(fc.constantFrom(...among), fc.constantFrom(...operators), constants, modifier)
    .map(([field, operator, right, how]) => testOf(field, operator, right, how));
}

const networks: readonly Constant[] = [
  { kind: 'net4', address: 0x7f000000, mask: 0xff000000, text: '127.0.0.0/8' },
  { kind: 'net4', address: 0x0a000001, mask: 0xffffffff, text: '10.0.0.1/32' },
  { kind: 'net6', address: `\xfe\x80${'\0'.repeat(14)}`, prefixBits: 10, text: 'fe80::/10' },
];

const patterns = ['a*', '*a', '/etc/*', '[a-b]?', '.*', '/etc/(passwd|shadow)', 'a+', ''];
const modifiers = fc.constantFrom('oneof', 'anyof', 'allof');
const allTexts = [...fields.text, ...fields.eventText];

export const anyTest: fc.Arbitrary<CheckedTest<SyntheticEvent>> = fc.oneof(
  tests(allTexts, textOperators, oneOf([...texts, ...patterns.slice(0, 4)])),
  tests(allTexts, ['=', '!=', 'contains', 'startswith'], listOf(texts), modifiers),
  tests([...allTexts, ...fields.list], ['in', 'intersects'], listOf(texts)),
  tests(allTexts, ['regex', 'glob'], oneOf(patterns.slice(4))),
  tests(allTexts, ['pmatch'], listOf(['/etc', '/usr/*', '/', 'a'])),
  tests([typeField], ['=', '!=', 'in'], oneOf(['open', 'openat', 'execve', 'generic', 'other', 'async'])),
  tests([typeField], ['in'], listOf(['open', 'execve', 'generic', 'connect'])),
  tests(fields.number, ['=', '!=', '<', '<=', '>', '>='], oneOf(numbers)),
  tests([...fields.number, ...fields.ports], ['in', 'intersects'], listOf(numbers)),
  tests(fields.ports, ['=', '!=', '<'], oneOf(numbers)),
  tests(fields.bool, ['=', '!='], oneOf([true, false])),
  tests(fields.address, ['=', '!='], oneOf(addresses)),
  tests(fields.address, ['in'], listOf(addresses)),
  tests(
    fields.net,
    ['=', '!=', 'in'],
    fc.constantFrom(...networks).map((network) => [network]),
  ),
  tests(fields.bytes, ['=', '!=', 'contains', 'startswith', 'endswith'], oneOf(texts)),
  tests(fields.bytes, ['bcontains', 'bstartswith'], oneOf(['61', '6162', '2f657463'])),
  tests(fields.ancestors, ['=', '!=', 'contains', 'startswith'], oneOf(texts)),
  tests(fields.ancestors, ['=', 'endswith'], listOf(texts), modifiers),
  tests(fields.ancestors, ['in'], listOf(texts)),
  tests(Object.values(fields).flat(), ['exists'], fc.constant(undefined)),
  betweenFields(),
  transformed(),
);

function betweenFields(): fc.Arbitrary<CheckedTest<SyntheticEvent>> {
  return fc
    .tuple(
      fc.constantFrom(...allTexts),
      fc.constantFrom('=', '!=', '<', 'contains', 'in'),
      fc.constantFrom(...allTexts),
    )
    .map(([left, operator, right]) => ({
      kind: 'test',
      left: { kind: 'field', field: left },
      operator,
      modifier: undefined,
      right: { kind: 'operand', operand: { kind: 'field', field: right } },
      text: `${left.text} ${operator} val(${right.text})`,
    }));
}

function transformed(): fc.Arbitrary<CheckedTest<SyntheticEvent>> {
  return fc
    .tuple(fc.constantFrom(...allTexts), fc.constantFrom('tolower', 'basename'), fc.constantFrom(...texts))
    .map(([field, name, text]) => ({
      kind: 'test',
      left: {
        kind: 'call',
        name,
        args: [{ kind: 'field', field }],
        argument: undefined,
        type: field.type,
        isList: false,
        text: `${name}(${field.text})`,
      },
      operator: '=',
      modifier: undefined,
      right: { kind: 'constants', values: [scalarConstant(text)] },
      text: `${name}(${field.text}) = ${JSON.stringify(text)}`,
    }));
}

export const anyCondition: fc.Arbitrary<Condition> = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    anyTest,
    anyTest,
    tie('condition').map((term) => ({ kind: 'not' as const, term })),
    fc
      .tuple(fc.constantFrom('and', 'or'), fc.array(tie('condition'), { minLength: 1, maxLength: 4 }))
      .map(([operator, terms]) => ({ kind: 'junction' as const, operator, terms })),
  ),
})).condition;

function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined, freq: 6 });
}

export const anyThreadValues: fc.Arbitrary<Record<string, Value | undefined>> = fc.record({
  't.name': maybe(fc.constantFrom(...texts)),
  't.path': maybe(fc.constantFrom(...texts)),
  't.pid': maybe(fc.constantFrom(...numbers)),
  't.aname': maybe(fc.array(fc.constantFrom(...texts), { maxLength: 3 })),
});

export const anyEventValues: fc.Arbitrary<Record<string, Value | undefined>> = fc.record({
  'e.path': maybe(fc.constantFrom(...texts)),
  'e.flags': maybe(fc.constantFrom(...texts)),
  'e.fd': maybe(fc.constantFrom(...numbers)),
  'e.is_open': maybe(fc.boolean()),
  'e.ip': maybe(fc.constantFrom(...addresses)),
  'e.net': maybe(fc.array(fc.constantFrom(...addresses), { maxLength: 2 })),
  'e.buffer': maybe(fc.constantFrom(...texts).map((text) => new Uint8Array(Buffer.from(text, 'latin1')))),
  'e.list': maybe(fc.array(fc.constantFrom(...texts), { maxLength: 3 })),
  'e.port': maybe(fc.array(fc.constantFrom(...numbers), { maxLength: 2 })),
});
