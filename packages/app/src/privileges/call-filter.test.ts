import { syscallRoster } from '@peregrine/events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compileCallFilter,
  dataOffset,
  encodeCallFilter,
  type FilterInstruction,
  opcode,
  refusedCount,
  verdict,
  X32_BIT,
  X86_64,
} from './call-filter.ts';
import { absentCalls, limitedCalls, programCalls, refusedCalls, x86NumberOf } from './refused-calls.ts';

/** What the kernel does with the instructions, after its documentation. */
function decide(
  filter: readonly FilterInstruction[],
  number: number,
  argument: number,
  architecture = X86_64,
): number {
  const data = new Map<number, number>([
    [dataOffset.number, number],
    [dataOffset.architecture, architecture],
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

const quiet = compileCallFilter({ canExecute: false });
const withPrograms = compileCallFilter({ canExecute: true });
const numberOf = new Map(syscallRoster.map(({ name, x86Number }) => [name, x86Number]));
const refused = new Set(refusedCalls.flatMap(({ calls }) => calls).map(x86NumberOf));
const special = new Set(
  [...absentCalls, ...limitedCalls.map(({ call }) => call), ...programCalls.calls].map(x86NumberOf),
);

test('each call is named once, and is one', () => {
  const names = [
    ...refusedCalls.flatMap(({ calls }) => calls),
    ...programCalls.calls,
    ...absentCalls,
    ...limitedCalls.map(({ call }) => call),
  ];
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(numberOf.get(name)).toBeTypeOf('number');
  expect(() => x86NumberOf('no_such_call')).toThrow('no_such_call');
  expect(refusedCount({ canExecute: false })).toBe(names.length);
  expect(refusedCount({ canExecute: true })).toBe(names.length - programCalls.calls.length);
});

test('refuses what is declared, and nothing else', () => {
  fc.assert(
    fc.property(fc.nat(600), fc.nat(), fc.boolean(), (number, argument, canExecute) => {
      fc.pre(!special.has(number));
      const filter = canExecute ? withPrograms : quiet;
      expect(decide(filter, number, argument)).toBe(refused.has(number) ? verdict.refuse : verdict.allow);
    }),
    { numRuns: 2_000 },
  );
});

test('calls of other tables are answered as if there were none', () => {
  const number = x86NumberOf('openat');
  expect(decide(quiet, number, 0, 0x4000_0003)).toBe(verdict.absent);
  expect(decide(quiet, number | X32_BIT, 0)).toBe(verdict.absent);
});

describe('limited calls', () => {
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
    expect(decide(quiet, x86NumberOf(call), argument)).toBe(verdict[expected]);
  });

  test('programs may be run where alerts go to one', () => {
    for (const call of programCalls.calls)
      expect(decide(withPrograms, x86NumberOf(call), 0)).toBe(verdict.allow);
  });
});

test('is encoded as the kernel reads it', () => {
  expect([...encodeCallFilter([{ code: 0x15, whenTrue: 1, whenFalse: 2, value: 0xc000_003e }])]).toEqual([
    ...[0x15, 0, 1, 2],
    ...[0x3e, 0, 0, 0xc0],
  ]);
});
