/** Threads and processes as the tables hold them. */

import { TermCache } from '@peregrine/base';
import type { Fd } from './fd.ts';

/** Bits of `Thread.flags`. */
export const threadFlag = {
  /** Made up for an id that nobody knows: its text values are `<NA>`. */
  fake: 1 << 0,
  /** Its exit was seen; it goes with the next event. */
  dead: 1 << 1,
  /** Its entry was made on the child's side of a clone. */
  inverted: 1 << 2,
  pipeSource: 1 << 3,
  pipeDestination: 1 << 4,
  nameChanged: 1 << 5,
  mainThread: 1 << 6,
  inPidNamespace: 1 << 7,
  childSubreaper: 1 << 8,
  exeWritable: 1 << 9,
  exeUpperLayer: 1 << 10,
  exeLowerLayer: 1 << 11,
  exeFromMemfd: 1 << 12,
} as const;

export const NO_ID = -1;
export const INVALID_UID = 0xffff_ffff;

/** What all threads of one process share; owned by the main thread, outlives it while threads are left. */
export class Process {
  readonly pid: number;
  /** Live threads, the main one included. */
  threadCount = 0;
  /** With trailing `/`; `''` when not known yet. */
  cwd = '';
  /** Environment entries, NUL after each, byte text. */
  env = '';
  readonly fds: Map<number, Fd> = new Map();
  mainThread: Thread | undefined = undefined;
  isReaper = false;

  constructor(pid: number) {
    this.pid = pid;
  }
}

export class Thread {
  readonly tid: number;
  process: Process;
  /** Process id of the parent; 0 when unknown, -1 for made-up threads. */
  ptid = 0;
  vtid = NO_ID;
  vpid = NO_ID;
  sid = NO_ID;
  pgid = NO_ID;
  vpgid = NO_ID;
  flags = 0;

  /** All text is byte text. */
  comm = '';
  exe = '';
  exepath = '';
  /** Arguments after argv[0], a NUL after each. */
  args = '';
  root = '/';
  /** `subsys=path` entries, a NUL after each. */
  cgroups = '';

  uid = INVALID_UID;
  gid = INVALID_UID;
  /** Audit login uid; `INVALID_UID` when none. */
  loginuid = INVALID_UID;
  tty = 0;

  /** Capability sets as low and high 32-bit words, unsigned. */
  capInheritableLow = 0;
  capInheritableHigh = 0;
  capPermittedLow = 0;
  capPermittedHigh = 0;
  capEffectiveLow = 0;
  capEffectiveHigh = 0;

  fdlimit = -1;
  vmsizeKb = 0;
  vmrssKb = 0;
  vmswapKb = 0;
  pfmajor: number | bigint = 0;
  pfminor: number | bigint = 0;

  exeIno: number | bigint = 0;
  /** Nanoseconds since the epoch; 0 when unknown. Bigint once beyond 2^53, which any present time is. */
  exeInoCtimeNs: number | bigint = 0;
  exeInoMtimeNs: number | bigint = 0;
  exeInoCtimeDurationCloneNs: number | bigint = 0;
  exeInoCtimeDurationPidnsNs: number | bigint = 0;
  pidnsInitStartNs: number | bigint = 0;
  /** Time of its clone, nanoseconds since the epoch, in two words; both 0 when unknown. */
  cloneTsLow = 0;
  cloneTsHigh = 0;
  lastExecTsLow = 0;
  lastExecTsHigh = 0;
  /** Event time of its latest event, seconds: for purging. */
  lastAccessSeconds = 0;

  /** Container id as rules see it: 12 characters, or `host`. `''` when not matched yet. */
  containerId = '';
  /** Threads whose `ptid` is this process; held at the main thread. */
  readonly children: Set<Thread> = new Set();
  parent: Thread | undefined = undefined;

  /** Verdicts of rule terms on this thread and its ancestors. Reset on every change they may read. */
  readonly terms: TermCache = new TermCache();

  constructor(tid: number, process: Process) {
    this.tid = tid;
    this.process = process;
  }

  get pid(): number {
    return this.process.pid;
  }

  /** The process's main thread, or this one when it is not known. */
  get main(): Thread {
    return this.process.mainThread ?? this;
  }
}
