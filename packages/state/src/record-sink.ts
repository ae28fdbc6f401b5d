/** Fills the tables with what a source knows before, or besides, its events. */

import { highWord, lowWord } from './exact.ts';
import { Fd, fdFlag, fdKind } from './fd.ts';
import type {
  FdRecord,
  GroupRecord,
  InterfaceRecord,
  MachineRecord,
  ProcessRecord,
  StateSink,
  UserRecord,
} from './state-sink.ts';
import { resetDescendantTerms } from './term-resets.ts';
import { Thread, threadFlag } from './thread.ts';
import type { World } from './world.ts';

const O_CLOEXEC = 1 << 12;
const CLONE_THREAD = 1 << 13;
const CHILD_IN_PIDNS = 1 << 29;

export class RecordSink implements StateSink {
  readonly #world: World;
  readonly #onReset: () => void;
  /** Threads that came before `settle`; afterwards each is linked at once. */
  #unsettled: Thread[] | undefined = [];

  constructor(world: World, onReset: () => void) {
    this.#world = world;
    this.#onReset = onReset;
  }

  reset(): void {
    this.#world.clear();
    this.#unsettled = [];
    this.#onReset();
  }

  machine(record: MachineRecord): void {
    this.#world.machine = record;
  }

  process(record: ProcessRecord): void {
    const { threads } = this.#world;
    threads.remove(record.tid);
    const left = threads.find(record.tid);
    // A dead main thread stays while its process has other threads: the record is of the process as it is now.
    if (left !== undefined) return;
    const thread = new Thread(record.tid, threads.processFor(record.pid));
    readRecord(thread, record);
    if (!threads.insert(thread)) return;
    threads.join(thread);
    if (this.#unsettled === undefined) this.#settleThread(thread);
    else this.#unsettled.push(thread);
  }

  #settleThread(thread: Thread): void {
    this.#world.threads.linkParent(thread);
    this.#world.matchContainer(thread);
    resetDescendantTerms(thread);
  }

  fd(record: FdRecord): void {
    const thread = this.#world.threads.find(record.tid);
    if (thread === undefined) return;
    const fd = new Fd();
    fd.kind = record.kind;
    fd.flags = record.flags;
    fd.rawName = record.name;
    fd.openFlags = record.openFlags;
    if ((record.openFlags & O_CLOEXEC) !== 0) fd.flags |= fdFlag.closeOnExec;
    fd.dev = record.dev;
    fd.ino = record.ino;
    fd.mountId = record.mountId;
    fd.l4 = record.l4;
    fd.sourceIp = record.sourceIp;
    fd.destinationIp = record.destinationIp;
    fd.sourcePort = record.sourcePort;
    fd.destinationPort = record.destinationPort;
    if (isServer(fd)) {
      // Some sources have the address of a server where the source of a connection is.
      fd.destinationIp ??= fd.sourceIp;
      if (record.destinationIp === undefined) fd.destinationPort = fd.sourcePort;
      fd.sourceIp = undefined;
      fd.sourcePort = 0;
      fd.flags |= fdFlag.roleServer;
    }
    if (isServer(fd) || fd.kind === fdKind.ipv4 || fd.kind === fdKind.ipv6) fd.forgetName();
    else fd.name = record.name;
    this.#world.putFd(thread, record.fd, fd);
  }

  user(record: UserRecord): void {
    this.#world.users.addUser(record);
  }

  group(record: GroupRecord): void {
    this.#world.users.addGroup(record);
  }

  interface(record: InterfaceRecord): void {
    this.#world.addInterface(record);
  }

  settle(): void {
    const unsettled = this.#unsettled ?? [];
    this.#unsettled = undefined;
    for (const thread of unsettled) this.#settleThread(thread);
    this.#world.resetAllTerms();
  }
}

function isServer(fd: Fd): boolean {
  return fd.kind === fdKind.ipv4Server || fd.kind === fdKind.ipv6Server;
}

function readRecord(thread: Thread, record: ProcessRecord): void {
  const { process } = thread;
  const isMain = record.tid === record.pid && (record.cloneFlags & CLONE_THREAD) === 0;
  if (isMain || process.cwd === '') process.cwd = directoryOf(record.cwd);
  if (isMain || process.env === '') process.env = record.env;
  thread.ptid = record.ptid;
  thread.sid = record.sid;
  thread.vpgid = record.vpgid;
  thread.pgid = record.pgid;
  thread.vtid = record.vtid;
  thread.vpid = record.vpid;
  thread.comm = record.comm;
  thread.exe = record.exe;
  thread.exepath = record.exepath;
  thread.args = record.args;
  thread.cgroups = record.cgroups;
  thread.root = record.root;
  thread.fdlimit = record.fdlimit;
  thread.uid = record.uid;
  thread.gid = record.gid;
  thread.loginuid = record.loginuid;
  thread.tty = record.tty;
  thread.vmsizeKb = record.vmsizeKb;
  thread.vmrssKb = record.vmrssKb;
  thread.vmswapKb = record.vmswapKb;
  thread.pfmajor = record.pfmajor;
  thread.pfminor = record.pfminor;
  thread.pidnsInitStartNs = record.pidnsInitStartNs;
  thread.cloneTsLow = lowWord(record.cloneTsNs);
  thread.cloneTsHigh = highWord(record.cloneTsNs);
  thread.capabilities = {
    inheritableLow: lowWord(record.capInheritable),
    inheritableHigh: highWord(record.capInheritable),
    permittedLow: lowWord(record.capPermitted),
    permittedHigh: highWord(record.capPermitted),
    effectiveLow: lowWord(record.capEffective),
    effectiveHigh: highWord(record.capEffective),
  };
  thread.executable = {
    ino: record.exeIno,
    ctimeLow: lowWord(record.exeInoCtimeNs),
    ctimeHigh: highWord(record.exeInoCtimeNs),
    mtimeLow: lowWord(record.exeInoMtimeNs),
    mtimeHigh: highWord(record.exeInoMtimeNs),
  };
  thread.flags |= threadFlag.listed;
  if (record.isExeWritable) thread.flags |= threadFlag.exeWritable;
  if (record.isExeUpperLayer) thread.flags |= threadFlag.exeUpperLayer;
  if (record.isExeLowerLayer) thread.flags |= threadFlag.exeLowerLayer;
  if (record.isExeFromMemfd) thread.flags |= threadFlag.exeFromMemfd;
  if ((record.cloneFlags & CHILD_IN_PIDNS) !== 0) thread.flags |= threadFlag.inPidNamespace;
}

function directoryOf(cwd: string): string {
  return cwd === '' || cwd.endsWith('/') ? cwd : `${cwd}/`;
}
