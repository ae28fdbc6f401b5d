/** What a live source tells of the machine itself: its facts, network interfaces, users and groups. */

import type { MachineRecord, StateSink } from '@peregrine/state';
import { parseGroups, parseUsers } from './accounts.ts';
import { readInterfaces, readMachine } from './machine.ts';
import type { ProcFiles } from './proc-files.ts';

export interface ProcOptions {
  /** `/proc` unless stated; in a container, where the host's is mounted. */
  readonly procRoot?: string;
  /** Root of the host's file system, for its account files; `/` unless stated. */
  readonly hostRoot?: string;
  /** Which processes to look at; all unless stated. Those above them are looked at, too, but not what they have open. */
  readonly scope?: ((pid: number) => boolean) | undefined;
  /** Wall clock, for the boot time. */
  readonly nowNs?: () => bigint;
}

/** Threads that are handed on at most: the size of the tables. */
export const MOST_THREADS = 262_144;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

/** Resets the sink first. Returns what it told of the machine. */
export function scanHost(files: ProcFiles, sink: StateSink, options: ProcOptions): MachineRecord {
  const { hostRoot = '' } = options;
  const machine = readMachineOf(files, options);
  sink.reset();
  sink.machine(machine);
  for (const record of readInterfaces()) sink.interface(record);
  for (const user of parseUsers(files.text(`${hostRoot}/etc/passwd`) ?? '', '')) sink.user(user);
  for (const group of parseGroups(files.text(`${hostRoot}/etc/group`) ?? '', '')) sink.group(group);
  return machine;
}

export function readMachineOf(files: ProcFiles, { procRoot = '/proc', nowNs }: ProcOptions): MachineRecord {
  return readMachine(files, procRoot, nowNs?.() ?? BigInt(Date.now()) * NANOSECONDS_PER_MILLISECOND);
}
