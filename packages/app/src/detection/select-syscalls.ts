/** Which system calls are watched: those that rules and tables need, as `base_syscalls` changes them. */

import { type Syscall, syscallRoster } from '@peregrine/events';
import type { Config } from '../config/config.ts';

export interface SyscallNeeds {
  /** Ids of the calls that rules speak of, one set for each rule. */
  readonly ofRules: readonly ReadonlySet<number>[];
  /** 1 for each event code that the tables follow. */
  readonly stateCodes: Uint8Array;
  /** Names of the calls that the source has events for. */
  readonly covered: readonly string[];
}

export interface SyscallSelection {
  /** In the order of `covered`. */
  readonly watched: readonly string[];
  /** What users should know: wrong names, and rules that will not see all they speak of. */
  readonly notes: readonly string[];
}

/** A rule of more calls than this speaks of all of them, not of each. */
const MOST_NAMED_CALLS = 100;
const socketCalls: readonly string[] = ['socket', 'bind', 'getsockopt', 'close'];

/** Calls that are watched only if `base_syscalls.all` is set. */
export const ignoredSyscalls: readonly string[] = syscallRoster
  .filter(({ sets }) => sets.includes('ignored'))
  .map(({ name }) => name);

/** Watched only where a rule or a setting names them: they are no calls, and come more often than any. */
const namedMoments: readonly string[] = ['sched_switch', 'page_fault_user', 'page_fault_kernel'];

export function selectSyscalls(needs: SyscallNeeds, config: Config['base_syscalls']): SyscallSelection {
  const { repair, all } = config;
  const covered = new Set(needs.covered);
  const named = namedCalls(needs);
  const wanted = new Set<number>(needs.ofRules.flatMap((ids) => [...ids]));
  const byRules = syscallRoster.filter(
    ({ id, name }) => wanted.has(id) && (named.includes(name) || !namedMoments.includes(name)),
  );
  const known = new Set(syscallRoster.map(({ name }) => name));
  const isTaken = (name: string): boolean => !name.startsWith('!');
  const custom = config.custom_set.filter((name) => isTaken(name) && known.has(name));
  const leftOut = config.custom_set.filter((name) => !isTaken(name)).map((name) => name.slice(1));
  const unknown = config.custom_set.filter((name) => !known.has(isTaken(name) ? name : name.slice(1)));

  const selected = new Set([...byRules.map(({ name }) => name), ...custom]);
  if (repair) for (const name of repairSet(byRules)) selected.add(name);
  else if (custom.length === 0) for (const name of followedCalls(needs.stateCodes)) selected.add(name);
  if (!all) for (const name of ignoredSyscalls) selected.delete(name);
  for (const name of leftOut) selected.delete(name);

  const off = named.filter((name) => !selected.has(name));
  const missing = named.filter((name) => selected.has(name) && !covered.has(name));
  const notes = [
    ...(unknown.length === 0 ? [] : [`\`base_syscalls.custom_set\`: there is no ${unknown.join(', ')}`]),
    ...(off.length === 0 ? [] : [`rules speak of system calls that are not activated: ${off.join(', ')}`]),
    ...(missing.length === 0
      ? []
      : [`rules speak of system calls that the probe has no events for: ${missing.join(', ')}`]),
  ];
  return { watched: needs.covered.filter((name) => selected.has(name)), notes };
}

function followedCalls(codes: Uint8Array): readonly string[] {
  return syscallRoster
    .filter(({ isGeneric, eventCodes }) => !isGeneric && eventCodes.some((code) => codes[code] === 1))
    .map(({ name }) => name)
    .filter((name) => !namedMoments.includes(name));
}

/** What it takes to know processes, and the files and sockets that rules look at. */
function repairSet(byRules: readonly Syscall[]): readonly string[] {
  const uses = (set: 'net' | 'file'): boolean => byRules.some(({ sets }) => sets.includes(set));
  return [
    ...syscallRoster.filter(({ sets }) => sets.includes('repair')).map(({ name }) => name),
    ...(uses('net') ? socketCalls : []),
    ...(uses('file') ? ['close'] : []),
  ];
}

/** Calls of this architecture, and moments, that rules name; sorted. */
function namedCalls({ ofRules, covered }: SyscallNeeds): readonly string[] {
  const ids = new Set(ofRules.filter(({ size }) => size <= MOST_NAMED_CALLS).flatMap((some) => [...some]));
  return syscallRoster
    .filter(({ id, name, x86Number }) => ids.has(id) && (x86Number !== undefined || covered.includes(name)))
    .map(({ name }) => name)
    .sort();
}
