/** What the probe reports, and when: computed from the calls that it covers. */

import { syscallByName, syscallRoster } from '@peregrine/events';
import {
  compatNumbersOf,
  genericSyscalls,
  momentNames,
  rareSyscalls,
  ringSyscalls,
  usualSyscalls,
} from './syscall-coverage.ts';

/**
 * `always`: whatever rules say, since the tables need it. `common`: where a rule or a table needs it; one program looks
 * for all of these. `requested`: where a rule needs it; a program for these is in the kernel only then. `moment`: as that,
 * each with a program of its own. `named`: as `requested`, but of the call only its name is told.
 */
export type ReportMode = 'always' | 'common' | 'requested' | 'moment' | 'named';

export interface CoveredCall {
  /** Of the call or the moment. */
  readonly name: string;
  /** What `evt.type` says. */
  readonly eventName: string;
  readonly mode: ReportMode;
  /** Whether it is reported when a 32-bit program makes it. */
  readonly isCompat: boolean;
  /** Whether a request to an I/O ring that does the same gives the same event. */
  readonly isOnRings: boolean;
}

/** Calls that the hooks for processes report, too. */
const processCalls: ReadonlySet<string> = new Set(['execve', 'execveat', 'clone', 'clone3', 'fork', 'vfork']);
const PROCESS_EXIT = 'sched_process_exit';

const onRings: ReadonlySet<string> = new Set(ringSyscalls);

function covered(name: string, mode: ReportMode): CoveredCall {
  return {
    name,
    eventName: syscallByName(name)?.eventName ?? name,
    mode,
    isCompat: compatNumbersOf(name).length > 0,
    isOnRings: onRings.has(name),
  };
}

export const coverage: readonly CoveredCall[] = [
  { ...covered(PROCESS_EXIT, 'always'), isCompat: true },
  ...usualSyscalls.map((name) => covered(name, processCalls.has(name) ? 'always' : 'common')),
  ...rareSyscalls.map((name) => covered(name, 'requested')),
  ...momentNames.map((name) => ({ ...covered(name, 'moment'), isCompat: true })),
  ...genericSyscalls.map((name) => covered(name, 'named')),
];

/** Events that rules may name and that no live system gives, each with the reason. */
export const unreported: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['stat64', 'lstat64', 'fstat64'].map((name) => [
      name,
      `a call of 32-bit programs: reported as \`${name.replace('64', '')}\``,
    ]),
  ),
  mmap2: 'a call of 32-bit programs: reported as `mmap`',
  llseek: 'a call of 32-bit programs: reported as `lseek`',
  umount: 'a call of 32-bit programs: reported as `umount2`',
  send: 'a call of 32-bit programs: reported as `sendto`',
  recv: 'a call of 32-bit programs: reported as `recvfrom`',
  exit: 'never returns: `procexit` tells of the end',
  exit_group: 'never returns: `procexit` tells of the end',
  rt_sigreturn: 'returns to where a signal came in, and nothing says which call that was',
  asyncevent: 'made by plugins, not by the kernel',
  pluginevent: 'made by plugins, not by the kernel',
};

/** Names of calls that neither this machine nor its 32-bit programs have: of other architectures, or long gone. */
export const foreignCalls: readonly string[] = syscallRoster
  .filter(({ isGeneric }) => isGeneric)
  .map(({ name }) => name)
  .filter((name) => !(name in unreported) && !coverage.some((call) => call.name === name));
