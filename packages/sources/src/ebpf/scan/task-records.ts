/** Threads as the kernel's list of tasks shows them. What the iterator leaves out comes from /proc. */

import type { ProcessRecord } from '@peregrine/state';
import { type ImageTexts, readImageTexts } from '../../procfs/image-texts.ts';
import { linkTarget, type ProcFiles } from '../../procfs/proc-files.ts';
import { THREAD_FLAGS } from '../../procfs/process-scan.ts';
import { taskLayout as at, exeFlag, NAME_BYTES, taskFlag } from './scan-layout.ts';

const TEXT_COUNT = 4;
const DELETED = ' (deleted)';

/** A thread with what its process has in common left out. */
export type ThreadRecord = Omit<ProcessRecord, keyof Image>;

/** What the threads of a process have in common. */
export interface Image extends ImageTexts {
  readonly exepath: string;
  readonly cwd: string;
  readonly root: string;
  readonly cgroups: string;
  readonly exeIno: number | bigint;
  readonly exeInoCtimeNs: bigint;
  readonly exeInoMtimeNs: bigint;
  readonly isExeWritable: boolean;
  readonly isExeUpperLayer: boolean;
  readonly isExeLowerLayer: boolean;
  readonly isExeFromMemfd: boolean;
}

export function sharesImage(buffer: Buffer, start: number): boolean {
  return (buffer.readUInt32LE(start + at.flags) & taskFlag.sharesImage) !== 0;
}

export function decodeThread(buffer: Buffer, start: number): ThreadRecord {
  const i32 = (offset: number): number => buffer.readInt32LE(start + offset);
  const u32 = (offset: number): number => buffer.readUInt32LE(start + offset);
  const u64 = (offset: number): bigint => buffer.readBigUInt64LE(start + offset);
  const tid = i32(at.tid);
  const pid = i32(at.pid);
  return {
    tid,
    pid,
    ptid: i32(at.ptid),
    vtid: i32(at.vtid),
    vpid: i32(at.vpid),
    pgid: i32(at.pgid),
    vpgid: i32(at.vpgid),
    sid: i32(at.sid),
    uid: u32(at.uid),
    gid: u32(at.gid),
    loginuid: u32(at.loginuid),
    tty: u32(at.terminal),
    vmsizeKb: u32(at.vmSize),
    vmrssKb: u32(at.vmRss),
    vmswapKb: u32(at.vmSwap),
    cloneTsNs: u64(at.start),
    pidnsInitStartNs: u64(at.namespaceStart),
    // No limit is the highest number, -1.
    fdlimit: Number(BigInt.asIntN(64, u64(at.fdLimit))),
    pfmajor: exact(u64(at.majorFaults)),
    pfminor: exact(u64(at.minorFaults)),
    capInheritable: u64(at.inheritable),
    capPermitted: u64(at.permitted),
    capEffective: u64(at.effective),
    comm: untilNul(buffer, start + at.name, NAME_BYTES),
    cloneFlags: tid === pid ? 0 : THREAD_FLAGS,
  };
}

/** `taskPath`: the task's directory in /proc. */
export function decodeImage(
  buffer: Buffer,
  start: number,
  comm: string,
  taskPath: string,
  files: ProcFiles,
): Image {
  const u64 = (offset: number): bigint => buffer.readBigUInt64LE(start + offset);
  const flags = buffer.readUInt32LE(start + at.flags);
  const exeFlags = buffer.readUInt32LE(start + at.exeFlags);
  const isExeFromMemfd = (exeFlags & exeFlag.memfd) !== 0;
  const [program, cwd, root, cgroups] = decodeTexts(buffer, start);
  const isCut = (flags & taskFlag.pathCut) !== 0;
  return {
    ...readImageTexts(files, taskPath, comm),
    exepath:
      (isCut ? withoutMark(linkTarget(`${taskPath}/exe`)) : undefined) ?? pathOf(program, isExeFromMemfd),
    cwd:
      (isCut ? linkTarget(`${taskPath}/cwd`) : undefined) ??
      `${textOf(cwd)}${(flags & taskFlag.cwdDeleted) === 0 ? '' : DELETED}`,
    root: (isCut ? linkTarget(`${taskPath}/root`) : undefined) ?? textOf(root),
    cgroups,
    exeIno: exact(u64(at.exeInode)),
    exeInoCtimeNs: u64(at.exeChanged),
    exeInoMtimeNs: u64(at.exeModified),
    isExeWritable: (exeFlags & exeFlag.writable) !== 0,
    isExeUpperLayer: (exeFlags & exeFlag.upper) !== 0,
    isExeLowerLayer: (exeFlags & exeFlag.lower) !== 0,
    isExeFromMemfd,
  };
}

/** As the link in /proc has it. */
function pathOf(program: string, isMemfd: boolean): string {
  return isMemfd ? `/${textOf(program)}` : textOf(program);
}

function withoutMark(target: string | undefined): string | undefined {
  return target?.endsWith(DELETED) ? target.slice(0, -DELETED.length) : target;
}

/** Program, working directory, root, control groups. */
function decodeTexts(buffer: Buffer, start: number): readonly [string, string, string, string] {
  let from = start + at.sizeBytes;
  const texts = Array.from({ length: TEXT_COUNT }, (_, index) => {
    const end = from + buffer.readUInt32LE(start + at.lengths + 4 * index);
    const text = buffer.toString('latin1', from, end);
    from = end;
    return text;
  });
  const [program = '', cwd = '', root = '', cgroups = ''] = texts;
  return [program, cwd, root, cgroups];
}

function textOf(text: string): string {
  return text.endsWith('\0') ? text.slice(0, -1) : text;
}

function untilNul(buffer: Buffer, start: number, size: number): string {
  const text = buffer.toString('latin1', start, start + size);
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

export function exact(value: bigint): number | bigint {
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}
