/**
 * Fills the tables from /proc: what runs already when a live source starts, and what turns up unknown later.
 * Processes that end meanwhile, or that may not be looked at, are left out.
 */

import { fdKind, type ProcessRecord, type StateSink } from '@peregrine/state';
import { SocketRoles } from '../socket-roles.ts';
import { Ancestors } from './ancestors.ts';
import { FdScan } from './fd-scan.ts';
import { numbersIn, ProcFiles } from './proc-files.ts';
import { ProcessScan } from './process-scan.ts';
import { MOST_THREADS, type ProcOptions, readMachineOf, scanHost } from './scan-host.ts';
import { SocketTables } from './socket-tables.ts';

/** Resets the sink, tells it all of the machine, settles it. Returns the number of threads. */
export function scanProc(sink: StateSink, options: ProcOptions = {}): number {
  const { procRoot = '/proc', scope } = options;
  const files = new ProcFiles();
  const machine = scanHost(files, sink, options);
  const processes = new ProcessScan(files, procRoot, machine.bootTimeNs);
  const fds = new FdScan(files, new SocketTables(files));
  const roles = new SocketRoles(sink);
  const ancestors = new Ancestors();
  let threadCount = 0;
  const take = (record: ProcessRecord): void => {
    threadCount++;
    sink.process(record);
  };
  for (const pid of numbersIn(procRoot)) {
    if (threadCount >= MOST_THREADS) break;
    if (scope !== undefined && !scope(pid)) continue;
    const isThere = processes.scan(pid, (record) => {
      if (scope !== undefined) ancestors.note(record);
      take(record);
    });
    if (isThere) fds.scan(`${procRoot}/${pid}`, pid, (record) => roles.fd(record));
  }
  ancestors.complete(processes, take);
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
  const machine = readMachineOf(files, options);
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
