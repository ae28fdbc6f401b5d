/** The tables as records again: what a recording that begins now must tell before its events. `RecordSink` undoes it. */

import type { Fd } from './fd.ts';
import { fdFlag } from './fd.ts';
import type {
  FdRecord,
  GroupRecord,
  InterfaceRecord,
  MachineRecord,
  ProcessRecord,
  UserRecord,
} from './state-sink.ts';
import type { Container } from './tables.ts';
import { type Thread, threadFlag } from './thread.ts';
import type { World } from './world.ts';

const O_CLOEXEC = 1 << 12;
const CLONE_THREAD = 1 << 13;
const CHILD_IN_PIDNS = 1 << 29;

/** Records are made when asked for: read them before the next event is applied. */
export interface Snapshot {
  readonly machine: MachineRecord | undefined;
  readonly interfaces: readonly InterfaceRecord[];
  /** Of the host. */
  readonly users: Iterable<UserRecord>;
  readonly groups: Iterable<GroupRecord>;
  /** Main threads before the others of their process; made-up and dead ones are left out. */
  readonly processes: Iterable<ProcessRecord>;
  /** Those of one process are adjacent. */
  readonly fds: Iterable<FdRecord>;
  /** Those of which something is known besides the id. */
  readonly containers: Iterable<Container>;
}

export function snapshotOf(world: World): Snapshot {
  return {
    machine: world.machine,
    interfaces: world.interfaces,
    users: world.users.hostUsers(),
    groups: world.users.hostGroups(),
    processes: processesOf(world),
    fds: fdsOf(world),
    containers: containersOf(world),
  };
}

function* processesOf(world: World): Generator<ProcessRecord> {
  const late: Thread[] = [];
  for (const thread of world.threads.values()) {
    if (!isTold(world, thread)) continue;
    if (thread.process.mainThread === thread) yield recordOf(thread);
    else late.push(thread);
  }
  for (const thread of late) yield recordOf(thread);
}

/** A thread whose exit is the current event goes with the next one, and is there until then. */
function isTold(world: World, thread: Thread): boolean {
  if ((thread.flags & threadFlag.fake) !== 0) return false;
  return (thread.flags & threadFlag.dead) === 0 || thread === world.leavingThread;
}

function* fdsOf(world: World): Generator<FdRecord> {
  for (const process of world.threads.processes()) {
    if (process.mainThread === undefined || !isTold(world, process.mainThread)) continue;
    for (const [number, fd] of process.fds.entries()) yield fdRecordOf(process.pid, number, fd);
  }
}

function* containersOf(world: World): Generator<Container> {
  for (const container of world.containers.all()) if (container.metadata !== undefined) yield container;
}

function fdRecordOf(pid: number, number: number, fd: Fd): FdRecord {
  const isClosedOnExec = (fd.flags & fdFlag.closeOnExec) !== 0;
  return {
    tid: pid,
    fd: number,
    kind: fd.kind,
    name: fd.name,
    ino: fd.ino,
    dev: fd.dev,
    mountId: fd.mountId,
    openFlags: isClosedOnExec ? fd.openFlags | O_CLOEXEC : fd.openFlags,
    l4: fd.l4,
    sourceIp: fd.sourceIp,
    destinationIp: fd.destinationIp,
    sourcePort: fd.sourcePort,
    destinationPort: fd.destinationPort,
    flags: fd.flags,
  };
}

function recordOf(thread: Thread): ProcessRecord {
  const { process, capabilities, executable, flags } = thread;
  const isMain = process.mainThread === thread;
  return {
    tid: thread.tid,
    pid: process.pid,
    ptid: thread.ptid,
    sid: thread.sid,
    vpgid: thread.vpgid,
    pgid: thread.pgid,
    vtid: thread.vtid,
    vpid: thread.vpid,
    comm: thread.comm,
    exe: thread.exe,
    exepath: thread.exepath,
    args: thread.args,
    cwd: process.cwd,
    env: isMain ? process.env : '',
    cgroups: thread.cgroups,
    root: thread.root,
    fdlimit: thread.fdlimit,
    cloneFlags: (isMain ? 0 : CLONE_THREAD) | (thread.isInPidNamespace ? CHILD_IN_PIDNS : 0),
    uid: thread.uid,
    gid: thread.gid,
    loginuid: thread.loginuid,
    tty: thread.tty,
    vmsizeKb: thread.vmsizeKb,
    vmrssKb: thread.vmrssKb,
    vmswapKb: thread.vmswapKb,
    pfmajor: thread.pfmajor,
    pfminor: thread.pfminor,
    pidnsInitStartNs: thread.pidnsInitStartNs,
    cloneTsNs: joined(thread.cloneTsLow, thread.cloneTsHigh),
    isExeWritable: (flags & threadFlag.exeWritable) !== 0,
    isExeUpperLayer: (flags & threadFlag.exeUpperLayer) !== 0,
    isExeLowerLayer: (flags & threadFlag.exeLowerLayer) !== 0,
    isExeFromMemfd: (flags & threadFlag.exeFromMemfd) !== 0,
    capInheritable: joined(capabilities.inheritableLow, capabilities.inheritableHigh),
    capPermitted: joined(capabilities.permittedLow, capabilities.permittedHigh),
    capEffective: joined(capabilities.effectiveLow, capabilities.effectiveHigh),
    exeIno: executable.ino,
    exeInoCtimeNs: joined(executable.ctimeLow, executable.ctimeHigh),
    exeInoMtimeNs: joined(executable.mtimeLow, executable.mtimeHigh),
  };
}

function joined(low: number, high: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}
