import { numberOn } from '@peregrine/sources';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  auditArchitectures,
  compileCallFilter,
  dataOffset,
  encodeCallFilter,
  type FilterInstruction,
  opcode,
  refusedCount,
  verdict,
  X32_BIT,
} from './call-filter.ts';
import { absentCalls, limitedCalls, programCalls, refusedCalls } from './refused-calls.ts';

/** What the kernel does with the instructions, after its documentation. */
function decide(
  filter: readonly FilterInstruction[],
  number: number,
  argument: number,
  audit: number,
): number {
  const data = new Map<number, number>([
    [dataOffset.number, number],
    [dataOffset.architecture, audit],
    [dataOffset.firstArgument, argument],
  ]);
  let register = 0;
  for (let at = 0; at < filter.length; at++) {
    const instruction = filter[at];
    if (instruction === undefined) break;
    const { code, whenTrue, whenFalse, value } = instruction;
    if (code === opcode.load) register = data.get(value) ?? Number.NaN;
    else if (code === opcode.answer) return value;
    else {
      const holds =
        code === opcode.isEqual
          ? register === value
          : code === opcode.isAtLeast
            ? register >= value
            : (register & value) !== 0;
      at += holds ? whenTrue : whenFalse;
    }
  }
  throw new Error('the filter has no answer');
}

const names = [
  ...refusedCalls.flatMap(({ calls }) => calls),
  ...programCalls.calls,
  ...absentCalls,
  ...limitedCalls.map(({ call }) => call),
];

test('each call is named once, and is one', () => {
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(numberOn('x64', name)).toBeTypeOf('number');
  expect(refusedCount({ architecture: 'x64', canExecute: false })).toBe(names.length);
  const withPrograms = names.length - programCalls.calls.length;
  expect(refusedCount({ architecture: 'x64', canExecute: true })).toBe(withPrograms);
  expect(refusedCount({ architecture: 'arm64', canExecute: false })).toBeLessThan(names.length);
});

test('there is none for an architecture that is not known', () => {
  expect(compileCallFilter({ architecture: 'mips', canExecute: true })).toBeUndefined();
});

describe.each(Object.entries(auditArchitectures))('%s', (architecture, audit) => {
  const quiet = compileCallFilter({ architecture, canExecute: false }) ?? [];
  const withPrograms = compileCallFilter({ architecture, canExecute: true }) ?? [];
  const numbersOf = (calls: readonly string[]): ReadonlySet<number | undefined> =>
    new Set(calls.map((call) => numberOn(architecture, call)));
  const refused = numbersOf(refusedCalls.flatMap(({ calls }) => calls));
  const special = numbersOf([...absentCalls, ...limitedCalls.map(({ call }) => call), ...programCalls.calls]);
  const numberOf = (call: string): number => numberOn(architecture, call) ?? Number.NaN;

  test('refuses what is declared, and nothing else', () => {
    fc.assert(
      fc.property(fc.nat(600), fc.nat(), fc.boolean(), (number, argument, canExecute) => {
        fc.pre(!special.has(number));
        const filter = canExecute ? withPrograms : quiet;
        const expected = refused.has(number) ? verdict.refuse : verdict.allow;
        expect(decide(filter, number, argument, audit)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  test('calls of other tables are answered as if there were none', () => {
    const number = numberOf('openat');
    expect(decide(quiet, number, 0, 0x4000_0003)).toBe(verdict.absent);
    expect(decide(quiet, number | X32_BIT, 0, audit)).toBe(verdict.absent);
  });

  test.each<[string, number, keyof typeof verdict]>([
    ['bpf', 0, 'allow'],
    ['bpf', 1, 'allow'],
    ['bpf', 5, 'allow'],
    ['bpf', 6, 'refuse'],
    ['bpf', 13, 'refuse'],
    ['bpf', 28, 'allow'],
    ['bpf', 32, 'refuse'],
    ['bpf', 99, 'refuse'],
    ['clone', 0x0100_0011, 'allow'],
    ['clone', 0x003d_0f00, 'allow'],
    ['clone', 0x1000_0011, 'refuse'],
    ['clone', 0x0002_0000, 'refuse'],
    ['clone', 0x4000_0000, 'refuse'],
    ['clone3', 0, 'absent'],
    ['execve', 0, 'refuse'],
    ['execveat', 0, 'refuse'],
  ])('%s with %i: %s', (call, argument, expected) => {
    expect(decide(quiet, numberOf(call), argument, audit)).toBe(verdict[expected]);
  });

  test('programs may be run where alerts go to one', () => {
    for (const call of programCalls.calls)
      expect(decide(withPrograms, numberOf(call), 0, audit)).toBe(verdict.allow);
  });
});

test('is encoded as the kernel reads it', () => {
  expect([...encodeCallFilter([{ code: 0x15, whenTrue: 1, whenFalse: 2, value: 0xc000_003e }])]).toEqual([
    ...[0x15, 0, 1, 2],
    ...[0x3e, 0, 0, 0xc0],
  ]);
});
