/** Open file descriptors of a process, read from /proc. */

import { type FdRecord, fdKind } from '@peregrine/state';
import {
  emptyFd,
  type FdFields,
  fileFields,
  inodeIn,
  MOST_FDS,
  type OpenFile,
  unmountedFields,
} from './fd-fields.ts';
import { KeyedLines } from './keyed-lines.ts';
import { openFlagsOf } from './open-flags.ts';
import { linkTarget, numbersIn, type ProcFiles, statOf } from './proc-files.ts';
import type { NamespaceSockets, SocketTables } from './socket-tables.ts';

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
        take({ ...emptyFd, tid, fd, kind: fdKind.unknown, ...sockets.find(processPath, ino), ino });
      } else {
        take({ ...emptyFd, tid, fd, ...this.#describe(processPath, fd, target) });
      }
    }
  }

  #describe(processPath: string, fd: number, target: string): FdFields {
    const unmounted = unmountedFields(target, () => this.#info(processPath, fd));
    if (unmounted !== undefined) return unmounted;
    return this.#known(processPath, fd, target) ?? this.#path(processPath, fd, target);
  }

  /** A file that was met before under this name: all but what belongs to the descriptor is the same. */
  #known(processPath: string, fd: number, target: string): FdFields | undefined {
    const known = this.#seen.get(target);
    if (known === undefined) return undefined;
    const info = this.#info(processPath, fd);
    if (info.mountId !== known.mountId || info.ino !== known.infoIno) return undefined;
    return { ...fileFields(fdKind.file, target, info), ino: known.ino, dev: known.dev };
  }

  #path(processPath: string, fd: number, target: string): FdFields {
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
interface FdInfo extends OpenFile {
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
