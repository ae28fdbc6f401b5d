/** The filter of system calls, compiled to the instructions that the kernel runs for each call of the process. */

import { numberOn } from '@peregrine/sources/syscall-numbers';
import { absentCalls, limitedCalls, programCalls, refusedCalls } from './refused-calls.ts';

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

/** What the kernel calls the tables of calls that are let through, by the name that Node has for the architecture. */
export const auditArchitectures: Readonly<Record<string, number>> = { x64: 0xc000_003e, arm64: 0xc000_00b7 };
/** On x86_64, calls of the table for 32-bit pointers have this bit. */
export const X32_BIT = 0x4000_0000;

export interface FilterOptions {
  /** As Node names it. */
  readonly architecture: string;
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

/** Calls of any other table are answered as if there were none. `undefined` for an architecture that is not known. */
export function compileCallFilter({
  architecture,
  canExecute,
}: FilterOptions): readonly FilterInstruction[] | undefined {
  const audit = auditArchitectures[architecture];
  if (audit === undefined) return undefined;
  /** Nothing, for a call that the architecture does not have. */
  const forCall = (call: string, body: readonly FilterInstruction[]): readonly FilterInstruction[] => {
    const number = numberOn(architecture, call);
    return number === undefined ? [] : [only(opcode.isEqual, number, body.length), ...body];
  };
  const refused = [...refusedCalls, ...(canExecute ? [] : [programCalls])].flatMap(({ calls }) => calls);
  return [
    load(dataOffset.architecture),
    { ...only(opcode.isEqual, audit, 0), whenTrue: 1 },
    answer(verdict.absent),
    load(dataOffset.number),
    ...[only(opcode.isAtLeast, X32_BIT, 1), answer(verdict.absent)],
    ...refused.flatMap((call) => forCall(call, [answer(verdict.refuse)])),
    ...absentCalls.flatMap((call) => forCall(call, [answer(verdict.absent)])),
    ...limitedCalls.flatMap(({ call, limit }) => {
      const test =
        limit.kind === 'only'
          ? [
              ...limit.values.flatMap((value) => [only(opcode.isEqual, value, 1), answer(verdict.allow)]),
              answer(verdict.refuse),
            ]
          : [only(opcode.hasBits, limit.mask, 1), answer(verdict.refuse), answer(verdict.allow)];
      return forCall(call, [load(dataOffset.firstArgument), ...test]);
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
export function refusedCount({ architecture, canExecute }: FilterOptions): number {
  const whole = [...refusedCalls, ...(canExecute ? [] : [programCalls])].flatMap(({ calls }) => calls);
  const all = [...whole, ...absentCalls, ...limitedCalls.map(({ call }) => call)];
  return all.filter((call) => numberOn(architecture, call) !== undefined).length;
}
