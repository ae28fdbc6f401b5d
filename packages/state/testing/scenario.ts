/** Events for tests of the tables, one call each, through the real encoder and decoder. */

import { type EventView, encodeView, TextInterner } from '@peregrine/events';
import { type EventContext, StateEngine, type StateOptions, type Thread } from '../src/index.ts';

type Params = Parameters<typeof encodeView>[0]['params'];

export const codes = {
  openat: 307,
  openatEnter: 306,
  close: 5,
  closeRange: 451,
  fcntl: 151,
  dup2: 363,
  dup3: 365,
  clone: 223,
  clone3: 335,
  vfork: 227,
  execve: 293,
  procexit: 186,
  chdir: 95,
  fchdir: 97,
  prctl: 401,
  prlimit: 145,
  setuid: 199,
  setresuid: 193,
  setsid: 275,
  capset: 353,
  unshare: 285,
  socket: 19,
  bind: 21,
  connect: 23,
  accept4: 389,
  sendto: 31,
  recvfrom: 35,
  getsockopt: 47,
  pipe2: 393,
  memfdCreate: 405,
  pidfdOpen: 409,
  pidfdGetfd: 407,
  mmap: 161,
  switch: 152,
  userAdded: 354,
  groupAdded: 358,
  containerJson: 324,
  async: 402,
  getuid: 203,
  pageFault: 290,
} as const;

export const cloneFlag = {
  newpid: 64,
  parent: 256,
  thread: 8192,
  vfork: 1 << 27,
  childInPidns: 1 << 29,
} as const;
export const AT_FDCWD = -100;
const HOST_CGROUPS = 'cpuset=/\0memory=/user.slice/session-1.scope\0';

export interface CloneInput {
  readonly tid: number;
  readonly result: number;
  readonly pid: number;
  readonly ptid: number;
  readonly flags?: number;
  readonly comm?: string;
  readonly cgroups?: string;
  readonly vtid?: number;
  readonly vpid?: number;
  readonly code?: number;
}

export interface ExecInput {
  readonly tid: number;
  readonly pid?: number;
  readonly result?: number;
  readonly exe?: string;
  readonly args?: string;
  readonly comm?: string;
  readonly cgroups?: string;
  readonly exepath?: string;
  readonly uid?: number;
  readonly env?: string;
}

export class Scenario {
  readonly engine: StateEngine;
  timeNs = 1_700_000_000_000_000_000n;
  readonly #interner = new TextInterner();
  readonly #take: (view: EventView) => EventContext | undefined;

  /** With tables of its own, or with those of somebody who is handed the events. */
  constructor(
    options: StateOptions = {},
    target?: { readonly engine: StateEngine; readonly take: (view: EventView) => undefined },
  ) {
    this.engine = target?.engine ?? new StateEngine(options);
    this.#take = target?.take ?? ((view) => this.engine.apply(view));
    this.engine.sink.settle();
  }

  /** One event, a microsecond after the one before. */
  event(code: number, tid: number, params: Params): EventContext | undefined {
    this.timeNs += 1_000n;
    return this.#take(encodeView({ code, tid, timestampNs: this.timeNs, params }, this.#interner));
  }

  wait(seconds: number): void {
    this.timeNs += BigInt(seconds) * 1_000_000_000n;
  }

  thread(tid: number): Thread {
    const thread = this.engine.tables.thread(tid);
    if (thread === undefined) throw new Error(`no thread ${tid}`);
    return thread;
  }

  /** One side of a clone: the caller's where `result` is the child, the child's where it is 0. */
  clone(input: CloneInput): EventContext | undefined {
    const {
      tid,
      result,
      pid,
      ptid,
      flags = 0,
      comm = 'sh',
      cgroups = HOST_CGROUPS,
      code = codes.clone,
    } = input;
    const { vtid = tid, vpid = pid } = input;
    const exe = `/bin/${comm}`;
    const memory = [0, 1, 4_000, 1_000, 0];
    const identity = [flags, 1000, 1000, vtid, vpid, 777];
    return this.event(code, tid, [
      result,
      exe,
      'x\0',
      tid,
      pid,
      ptid,
      '',
      1024,
      ...memory,
      comm,
      cgroups,
      ...identity,
    ]);
  }

  /** A process without a parent that the tables know, with its program run. */
  start(tid: number, input: Omit<ExecInput, 'tid'> = {}): Thread {
    this.clone({ tid, result: 0, pid: tid, ptid: 1 });
    this.exec({ tid, ...input });
    return this.thread(tid);
  }

  /** Both sides of a fork, the caller's first. */
  fork(parent: number, child: number, flags = 0): Thread {
    const pid = this.thread(parent).pid;
    const isThread = (flags & cloneFlag.thread) !== 0;
    this.clone({ tid: parent, result: child, pid, ptid: this.thread(parent).ptid, flags });
    this.clone({
      tid: child,
      result: 0,
      pid: isThread ? pid : child,
      ptid: isThread ? this.thread(parent).ptid : parent,
      flags,
    });
    return this.thread(child);
  }

  exec(input: ExecInput): EventContext | undefined {
    const {
      tid,
      pid = tid,
      result = 0,
      exe = 'bash',
      args = '',
      comm = 'bash',
      uid = 0,
      env = 'A=1\0',
    } = input;
    const { cgroups = HOST_CGROUPS, exepath = `/usr/bin/${comm}` } = input;
    const before = [result, exe, args, tid, pid, 1, '', 1024, 0, 5, 8_000, 2_000, 0, comm, cgroups, env];
    const after = [
      34_816,
      pid,
      0xffff_ffff,
      1,
      0n,
      7n,
      7n,
      99,
      1_600_000_000_000_000_000n,
      5n,
      uid,
      exepath,
      pid,
      0,
    ];
    return this.event(codes.execve, tid, [...before, ...after, exepath]);
  }

  exit(tid: number, reaper = 0): EventContext | undefined {
    return this.event(codes.procexit, tid, [0, 0, 0, 0, reaper]);
  }

  open(tid: number, fd: number, path: string, flags = 1, dirfd: number = AT_FDCWD): EventContext | undefined {
    return this.event(codes.openat, tid, [fd, dirfd, path, flags, 0, 6, 42]);
  }

  /** An event that changes nothing. */
  tick(tid: number): EventContext | undefined {
    return this.event(codes.getuid, tid, [0]);
  }
}
