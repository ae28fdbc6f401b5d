/** Processes and their threads, read from /proc. */

import type { ProcessRecord } from '@peregrine/state';
import { parseCgroups } from './cgroups.ts';
import { type Executable, readExecutable } from './executable.ts';
import { imageTexts } from './image-texts.ts';
import { linkTarget, numbersIn, type ProcFiles, statOf } from './proc-files.ts';
import { parseStat, parseStatus, type TaskStat, type TaskStatus } from './status.ts';

const NANOSECONDS_PER_TICK = 10_000_000n;
const NO_LOGIN = 0xffff_ffff;
/** Stands for the pid namespace that this /proc is of. */
const OUR_NAMESPACE = '';
/** Clone flags of a thread, CLONE_THREAD and CLONE_FILES. */
export const THREAD_FLAGS = 0x2001;

export class ProcessScan {
  readonly #files: ProcFiles;
  readonly #procRoot: string;
  readonly #bootTimeNs: bigint;
  /** Start of the first process of each pid namespace, by the namespace's link. */
  readonly #namespaceStarts = new Map<string, bigint>();

  constructor(files: ProcFiles, procRoot: string, bootTimeNs: bigint) {
    this.#files = files;
    this.#procRoot = procRoot;
    this.#bootTimeNs = bootTimeNs;
  }

  /** Hands on the process and then its other threads; false when it is gone or is a thread of the kernel. */
  scan(pid: number, take: (record: ProcessRecord) => void): boolean {
    const path = `${this.#procRoot}/${pid}`;
    const commandLine = this.#files.taskText(`${path}/cmdline`);
    if (commandLine === undefined) return false;
    if (commandLine === '' && statOf(`${path}/exe`) === undefined) return false;
    const status = this.#status(path);
    const stat = this.#stat(path);
    if (status === undefined || stat === undefined) return false;
    const process = this.#process(path, pid, commandLine, status, stat);
    take(process);
    if (status.threadCount > 1) this.#threads(path, process, take);
    return true;
  }

  #process(
    path: string,
    pid: number,
    commandLine: string,
    status: TaskStatus,
    stat: TaskStat,
  ): ProcessRecord {
    const executable = readExecutable(path, status);
    return {
      ...idsOf(status, stat, pid),
      ...imageTexts(commandLine, this.#files.taskText(`${path}/environ`) ?? '', stat.comm),
      cwd: linkTarget(`${path}/cwd`) ?? '',
      root: linkTarget(`${path}/root`) ?? '',
      cgroups: parseCgroups(this.#files.taskText(`${path}/cgroup`) ?? ''),
      loginuid: this.#loginuid(path),
      fdlimit: fileLimit(this.#files.taskText(`${path}/limits`) ?? ''),
      cloneFlags: 0,
      pidnsInitStartNs: this.#namespaceStart(path, status.isInOwnNamespace),
      cloneTsNs: this.#startOf(stat),
      ...executableFields(executable),
    };
  }

  /** Threads share with the main one all that a process has; ids, credentials and faults are their own. */
  #threads(path: string, main: ProcessRecord, take: (record: ProcessRecord) => void): void {
    for (const tid of numbersIn(`${path}/task`)) {
      if (tid === main.tid) continue;
      const status = this.#status(`${path}/task/${tid}`);
      const stat = this.#stat(`${path}/task/${tid}`);
      if (status === undefined || stat === undefined) continue;
      const cloneTsNs = this.#startOf(stat);
      take({ ...main, ...idsOf(status, stat, tid), cloneFlags: THREAD_FLAGS, cloneTsNs });
    }
  }

  #status(taskPath: string): TaskStatus | undefined {
    const text = this.#files.taskText(`${taskPath}/status`);
    return text === undefined ? undefined : parseStatus(text);
  }

  #stat(taskPath: string): TaskStat | undefined {
    const text = this.#files.taskText(`${taskPath}/stat`);
    return text === undefined ? undefined : parseStat(text);
  }

  #loginuid(path: string): number {
    const text = this.#files.taskText(`${path}/loginuid`);
    return text === undefined || !/^\d+$/.test(text) ? NO_LOGIN : Number(text);
  }

  #startOf(stat: TaskStat): bigint {
    return this.#bootTimeNs + BigInt(stat.startTicks) * NANOSECONDS_PER_TICK;
  }

  #namespaceStart(path: string, isInOwnNamespace: boolean): number | bigint {
    const namespace = isInOwnNamespace ? linkTarget(`${path}/ns/pid`) : OUR_NAMESPACE;
    if (namespace === undefined) return 0;
    const known = this.#namespaceStarts.get(namespace);
    if (known !== undefined) return known;
    // The namespace's own /proc, where the first process is number one.
    const stat = this.#stat(isInOwnNamespace ? `${path}/root/proc/1` : `${this.#procRoot}/1`);
    const start = stat === undefined ? 0n : this.#startOf(stat);
    if (start !== 0n) this.#namespaceStarts.set(namespace, start);
    return start;
  }
}

function idsOf(status: TaskStatus, stat: TaskStat, tid: number) {
  const { ptid, vtid, vpid, vpgid, uid, gid, vmsizeKb, vmrssKb, vmswapKb } = status;
  const { capInheritable, capPermitted, capEffective } = status;
  const { comm, sid, pgid, tty, pfmajor, pfminor } = stat;
  return {
    ...{ tid, pid: status.tgid, ptid, vtid, vpid, vpgid, sid, pgid, comm, uid, gid, tty, pfmajor, pfminor },
    ...{ vmsizeKb, vmrssKb, vmswapKb, capInheritable, capPermitted, capEffective },
  };
}

/**
 * The layer of an overlay that a program lies in stays unknown, hence false: user space sees one file. To tell, one
 * would have to read the mounts of each namespace and look for the path below their upper directories, which need not
 * be reachable from here.
 */
function executableFields(executable: Executable) {
  return {
    exepath: executable.path,
    exeIno: executable.ino,
    exeInoCtimeNs: executable.ctimeNs,
    exeInoMtimeNs: executable.mtimeNs,
    isExeWritable: executable.isWritable,
    isExeFromMemfd: executable.isMemfd,
    isExeUpperLayer: false,
    isExeLowerLayer: false,
  };
}

function fileLimit(limits: string): number {
  const match = /^Max open files\s+(\S+)/m.exec(limits);
  return match === null || match[1] === 'unlimited' ? -1 : Number(match[1]);
}
