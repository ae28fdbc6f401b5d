/**
 * Processes that no event told of, from a mounted /proc. In a container with a pid namespace of its own, `/proc` has
 * ids that events do not have: the host's is looked for then, and without it nothing is read, as wrong processes are
 * worse than none.
 */

import { existsSync } from 'node:fs';
import { createProcLookup, type EbpfSource, findProcRoot, scanOpenFiles, scanProc } from '@peregrine/sources';
import type { StateSink } from '@peregrine/state';
import type { Log } from '../log.ts';

export interface ProcTables {
  /** What runs already. */
  scan(sink: StateSink): void;
  /** Files that are open in processes that the sink knows. */
  scanOpenFiles(sink: StateSink): void;
  /** One thread's process; false when it is gone. */
  lookUp(tid: number, sink: StateSink): boolean;
  /** Whether the thread may still be there. */
  isAlive(tid: number): boolean;
}

export interface ProcTablesOptions {
  readonly source: Pick<EbpfSource, 'ownPid' | 'scan'>;
  /** Where the host's files are seen; `''` for where they are. */
  readonly hostRoot: string;
  readonly log: Log;
}

export const NO_PROC =
  'no /proc with the ids of the machine is mounted, and processes that started earlier are not known: share the host’s pid namespace (`--pid=host`, `hostPID: true`), or mount the host’s /proc and set HOST_ROOT';

const ONLY_PROC = 'what runs already was read from /proc, since the kernel’s iterators cannot be used';

export function openProcTables({ source, hostRoot, log }: ProcTablesOptions): ProcTables {
  const procRoot = findProcRoot(hostRoot, source.ownPid);
  if (procRoot === undefined) {
    log('warning', NO_PROC);
    return {
      scan: (sink) => {
        scanProc(sink, { hostRoot, scope: () => false });
      },
      scanOpenFiles: () => {},
      lookUp: () => false,
      isAlive: () => true,
    };
  }
  const lookup = createProcLookup({ procRoot });
  return {
    scan: (sink) => {
      const { procReason } = source.scan(sink, { procRoot, hostRoot });
      if (procReason !== undefined) log('info', `${ONLY_PROC}: ${procReason}`);
    },
    scanOpenFiles: (sink) => scanOpenFiles(sink, { procRoot }),
    lookUp: (tid, sink) => lookup.scanOne(tid, sink),
    isAlive: (tid) => existsSync(`${procRoot}/${tid}`),
  };
}
