/**
 * Numbers of calls by architecture. Another architecture is another table here, and a header of its own in `bpf/`
 * (`arch.h` says what that has).
 */

import { type Syscall, syscallByName } from '@peregrine/events';
import { arm64Numbers } from './arm64-numbers.ts';

/** Numbers from here on are the same in the tables of all architectures, those of 32-bit calls included. */
export const FIRST_COMMON_NUMBER = 424;

const tables: Readonly<Record<string, (syscall: Syscall) => number | undefined>> = {
  x64: ({ x86Number }) => x86Number,
  arm64: ({ name, x86Number = 0 }) =>
    arm64Numbers[name] ?? (x86Number >= FIRST_COMMON_NUMBER ? x86Number : undefined),
};

/** `undefined` where the architecture, which Node names, does not have the call. */
export function numberOn(architecture: string, name: string): number | undefined {
  const syscall = syscallByName(name);
  return syscall === undefined ? undefined : tables[architecture]?.(syscall);
}

/** A call's number on this machine. */
export function machineNumber(name: string): number | undefined {
  return numberOn(process.arch, name);
}
