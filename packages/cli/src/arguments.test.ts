import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type OptionDeclaration, parseArguments, renderOptions } from './arguments.ts';

const options: readonly OptionDeclaration[] = [
  { name: 'rules', short: 'r', value: 'FILE', doc: 'Rules.' },
  { name: 'json', doc: 'JSON.' },
  { name: 'verbose', short: 'v', doc: 'More.' },
  { name: 'list', value: 'SOURCE', isValueOptional: true, doc: 'List.' },
];

function parse(...given: string[]): unknown {
  const parsed = parseArguments(given, options);
  if (parsed.kind === 'usage-error') return parsed.error;
  const { arguments: found } = parsed;
  return [
    ...options
      .filter(({ name }) => found.has(name))
      .map(({ name }) => [name, ...found.valuesOf(name)].join(' ')),
    ...found.operands.map((operand) => `:${operand}`),
  ].join(', ');
}

describe('what is given', () => {
  test.each([
    [[], ''],
    [['a', '-r', 'x', 'b'], 'rules x, :a, :b'],
    [['-rx', '-r=y', '--rules', 'z', '--rules=w'], 'rules x y z w'],
    [['-vrx', '--json'], 'rules x, json, verbose'],
    [['--list', 'syscall'], 'list, :syscall'],
    [['--list=syscall'], 'list syscall'],
    [['-v', '--', '-r', '--json'], 'verbose, :-r, :--json'],
    [['-'], ':-'],
    [['-r', '-v'], 'rules -v'],
  ])('%j', (given, expected) => {
    expect(parse(...given)).toBe(expected);
  });
});

test.each([
  [['--jsn'], 'unknown option `--jsn`', 'did you mean `--json`?'],
  [['--modern-bpf'], 'unknown option `--modern-bpf`', undefined],
  [['-A'], 'unknown option `-A`', undefined],
  [['--json=1'], 'option `--json` takes no value', undefined],
  [['--rules'], 'option `--rules` needs a value: FILE', undefined],
  [['-r'], 'option `-r` needs a value: FILE', undefined],
])('%j is refused', (given, message, hint) => {
  expect(parse(...given)).toEqual({ message, hint });
});

test('no arguments throw', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 8 })), (given) => typeof parse(...given) !== 'undefined'),
  );
});

test('options for people', () => {
  expect(renderOptions(options)).toBe(
    [
      '  -r, --rules FILE     Rules.',
      '      --json           JSON.',
      '  -v, --verbose        More.',
      '      --list[=SOURCE]  List.',
      '',
    ].join('\n'),
  );
});
