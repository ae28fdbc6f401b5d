/** A small machine for tests of fields: records in, events in, values out. */

import { type EventInput, encodeView } from '@peregrine/events';
import { type JsonValue, renderJson, type Value } from '@peregrine/lang';
import {
  type EventContext,
  type FdRecord,
  fdKind,
  l4,
  NO_ID,
  type ProcessRecord,
  StateEngine,
} from '@peregrine/state';
import { createSyscallSource, type SyscallSourceOptions } from '../src/syscall-source.ts';

export const START_NS = 1_700_000_000_000_000_000n;
export const BASH = 100;
export const CAT = 200;

const blankProcess: ProcessRecord = {
  tid: 0,
  pid: 0,
  ptid: 0,
  sid: NO_ID,
  vpgid: NO_ID,
  pgid: NO_ID,
  vtid: 0,
  vpid: 0,
  comm: '',
  exe: '',
  exepath: '',
  args: '',
  cwd: '/',
  env: '',
  cgroups: '',
  root: '/',
  fdlimit: 1024,
  cloneFlags: 0,
  uid: 0,
  gid: 0,
  loginuid: 0xffff_ffff,
  tty: 0,
  vmsizeKb: 0,
  vmrssKb: 0,
  vmswapKb: 0,
  pfmajor: 0,
  pfminor: 0,
  pidnsInitStartNs: 0,
  cloneTsNs: 0n,
  isExeWritable: false,
  isExeUpperLayer: false,
  isExeLowerLayer: false,
  isExeFromMemfd: false,
  capInheritable: 0n,
  capPermitted: 0n,
  capEffective: 0n,
  exeIno: 0,
  exeInoCtimeNs: 0,
  exeInoMtimeNs: 0,
};

const blankFd: FdRecord = {
  tid: 0,
  fd: 0,
  kind: fdKind.file,
  name: '',
  ino: 0,
  dev: 0,
  mountId: 0,
  openFlags: 0,
  l4: l4.unknown,
  sourceIp: undefined,
  destinationIp: undefined,
  sourcePort: 0,
  destinationPort: 0,
  flags: 0,
};

export interface World {
  readonly state: StateEngine;
  process(record: Partial<ProcessRecord> & { readonly tid: number }): void;
  fd(record: Partial<FdRecord> & { readonly tid: number; readonly fd: number }): void;
  settle(): void;
  /** The event as rules see it; good until the next one. */
  apply(event: EventInput): EventContext;
  /** What conditions compare. */
  read(field: string, event: EventContext): Value | undefined;
  /** What alerts show. */
  show(field: string, event: EventContext): JsonValue;
}

export function createWorld(options: SyscallSourceOptions = {}): World {
  const state = new StateEngine();
  const source = createSyscallSource(options);
  const bind = (text: string) => {
    const [, name = '', argument] = /^([^[]*)(?:\[(.*)\])?$/.exec(text) ?? [];
    const resolution = source.resolve(name, argument);
    if (resolution.kind !== 'field') throw new Error(`${text}: ${resolution.kind}`);
    return resolution.field;
  };
  return {
    state,
    process: ({ tid, ...rest }) =>
      state.sink.process({ ...blankProcess, tid, pid: tid, vtid: tid, vpid: tid, ...rest }),
    fd: (record) => state.sink.fd({ ...blankFd, ...record }),
    settle: () => state.sink.settle(),
    apply: (event) => {
      const context = state.apply(encodeView({ timestampNs: START_NS, ...event }));
      if (context === undefined) throw new Error(`event ${event.code} does not reach rules`);
      return context;
    },
    read: (field, event) => bind(field).read(event),
    show: (field, event) => renderJson(bind(field), event),
  };
}

/** `cat`, started by `bash`, started by `sshd`. */
export function createShellWorld(options: SyscallSourceOptions = {}): World {
  const world = createWorld(options);
  world.process({ tid: 50, comm: 'sshd', exe: 'sshd: root', exepath: '/usr/sbin/sshd', args: '' });
  world.process({
    tid: BASH,
    ptid: 50,
    sid: BASH,
    pgid: BASH,
    vpgid: BASH,
    comm: 'bash',
    exe: '-bash',
    exepath: '/usr/bin/bash',
    args: '-c\0id\0',
    env: 'SHELL=/bin/bash\0SSH_TTY=/dev/pts/1\0',
    cloneTsNs: START_NS - 5_000_000_000n,
  });
  world.process({
    tid: CAT,
    ptid: BASH,
    sid: BASH,
    pgid: CAT,
    vpgid: CAT,
    comm: 'cat',
    exe: '/usr/bin/cat',
    exepath: '/usr/bin/cat',
    args: '-n\0/etc/shadow\0',
    cwd: '/root/',
    env: 'PATH=/bin \0TERM=xterm\0',
    cgroups: 'cpuset=/\0io=/a\0mem_cgroup=/b\0',
    tty: 34817,
    fdlimit: 200,
    capEffective: 0b11n,
    exeIno: 7,
    cloneTsNs: START_NS - 1_000n,
  });
  world.fd({ tid: CAT, fd: 0, name: '/dev/null' });
  world.fd({ tid: CAT, fd: 3, kind: fdKind.directory, name: '/etc' });
  world.settle();
  return world;
}
