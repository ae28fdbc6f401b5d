/** Threads and processes as the tables hold them. */

import { TermCache } from '@peregrine/base';
import { type Capabilities, NO_CAPABILITIES } from './capabilities.ts';
import { highWord, joinWords, lowWord, subtractWords } from './exact.ts';
import type { ExecSession } from './exec-session.ts';
import { type Executable, NO_EXECUTABLE } from './executable.ts';
import { FdArray } from './fd-array.ts';

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
  /** A source told of it as it is: no event made it. */
  listed: 1 << 13,
} as const;

export const NO_ID = -1;
export const INVALID_UID = 0xffff_ffff;
/** Text values of a made-up thread. */
export const UNKNOWN_TEXT = '<NA>';

/** INVARIANT: stays empty; see `Process.isFdsShared`. */
const NO_FDS: FdArray = new FdArray();
/** INVARIANT: stays empty; threads start with it, so that a thread without children costs no set. */
export const NO_CHILDREN: Set<Thread> = new Set();

/** What all threads of one process share; owned by the main thread, outlives it while threads are left. */
export class Process {
  readonly pid: number;
  /** Live threads, the main one included. */
  threadCount = 0;
  /** With trailing `/`; `''` when not known yet. */
  cwd = '';
  /** Environment entries, NUL after each, byte text. */
  env = '';
  /** INVARIANT: read only; written to through `fd-table.ts`, since forks share it. */
  fds: FdArray = NO_FDS;
  /** `fds` may be another process's as well. */
  isFdsShared = true;
  mainThread: Thread | undefined = undefined;
  /** Its other threads, oldest first, dead ones included until they are removed; `undefined` while there are none. */
  otherThreads: Set<Thread> | undefined = undefined;
  /** Takes in the orphans of its descendants: a namespace's init, or one that asked for it. */
  isReaper = false;
  /** For whoever keeps notes of processes: where those of this one are. 0: nowhere. */
  noteTicket = 0;

  constructor(pid: number) {
    this.pid = pid;
  }
}

export class Thread {
  readonly tid: number;
  process: Process;
  /** Id of the parent: of the thread that made it, or of its process; 0 when unknown, -1 for made-up threads. */
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

  capabilities: Capabilities = NO_CAPABILITIES;

  fdlimit = -1;
  vmsizeKb = 0;
  vmrssKb = 0;
  vmswapKb = 0;
  pfmajor: number | bigint = 0;
  pfminor: number | bigint = 0;

  executable: Executable = NO_EXECUTABLE;
  /** `cloneTs` of the thread that made the latest exec of this program; 0 when none was seen. */
  execCloneTsLow = 0;
  execCloneTsHigh = 0;
  /** The latest exec was its own, not one before it was cloned. */
  hasExecOfItsOwn = false;
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
  /**
   * Threads whose `ptid` is this thread's id, those of other processes and their threads alike; dead ones until they
   * are removed. INVARIANT: read only; written to through the thread table.
   */
  children: Set<Thread> = NO_CHILDREN;
  parent: Thread | undefined = undefined;
  /** Who takes its children when it goes, as the kernel said; 0 when the kernel did not. */
  reaperTid = 0;

  /** What was run in its container from outside and led to it; kept only where somebody wants to know. */
  execSession: ExecSession | undefined = undefined;

  /** Verdicts of rule terms on this thread and its ancestors. Reset on every change they may read. */
  readonly terms: TermCache = new TermCache();
  /** Arguments of its latest enter event that is kept for the exit. */
  entered: EnteredCall | undefined = undefined;

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

  /** Capability sets as low and high 32-bit words, unsigned. */
  get capInheritableLow(): number {
    return this.capabilities.inheritableLow;
  }

  get capInheritableHigh(): number {
    return this.capabilities.inheritableHigh;
  }

  get capPermittedLow(): number {
    return this.capabilities.permittedLow;
  }

  get capPermittedHigh(): number {
    return this.capabilities.permittedHigh;
  }

  get capEffectiveLow(): number {
    return this.capabilities.effectiveLow;
  }

  get capEffectiveHigh(): number {
    return this.capabilities.effectiveHigh;
  }

  get exeIno(): number | bigint {
    return this.executable.ino;
  }

  /** Nanoseconds since the epoch; 0 when unknown. Bigint once beyond 2^53, which any present time is. */
  get exeInoCtimeNs(): number | bigint {
    return joinWords(this.executable.ctimeLow, this.executable.ctimeHigh);
  }

  get exeInoMtimeNs(): number | bigint {
    return joinWords(this.executable.mtimeLow, this.executable.mtimeHigh);
  }

  /** From the change of the executable to the clone of the thread that ran it, modulo 2^64; 0 when unknown. */
  get exeInoCtimeDurationCloneNs(): number | bigint {
    if ((this.execCloneTsLow === 0 && this.execCloneTsHigh === 0) || this.exeInoCtimeNs === 0) return 0;
    return subtractWords(
      this.execCloneTsLow,
      this.execCloneTsHigh,
      this.executable.ctimeLow,
      this.executable.ctimeHigh,
    );
  }

  /** From the start of the PID namespace to a later change of the executable; 0 when there was none. */
  get exeInoCtimeDurationPidnsNs(): number | bigint {
    const start = this.pidnsInitStartNs;
    if (!this.hasExecOfItsOwn || start === 0 || this.exeInoCtimeNs <= start) return 0;
    return subtractWords(
      this.executable.ctimeLow,
      this.executable.ctimeHigh,
      lowWord(start),
      highWord(start),
    );
  }

  /** Seen from outside, it has another id than it has itself. */
  get isInPidNamespace(): boolean {
    return (this.flags & threadFlag.inPidNamespace) !== 0 || this.tid !== this.vtid;
  }
}

/** What a call said when it began, for calls whose arguments a racing thread may change before they end. */
export interface EnteredCall {
  /** Code of the enter event; 0 once its exit took it. */
  code: number;
  dirfd: number;
  path: string | undefined;
  /** `undefined` when the event did not say. */
  openFlags: number | undefined;
  mode: number | undefined;
}
