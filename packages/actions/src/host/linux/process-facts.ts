/** What `/proc` says of a process: when it started, which program it runs, who started it. */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { LinuxCalls } from './calls.ts';

export interface ProcessFacts {
  readonly pid: number;
  readonly parentPid: number;
  /** As the kernel has it: clock ticks since the machine started. With the id, it is this process and no other. */
  readonly startTicks: number;
  /** Of its main thread; at most 15 bytes. */
  readonly name: string;
  /** It ended, and its parent has not asked for its status. */
  readonly isEnded: boolean;
  /** A thread of the kernel itself. */
  readonly isKernel: boolean;
}

/** Ticks in a second that the kernel shows to programs: the same on every machine of ours. */
export const TICKS_EACH_SECOND = 100;
const KERNEL_THREAD = 0x0020_0000;

/** `undefined` where there is no such process. */
export function readProcess(pid: number): ProcessFacts | undefined {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** The text of `/proc/PID/stat`. The name may have spaces and parentheses in it. */
export function parseProcessStat(stat: string): ProcessFacts | undefined {
  const open = stat.indexOf('(');
  const close = stat.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const rest = stat.slice(close + 2).split(' ');
  const number = (index: number): number => Number(rest[index] ?? Number.NaN);
  const [pid, parentPid, flags, startTicks] = [Number(stat.slice(0, open)), number(1), number(6), number(19)];
  if (![pid, parentPid, flags, startTicks].every(Number.isInteger)) return undefined;
  const state = rest[0];
  return {
    ...{ pid, parentPid, startTicks },
    name: stat.slice(open + 1, close),
    isEnded: state === 'Z' || state === 'X',
    isKernel: (flags & KERNEL_THREAD) !== 0,
  };
}

/** When it started, milliseconds since the epoch; up to 10 ms too early. */
export function startOf({ startTicks }: ProcessFacts, calls: LinuxCalls): number {
  return Date.now() - calls.sinceBootMs() + (startTicks * 1_000) / TICKS_EACH_SECOND;
}

/** As the process itself would name it; `undefined` where that cannot be read. */
export function programOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');
  } catch {
    return undefined;
  }
}

/** Ids of all processes that there are. */
export function listProcesses(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The pid namespace that this process sees is the machine's own, in which sensors count. */
export function seesAllProcesses(): boolean {
  try {
    return readlinkSync('/proc/self/ns/pid') === MACHINE_PIDS;
  } catch {
    return false;
  }
}

/** What the kernel calls the first of them, on every machine. */
const MACHINE_PIDS = 'pid:[4026531836]';
