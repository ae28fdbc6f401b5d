/**
 * Fills the tables from /proc: what runs already when a live source starts, and what turns up unknown later.
 * Processes that end meanwhile, or that may not be looked at, are left out.
 */

import { fdKind, type StateSink } from '@peregrine/state';
import { SocketRoles } from '../socket-roles.ts';
import { parseGroups, parseUsers } from './accounts.ts';
import { FdScan } from './fd-scan.ts';
import { readInterfaces, readMachine } from './machine.ts';
import { numbersIn, ProcFiles } from './proc-files.ts';
import { ProcessScan } from './process-scan.ts';
import { SocketTables } from './socket-tables.ts';

export interface ProcOptions {
  /** `/proc` unless stated; in a container, where the host's is mounted. */
  readonly procRoot?: string;
  /** Root of the host's file system, for its account files; `/` unless stated. */
  readonly hostRoot?: string;
  /** Which processes to look at; all unless stated. */
  readonly scope?: (pid: number) => boolean;
  /** Wall clock, for the boot time. */
  readonly nowNs?: () => bigint;
}

/** Threads that are handed on at most: the size of the tables. */
const MOST_THREADS = 262_144;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

/** Resets the sink, tells it all of the machine, settles it. Returns the number of threads. */
export function scanProc(sink: StateSink, options: ProcOptions = {}): number {
  const { procRoot = '/proc', hostRoot = '', scope } = options;
  const files = new ProcFiles();
  const machine = readMachine(files, procRoot, nowOf(options));
  sink.reset();
  sink.machine(machine);
  for (const record of readInterfaces()) sink.interface(record);
  for (const user of parseUsers(files.text(`${hostRoot}/etc/passwd`) ?? '', '')) sink.user(user);
  for (const group of parseGroups(files.text(`${hostRoot}/etc/group`) ?? '', '')) sink.group(group);

  const processes = new ProcessScan(files, procRoot, machine.bootTimeNs);
  const fds = new FdScan(files, new SocketTables(files));
  const roles = new SocketRoles(sink);
  let threadCount = 0;
  for (const pid of numbersIn(procRoot)) {
    if (threadCount >= MOST_THREADS) break;
    if (scope !== undefined && !scope(pid)) continue;
    const isThere = processes.scan(pid, (record) => {
      threadCount++;
      sink.process(record);
    });
    if (isThere) fds.scan(`${procRoot}/${pid}`, pid, (record) => roles.fd(record));
  }
  roles.settle();
  sink.settle();
  return threadCount;
}

/** Tells the sink of the plain files that are open in processes it has been told of; what else it knows stays. */
export function scanOpenFiles(sink: StateSink, options: ProcOptions = {}): void {
  const { procRoot = '/proc', scope } = options;
  const files = new ProcFiles();
  const fds = new FdScan(files, new SocketTables(files));
  for (const pid of numbersIn(procRoot)) {
    if (scope !== undefined && !scope(pid)) continue;
    fds.scan(`${procRoot}/${pid}`, pid, (record) => {
      if (record.kind === fdKind.file) sink.fd(record);
    });
  }
}

/** Looks single processes up while events flow. Socket tables age fast and are read anew as often as time allows. */
export interface ProcLookup {
  /**
   * Tells the sink of the process that the thread belongs to, its threads and its descriptors; false when it is gone.
   * Neither resets nor settles.
   */
  scanOne(tid: number, sink: StateSink): boolean;
}

export function createProcLookup(options: ProcOptions = {}): ProcLookup {
  const { procRoot = '/proc', scope } = options;
  const files = new ProcFiles();
  const machine = readMachine(files, procRoot, nowOf(options));
  const sockets = new SocketTables(files, () => performance.now());
  return {
    scanOne(tid, sink) {
      // What one scan remembers of namespaces and files is another's soon: their numbers are used again.
      const processes = new ProcessScan(files, procRoot, machine.bootTimeNs);
      const pid = processOf(files, procRoot, tid);
      if (pid === undefined || (scope !== undefined && !scope(pid))) return false;
      const roles = new SocketRoles(sink);
      if (!processes.scan(pid, (record) => sink.process(record))) return false;
      new FdScan(files, sockets).scan(`${procRoot}/${pid}`, pid, (record) => roles.fd(record));
      roles.settle();
      return true;
    },
  };
}

/** A thread's id works as a name in /proc, though it is not listed there. */
function processOf(files: ProcFiles, procRoot: string, tid: number): number | undefined {
  const match = /^Tgid:\s*(\d+)/m.exec(files.text(`${procRoot}/${tid}/status`) ?? '');
  return match === null ? undefined : Number(match[1]);
}

function nowOf(options: ProcOptions): bigint {
  return options.nowNs?.() ?? BigInt(Date.now()) * NANOSECONDS_PER_MILLISECOND;
}
