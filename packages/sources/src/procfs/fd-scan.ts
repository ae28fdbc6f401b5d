/** Open file descriptors of a process, read from /proc. */

import { type FdKind, type FdRecord, fdFlag, fdKind, l4 } from '@peregrine/state';
import { openFlagBit, openFlagsOf } from './open-flags.ts';
import { linkTarget, numbersIn, type ProcFiles, statOf } from './proc-files.ts';
import type { SocketFields, SocketTables } from './socket-tables.ts';

/** Descriptors of one process that are looked at; beyond, a process can hold us up. */
const MOST_FDS = 65_536;

export class FdScan {
  readonly #files: ProcFiles;
  readonly #sockets: SocketTables;

  constructor(files: ProcFiles, sockets: SocketTables) {
    this.#files = files;
    this.#sockets = sockets;
  }

  /** `tid`: the main thread's. */
  scan(processPath: string, tid: number, take: (record: FdRecord) => void): void {
    let sockets: ReadonlyMap<number, SocketFields> | undefined;
    for (const fd of numbersIn(`${processPath}/fd`).slice(0, MOST_FDS)) {
      const target = linkTarget(`${processPath}/fd/${fd}`);
      if (target === undefined) continue;
      if (target.startsWith('socket:[')) {
        const ino = inodeIn(target);
        sockets ??= this.#sockets.of(processPath);
        take({ ...NOTHING, tid, fd, kind: fdKind.unknown, ...sockets.get(ino), ino });
      } else {
        take({ ...NOTHING, tid, fd, ...this.#describe(processPath, fd, target) });
      }
    }
  }

  #describe(processPath: string, fd: number, target: string): SocketFields {
    if (target.startsWith('pipe:[')) return { kind: fdKind.fifo, name: target, ino: inodeIn(target) };
    if (target.startsWith('anon_inode:')) return { kind: anonymousKind(target.slice('anon_inode:'.length)) };
    if (target.startsWith('/memfd:')) return this.#file(processPath, fd, fdKind.memfd, memfdName(target));
    if (!target.startsWith('/')) return { kind: fdKind.unsupported, name: target };
    const stat = statOf(`${processPath}/fd/${fd}`);
    if (stat?.isDirectory()) return { kind: fdKind.directory, name: target, ino: stat.ino, dev: stat.dev };
    if (stat?.isFIFO()) return { kind: fdKind.fifo, name: target, ino: stat.ino, dev: stat.dev };
    const file = this.#file(processPath, fd, fdKind.file, target);
    return stat === undefined ? file : { ...file, ino: stat.ino, dev: stat.dev };
  }

  #file(processPath: string, fd: number, kind: FdKind, name: string): SocketFields {
    const info = this.#files.taskText(`${processPath}/fdinfo/${fd}`) ?? '';
    const openFlags = openFlagsOf(Number.parseInt(/^flags:\s*(\d+)/m.exec(info)?.[1] ?? '0', 8));
    const mountId = Number(/^mnt_id:\s*(\d+)/m.exec(info)?.[1] ?? 0);
    const flags = fdFlag.fromProc | (openFlags & openFlagBit.closeOnExec ? fdFlag.closeOnExec : 0);
    return { kind, name, openFlags, mountId, flags };
  }
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
