/** Open file descriptors of a process, read from /proc. */

import { type FdKind, type FdRecord, fdFlag, fdKind, l4 } from '@peregrine/state';
import { KeyedLines } from './keyed-lines.ts';
import { openFlagBit, openFlagsOf } from './open-flags.ts';
import { linkTarget, numbersIn, type ProcFiles, statOf } from './proc-files.ts';
import type { NamespaceSockets, SocketFields, SocketTables } from './socket-tables.ts';

/** Descriptors of one process that are looked at; beyond, a process can hold us up. */
const MOST_FDS = 65_536;
/** Files that are remembered: many processes hold the same ones, such as /dev/null and logs. */
const MOST_SEEN = 8_192;

export class FdScan {
  readonly #files: ProcFiles;
  readonly #sockets: SocketTables;
  /** Files met so far, by name. */
  readonly #seen = new Map<string, SeenFile>();

  constructor(files: ProcFiles, sockets: SocketTables) {
    this.#files = files;
    this.#sockets = sockets;
  }

  /** `tid`: the main thread's. */
  scan(processPath: string, tid: number, take: (record: FdRecord) => void): void {
    let sockets: NamespaceSockets | undefined;
    for (const fd of numbersIn(`${processPath}/fd`).slice(0, MOST_FDS)) {
      const target = linkTarget(`${processPath}/fd/${fd}`);
      if (target === undefined) continue;
      if (target.startsWith('socket:[')) {
        const ino = inodeIn(target);
        sockets ??= this.#sockets.of(processPath);
        take({ ...NOTHING, tid, fd, kind: fdKind.unknown, ...sockets.find(processPath, ino), ino });
      } else {
        take({ ...NOTHING, tid, fd, ...this.#describe(processPath, fd, target) });
      }
    }
  }

  #describe(processPath: string, fd: number, target: string): SocketFields {
    if (target.startsWith('pipe:[')) return { kind: fdKind.fifo, name: target, ino: inodeIn(target) };
    if (target.startsWith('anon_inode:')) return { kind: anonymousKind(target.slice('anon_inode:'.length)) };
    if (target.startsWith('/memfd:')) {
      return fileFields(fdKind.memfd, memfdName(target), this.#info(processPath, fd));
    }
    if (!target.startsWith('/')) return { kind: fdKind.unsupported, name: target };
    return this.#known(processPath, fd, target) ?? this.#path(processPath, fd, target);
  }

  /** A file that was met before under this name: all but what belongs to the descriptor is the same. */
  #known(processPath: string, fd: number, target: string): SocketFields | undefined {
    const known = this.#seen.get(target);
    if (known === undefined) return undefined;
    const info = this.#info(processPath, fd);
    if (info.mountId !== known.mountId || info.ino !== known.infoIno) return undefined;
    return { ...fileFields(fdKind.file, target, info), ino: known.ino, dev: known.dev };
  }

  #path(processPath: string, fd: number, target: string): SocketFields {
    const stat = statOf(`${processPath}/fd/${fd}`);
    if (stat?.isDirectory()) return { kind: fdKind.directory, name: target, ino: stat.ino, dev: stat.dev };
    if (stat?.isFIFO()) return { kind: fdKind.fifo, name: target, ino: stat.ino, dev: stat.dev };
    const info = this.#info(processPath, fd);
    const file = fileFields(fdKind.file, target, info);
    if (stat === undefined) return file;
    if (info.ino !== undefined && this.#seen.size < MOST_SEEN) {
      this.#seen.set(target, { mountId: info.mountId, infoIno: info.ino, ino: stat.ino, dev: stat.dev });
    }
    return { ...file, ino: stat.ino, dev: stat.dev };
  }

  #info(processPath: string, fd: number): FdInfo {
    const lines = new KeyedLines(this.#files.taskText(`${processPath}/fdinfo/${fd}`) ?? '');
    const flags = lines.value('flags');
    const mountId = lines.value('mnt_id');
    const ino = lines.value('ino');
    return {
      openFlags: openFlagsOf(Number.parseInt(flags ?? '0', 8) || 0),
      mountId: Number(mountId ?? 0) || 0,
      ino: ino === undefined ? undefined : Number(ino),
    };
  }
}

/** What `fdinfo` says of a descriptor. */
interface FdInfo {
  readonly openFlags: number;
  /** One number for each mount of the whole system. */
  readonly mountId: number;
  /** Of the inode as the kernel holds it, which an overlay may show under another number; not on old kernels. */
  readonly ino: number | undefined;
}

/** A name in a mount stands for one inode at a time, so with the same three, `stat` would say the same again. */
interface SeenFile {
  readonly mountId: number;
  readonly infoIno: number;
  readonly ino: number;
  readonly dev: number;
}

function fileFields(kind: FdKind, name: string, info: FdInfo): SocketFields {
  const { openFlags, mountId } = info;
  const flags = fdFlag.fromProc | (openFlags & openFlagBit.closeOnExec ? fdFlag.closeOnExec : 0);
  return { kind, name, openFlags, mountId, flags };
}

const NOTHING = {
  ino: 0,
  dev: 0,
  mountId: 0,
  openFlags: 0,
  flags: fdFlag.fromProc,
  name: '',
  l4: l4.unknown,
  sourceIp: undefined,
  destinationIp: undefined,
  sourcePort: 0,
  destinationPort: 0,
} as const;

function inodeIn(target: string): number {
  return Number.parseInt(target.slice(target.indexOf('[') + 1), 10) || 0;
}

/** `/memfd:name (deleted)` */
function memfdName(target: string): string {
  const name = target.slice('/memfd:'.length);
  return name.endsWith(' (deleted)') ? name.slice(0, -' (deleted)'.length) : name;
}

const anonymousKinds: Readonly<Record<string, FdKind>> = {
  '[eventfd]': fdKind.eventfd,
  '[eventpoll]': fdKind.eventpoll,
  inotify: fdKind.inotify,
  '[timerfd]': fdKind.timerfd,
  '[signalfd]': fdKind.signalfd,
  '[io_uring]': fdKind.ioUring,
  '[userfaultfd]': fdKind.userfaultfd,
  '[pidfd]': fdKind.pidfd,
};

function anonymousKind(name: string): FdKind {
  if (name.startsWith('bpf') || name.startsWith('[bpf')) return fdKind.bpf;
  return anonymousKinds[name] ?? fdKind.unsupported;
}
