/** The filter of system calls, compiled to the instructions that the kernel runs for each call of the process. */

import { absentCalls, limitedCalls, programCalls, refusedCalls, x86NumberOf } from './refused-calls.ts';

/** `struct sock_filter`. */
export interface FilterInstruction {
  readonly code: number;
  /** Instructions to skip when a test holds, and when it does not. */
  readonly whenTrue: number;
  readonly whenFalse: number;
  readonly value: number;
}

export const opcode = { load: 0x20, isEqual: 0x15, isAtLeast: 0x35, hasBits: 0x45, answer: 0x06 } as const;
/** Where `struct seccomp_data` has them. */
export const dataOffset = { number: 0, architecture: 4, firstArgument: 16 } as const;

const ERRNO = 0x0005_0000;
const EPERM = 1;
const ENOSYS = 38;
export const verdict = { allow: 0x7fff_0000, refuse: ERRNO | EPERM, absent: ERRNO | ENOSYS } as const;

export const X86_64 = 0xc000_003e;
/** Calls of the table for 32-bit pointers have this bit. */
export const X32_BIT = 0x4000_0000;

export interface FilterOptions {
  /** Whether programs may be run. */
  readonly canExecute: boolean;
}

const load = (offset: number): FilterInstruction => ({
  code: opcode.load,
  whenTrue: 0,
  whenFalse: 0,
  value: offset,
});
const answer = (value: number): FilterInstruction => ({
  code: opcode.answer,
  whenTrue: 0,
  whenFalse: 0,
  value,
});
/** Runs the next `length` instructions only when the test holds. */
const only = (code: number, value: number, length: number): FilterInstruction => ({
  code,
  whenTrue: 0,
  whenFalse: length,
  value,
});

/** For x86_64. Calls of any other table are answered as if there were none. */
export function compileCallFilter({ canExecute }: FilterOptions): readonly FilterInstruction[] {
  const refused = [...refusedCalls, ...(canExecute ? [] : [programCalls])].flatMap(({ calls }) => calls);
  return [
    load(dataOffset.architecture),
    { ...only(opcode.isEqual, X86_64, 0), whenTrue: 1 },
    answer(verdict.absent),
    load(dataOffset.number),
    ...[only(opcode.isAtLeast, X32_BIT, 1), answer(verdict.absent)],
    ...refused.flatMap((call) => [only(opcode.isEqual, x86NumberOf(call), 1), answer(verdict.refuse)]),
    ...absentCalls.flatMap((call) => [only(opcode.isEqual, x86NumberOf(call), 1), answer(verdict.absent)]),
    ...limitedCalls.flatMap(({ call, limit }) => {
      const test =
        limit.kind === 'only'
          ? [
              ...limit.values.flatMap((value) => [only(opcode.isEqual, value, 1), answer(verdict.allow)]),
              answer(verdict.refuse),
            ]
          : [only(opcode.hasBits, limit.mask, 1), answer(verdict.refuse), answer(verdict.allow)];
      const body = [load(dataOffset.firstArgument), ...test];
      return [only(opcode.isEqual, x86NumberOf(call), body.length), ...body];
    }),
    answer(verdict.allow),
  ];
}

export const INSTRUCTION_BYTES = 8;

/** As the kernel reads it. */
export function encodeCallFilter(instructions: readonly FilterInstruction[]): Uint8Array {
  const bytes = new Uint8Array(instructions.length * INSTRUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [index, { code, whenTrue, whenFalse, value }] of instructions.entries()) {
    const at = index * INSTRUCTION_BYTES;
    view.setUint16(at, code, true);
    view.setUint8(at + 2, whenTrue);
    view.setUint8(at + 3, whenFalse);
    view.setUint32(at + 4, value, true);
  }
  return bytes;
}

/** How many calls it refuses, in whole or in part. */
export function refusedCount({ canExecute }: FilterOptions): number {
  const whole = [...refusedCalls, ...(canExecute ? [] : [programCalls])].flatMap(({ calls }) => calls);
  return whole.length + absentCalls.length + limitedCalls.length;
}
