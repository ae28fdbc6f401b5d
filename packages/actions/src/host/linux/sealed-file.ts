/**
 * A file taken hold of by descriptors: its folder, and the file itself, without following a symbolic link on the way. What
 * is put in its place meanwhile is something else, and is told apart.
 */

import { closeSync, fstatSync, openSync, readlinkSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { CallFailure, LinuxCalls } from './calls.ts';

export interface SealedFile {
  /** Of the folder, a descriptor. */
  readonly folder: number;
  readonly name: string;
  /** Of the file, a descriptor for reading. */
  readonly file: number;
  readonly identity: FileIdentity;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** Names that it has. */
  readonly linkCount: number;
  /** Of the folder, as the machine sees it now; of a file in a container, as the container does. */
  readonly folderPath: string;
}

export interface FileIdentity {
  readonly device: string;
  readonly inode: string;
}

export type Sealed = { readonly file: SealedFile } | { readonly why: string; readonly isGone: boolean };

export interface SealOptions {
  readonly calls: LinuxCalls;
  /** From `/` on. */
  readonly path: string;
  /** Process whose root is the root for it. `undefined`: that of this process. */
  readonly pid: number | undefined;
}

/** `closeSealed` when it is done with. */
export function sealFile({ calls, path, pid }: SealOptions): Sealed {
  const name = basename(path);
  if (!path.startsWith('/') || path.includes('\0') || name === '' || ['.', '..'].includes(name))
    return { why: `\`${path}\` is no path of a file`, isGone: false };
  const root = pid === undefined ? undefined : openSync(`/proc/${pid}/root`, O_PATH_FOLDER);
  const opened = calls.openPath({
    folder: root,
    path: dirname(path),
    isRead: false,
    isInRoot: pid !== undefined,
  });
  if (root !== undefined) closeSync(root);
  if ('failure' in opened) return whyNot(dirname(path), opened.failure);
  const folder = opened.value;
  // Without waiting, should it be a pipe by now.
  const inner = calls.openPath({ folder, path: name, isRead: true, isInRoot: false });
  if ('failure' in inner) {
    closeSync(folder);
    return whyNot(path, inner.failure);
  }
  const facts = fstatSync(inner.value, { bigint: true });
  if (!facts.isFile()) {
    for (const fd of [folder, inner.value]) closeSync(fd);
    return { why: `\`${path}\` is no plain file`, isGone: false };
  }
  return {
    file: {
      ...{ folder, name, file: inner.value },
      identity: { device: String(facts.dev), inode: String(facts.ino) },
      mode: Number(facts.mode) & 0o7777,
      ...{ uid: Number(facts.uid), gid: Number(facts.gid) },
      ...{ sizeBytes: Number(facts.size), linkCount: Number(facts.nlink) },
      folderPath: readlinkSync(`/proc/self/fd/${folder}`),
    },
  };
}

export function closeSealed({ folder, file }: SealedFile): void {
  for (const fd of [folder, file]) closeSync(fd);
}

/** What a name in a folder stands for now; `undefined`: nothing that can be opened. */
export function identityAt(calls: LinuxCalls, folder: number, name: string): FileIdentity | undefined {
  const opened = calls.openPath({ folder, path: name, isRead: false, isInRoot: false });
  if ('failure' in opened) return undefined;
  const { dev, ino } = fstatSync(opened.value, { bigint: true });
  closeSync(opened.value);
  return { device: String(dev), inode: String(ino) };
}

export function isSame(one: FileIdentity | undefined, other: FileIdentity): boolean {
  return one?.device === other.device && one.inode === other.inode;
}

/** `O_PATH | O_DIRECTORY | O_CLOEXEC`, the same on every machine of ours but for the second, which is left out. */
const O_PATH_FOLDER = 0o10000000 | 0o2000000;

function whyNot(path: string, { code, reason }: CallFailure): Sealed {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return { why: `there is no \`${path}\``, isGone: true };
    case 'ELOOP':
      return { why: `a symbolic link is on the way to \`${path}\`, which is not followed`, isGone: false };
    default:
      return { why: `\`${path}\` cannot be opened: ${reason}`, isGone: false };
  }
}
