/** File descriptors as the tables hold them. */

import type { IpBytes } from './ip.ts';
import { socketName } from './socket-name.ts';

/** Kinds, with the numbers that capture files use. */
export const fdKind = {
  unknown: 0,
  fileOld: 1,
  directory: 2,
  ipv4: 3,
  ipv6: 4,
  ipv4Server: 5,
  ipv6Server: 6,
  fifo: 7,
  unix: 8,
  eventfd: 9,
  unsupported: 10,
  signalfd: 11,
  eventpoll: 12,
  inotify: 13,
  timerfd: 14,
  netlink: 15,
  file: 16,
  bpf: 17,
  userfaultfd: 18,
  ioUring: 19,
  memfd: 20,
  pidfd: 21,
} as const;
export type FdKind = (typeof fdKind)[keyof typeof fdKind];

/** Layer-4 protocols, with the numbers that capture files use. */
export const l4 = { unknown: 0, notApplicable: 1, tcp: 2, udp: 3, icmp: 4, raw: 5 } as const;
export type L4 = (typeof l4)[keyof typeof l4];

/** Bits of `Fd.flags`. */
export const fdFlag = {
  roleServer: 1 << 0,
  roleClient: 1 << 1,
  closeOnExec: 1 << 2,
  /** It has a peer, or is about to: `fd.connected`. Stays when a connection under way fails. */
  connected: 1 << 3,
  connectionPending: 1 << 4,
  connectionFailed: 1 << 5,
  upperLayer: 1 << 6,
  lowerLayer: 1 << 7,
  cloned: 1 << 8,
  fromProc: 1 << 9,
} as const;

/**
 * One entry of an fd table. Sockets: once a role is known the tuple is stored client to server (`source` is the
 * client), whatever the direction of the call. A server socket (`ipv4Server`, `ipv6Server`) has its own address in
 * `destinationIp` and `destinationPort`, and no source.
 *
 * INVARIANT: an entry that several tables share (`isShared`) is never written to; `ownFd` gives one that may be.
 */
export class Fd {
  kind: FdKind = fdKind.unknown;
  flags = 0;
  /** `undefined`: a socket's name, not made from its tuple yet. */
  #name: string | undefined = '';
  /** The name as the caller gave it. */
  rawName = '';
  /** PPM open flags. */
  openFlags = 0;
  dev = 0;
  /** Inode number: exact within 2^53, else bigint. */
  ino: number | bigint = 0;
  mountId = 0;
  l4: L4 = l4.unknown;
  /** `undefined` until known. IPv4: unsigned 32-bit, first octet highest. IPv6: 16 bytes as byte text. */
  sourceIp: IpBytes | undefined = undefined;
  destinationIp: IpBytes | undefined = undefined;
  sourcePort = 0;
  destinationPort = 0;
  /** Part of more than one table. */
  isShared = false;

  /** Resolved name, byte text. A socket's is made from its tuple when first asked for, and kept. */
  get name(): string {
    const name = this.#name;
    if (name !== undefined) return name;
    const made = socketName(this);
    this.#name = made;
    return made;
  }

  set name(name: string) {
    this.#name = name;
  }

  /** The tuple changed: the next reader makes the name anew. */
  forgetName(): void {
    this.#name = undefined;
  }

  /** A copy of its own. */
  clone(): Fd {
    const copy = new Fd();
    copy.kind = this.kind;
    copy.flags = this.flags;
    copy.#name = this.#name;
    copy.rawName = this.rawName;
    copy.openFlags = this.openFlags;
    copy.dev = this.dev;
    copy.ino = this.ino;
    copy.mountId = this.mountId;
    copy.l4 = this.l4;
    copy.sourceIp = this.sourceIp;
    copy.destinationIp = this.destinationIp;
    copy.sourcePort = this.sourcePort;
    copy.destinationPort = this.destinationPort;
    return copy;
  }
}
