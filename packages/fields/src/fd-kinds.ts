/** Words and letters for kinds of file descriptors, indexed by kind. */

import { type Fd, type FdKind, fdKind } from '@peregrine/state';

type Row = readonly [kind: FdKind, word: string | undefined, letter: string];

const rows: readonly Row[] = [
  [fdKind.unknown, undefined, 'o'],
  [fdKind.fileOld, 'file', 'f'],
  [fdKind.directory, 'directory', 'd'],
  [fdKind.ipv4, 'ipv4', '4'],
  [fdKind.ipv6, 'ipv6', '6'],
  [fdKind.ipv4Server, 'ipv4', '4'],
  [fdKind.ipv6Server, 'ipv6', '6'],
  [fdKind.fifo, 'pipe', 'p'],
  [fdKind.unix, 'unix', 'u'],
  [fdKind.eventfd, 'event', 'e'],
  [fdKind.unsupported, undefined, 'X'],
  [fdKind.signalfd, 'signalfd', 's'],
  [fdKind.eventpoll, 'eventpoll', 'l'],
  [fdKind.inotify, 'inotify', 'i'],
  [fdKind.timerfd, 'timerfd', 't'],
  [fdKind.netlink, 'netlink', 'n'],
  [fdKind.file, 'file', 'f'],
  [fdKind.bpf, 'bpf', 'b'],
  [fdKind.userfaultfd, 'userfaultfd', 'u'],
  [fdKind.ioUring, 'io_uring', 'r'],
  [fdKind.memfd, 'memfd', 'm'],
  [fdKind.pidfd, 'pidfd', 'P'],
];

const words: readonly (string | undefined)[] = rows.map(([, word]) => word);
const letters: readonly string[] = rows.map(([, , letter]) => letter);

/** What an fd of no known kind is called. */
const NOT_KNOWN = '<NA>';

export function wordOfKind(kind: FdKind): string {
  return words[kind] ?? NOT_KNOWN;
}

export function letterOfKind(kind: FdKind): string {
  return letters[kind] ?? 'o';
}

export function isFile(fd: Fd): boolean {
  return fd.kind === fdKind.file || fd.kind === fdKind.fileOld;
}

export function isFileOrDirectory(fd: Fd): boolean {
  return isFile(fd) || fd.kind === fdKind.directory;
}

export function isIpv4(fd: Fd): boolean {
  return fd.kind === fdKind.ipv4 || fd.kind === fdKind.ipv4Server;
}

export function isIpv6(fd: Fd): boolean {
  return fd.kind === fdKind.ipv6 || fd.kind === fdKind.ipv6Server;
}

export function isIp(fd: Fd): boolean {
  return isIpv4(fd) || isIpv6(fd);
}

export function isServerSocket(fd: Fd): boolean {
  return fd.kind === fdKind.ipv4Server || fd.kind === fdKind.ipv6Server;
}

/** What family an fd's events belong to, where the event type alone does not say. */
export type FdFamily = 'file' | 'net' | 'ipc' | 'unknown';

const families: readonly FdFamily[] = rows.map(([kind]): FdFamily => {
  switch (kind) {
    case fdKind.fileOld:
    case fdKind.file:
    case fdKind.directory:
      return 'file';
    case fdKind.ipv4:
    case fdKind.ipv6:
    case fdKind.ipv4Server:
    case fdKind.ipv6Server:
      return 'net';
    case fdKind.fifo:
    case fdKind.unix:
    case fdKind.eventfd:
    case fdKind.signalfd:
    case fdKind.inotify:
    case fdKind.userfaultfd:
      return 'ipc';
    default:
      return 'unknown';
  }
});

export function familyOf(fd: Fd | undefined): FdFamily {
  return fd === undefined ? 'unknown' : (families[fd.kind] ?? 'unknown');
}
