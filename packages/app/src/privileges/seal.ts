/** The last step down, when events are watched: what only the start took is given up, and calls are refused. */

import type { Log } from '../log.ts';
import { compileCallFilter, encodeCallFilter, refusedCount } from './call-filter.ts';
import type { Role } from './capabilities.ts';
import { namesIn, noCapabilities } from './capability-set.ts';
import type { Confinement } from './confinement.ts';
import { openPrivilegeCalls, type PrivilegeCalls } from './linux.ts';
import { readOwnStatus } from './process-status.ts';

/** The calling thread keeps what it needs in these roles. Gives what went wrong, if something did. */
export function limitThread(
  { isOn, kept, forPrograms }: Confinement,
  roles: readonly Role[],
  calls: PrivilegeCalls = openPrivilegeCalls(),
): string | undefined {
  if (!isOn) return undefined;
  const set = roles.reduce((all, role) => all | kept[role], noCapabilities);
  const inheritable = roles.includes('main') ? forPrograms : noCapabilities;
  const refusal = calls.setCapabilities({ effective: set, permitted: set, inheritable });
  return refusal === undefined ? undefined : `capabilities of the start are kept: ${refusal}`;
}

/** For the main thread, when all others are at work: limits it, has the kernel refuse calls of all threads, and tells. */
export function seal(confinement: Confinement, roles: readonly Role[], log: Log): void {
  for (const { level, text } of confinement.notes) log(level, text);
  if (!confinement.isOn) return;
  const calls = openPrivilegeCalls();
  const trouble = limitThread(confinement, roles, calls);
  if (trouble !== undefined) log('warning', trouble);
  const { kept, canExecute } = confinement;
  const filter = refuseCalls(calls, canExecute);
  if (filter !== undefined) log('warning', `no system calls are refused: ${filter}`);
  const names = namesIn(kept.main | kept.sensor);
  const { uid } = readOwnStatus();
  const refused =
    filter === undefined
      ? `; ${refusedCount({ architecture: process.arch, canExecute })} system calls are refused`
      : '';
  log(
    'info',
    `runs as user ${uid} with ${names.length === 0 ? 'no capabilities' : names.join(', ')}, and can gain nothing${refused}`,
  );
}

function refuseCalls(calls: PrivilegeCalls, canExecute: boolean): string | undefined {
  const filter = compileCallFilter({ architecture: process.arch, canExecute });
  if (filter === undefined) return `the numbers of ${process.arch} are not known`;
  return calls.filterCalls(encodeCallFilter(filter));
}
