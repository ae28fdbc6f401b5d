/** File descriptors as the tables hold them. */

import type { IpAddress } from '@peregrine/base';
import { type FdKind, fdKind, type L4, l4 } from './fd-kind.ts';
import { socketName } from './socket-name.ts';

export { type FdKind, fdFlag, fdKind, type L4, l4 } from './fd-kind.ts';

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
  sourceIp: IpAddress | undefined = undefined;
  destinationIp: IpAddress | undefined = undefined;
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
