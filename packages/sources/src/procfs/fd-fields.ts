/** Fields of open descriptors, by what their links in /proc say; the same whoever looked. */

import { type FdKind, type FdRecord, fdFlag, fdKind, l4 } from '@peregrine/state';
import { openFlagBit } from './open-flags.ts';

export type FdFields = Partial<FdRecord> & { readonly kind: FdKind };

/** Descriptors of one process that are looked at; beyond, a process can hold us up. */
export const MOST_FDS = 65_536;

export const emptyFd = {
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

export interface OpenFile {
  /** Of events. */
  readonly openFlags: number;
  /** One number for each mount of the whole system. */
  readonly mountId: number;
}

export function fileFields(kind: FdKind, name: string, { openFlags, mountId }: OpenFile): FdFields {
  const flags = fdFlag.fromProc | (openFlags & openFlagBit.closeOnExec ? fdFlag.closeOnExec : 0);
  return { kind, name, openFlags, mountId, flags };
}

/** Fields of what is in no file system that has paths; `undefined` for what is. */
export function unmountedFields(target: string, open: () => OpenFile): FdFields | undefined {
  if (target.startsWith('pipe:[')) return { kind: fdKind.fifo, name: target, ino: inodeIn(target) };
  if (target.startsWith('anon_inode:')) return { kind: anonymousKind(target.slice('anon_inode:'.length)) };
  if (target.startsWith('/memfd:')) return fileFields(fdKind.memfd, memfdName(target), open());
  return target.startsWith('/') ? undefined : { kind: fdKind.unsupported, name: target };
}

export function inodeIn(target: string): number {
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
