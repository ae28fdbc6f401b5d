/**
 * Addresses and tuples as events carry them: family in the first byte, then addresses in network order and ports in
 * the host's. HOT: an IPv4 tuple is compared and stored without allocation; an IPv6 address becomes a string only
 * when it differs from the one that is there.
 */

import { type IpAddress, renderIp } from '@peregrine/base';
import type { EventView } from '@peregrine/events';
import { type Fd, type FdKind, fdFlag, fdKind, l4 } from '../fd.ts';

export const family = { unix: 1, inet: 2, inet6: 10, netlink: 16, packet: 17 } as const;

const INET_TUPLE_BYTES = 13;
const INET6_TUPLE_BYTES = 37;
export const UNIX_TUPLE_BYTES = 17;
const INET_ADDRESS_BYTES = 7;
const INET6_ADDRESS_BYTES = 19;

/** Family of an address or tuple parameter; 0 when the event has none. */
export function familyOf(view: EventView, param: number): number {
  return view.u8(param);
}

/**
 * Sets the tuple of an internet socket from the event. An IPv6 socket that carries IPv4 becomes one of IPv4. False
 * when nothing changed, or when the parameter is no such tuple.
 */
export function readTuple(view: EventView, param: number, fd: Fd): boolean {
  const at = view.offset(param);
  const { data } = view;
  if (familyOf(view, param) === family.inet && view.size(param) >= INET_TUPLE_BYTES)
    return setTuple(
      fd,
      fdKind.ipv4,
      data.getUint32(at + 1, false),
      data.getUint16(at + 5, true),
      data.getUint32(at + 7, false),
      data.getUint16(at + 11, true),
    );
  if (familyOf(view, param) !== family.inet6 || view.size(param) < INET6_TUPLE_BYTES) return false;
  const sourcePort = data.getUint16(at + 17, true);
  const destinationPort = data.getUint16(at + 35, true);
  if (isMapped(data, at + 1) && isMapped(data, at + 19))
    return setTuple(
      fd,
      fdKind.ipv4,
      data.getUint32(at + 13, false),
      sourcePort,
      data.getUint32(at + 31, false),
      destinationPort,
    );
  return setTuple(
    fd,
    fdKind.ipv6,
    addressAt(view.bytes, at + 1, fd.sourceIp),
    sourcePort,
    addressAt(view.bytes, at + 19, fd.destinationIp),
    destinationPort,
  );
}

function setTuple(
  fd: Fd,
  kind: FdKind,
  sourceIp: IpAddress,
  sourcePort: number,
  destinationIp: IpAddress,
  destinationPort: number,
): boolean {
  if (
    fd.kind === kind &&
    fd.sourceIp === sourceIp &&
    fd.destinationIp === destinationIp &&
    fd.sourcePort === sourcePort &&
    fd.destinationPort === destinationPort
  )
    return false;
  fd.kind = kind;
  fd.sourceIp = sourceIp;
  fd.destinationIp = destinationIp;
  fd.sourcePort = sourcePort;
  fd.destinationPort = destinationPort;
  fd.forgetName();
  return true;
}

/**
 * Whether the event's tuple, its ends swapped if `isReversed`, says something else than the entry: what must be known
 * before the entry is copied.
 */
export function differsFrom(view: EventView, param: number, fd: Fd, isReversed: boolean): boolean {
  const at = view.offset(param);
  const { data, bytes } = view;
  const firstIp = isReversed ? fd.destinationIp : fd.sourceIp;
  const firstPort = isReversed ? fd.destinationPort : fd.sourcePort;
  const secondIp = isReversed ? fd.sourceIp : fd.destinationIp;
  const secondPort = isReversed ? fd.sourcePort : fd.destinationPort;
  if (familyOf(view, param) === family.inet && view.size(param) >= INET_TUPLE_BYTES)
    return (
      fd.kind !== fdKind.ipv4 ||
      firstIp !== data.getUint32(at + 1, false) ||
      firstPort !== data.getUint16(at + 5, true) ||
      secondIp !== data.getUint32(at + 7, false) ||
      secondPort !== data.getUint16(at + 11, true)
    );
  if (familyOf(view, param) !== family.inet6 || view.size(param) < INET6_TUPLE_BYTES) return false;
  if (firstPort !== data.getUint16(at + 17, true) || secondPort !== data.getUint16(at + 35, true))
    return true;
  if (isMapped(data, at + 1) && isMapped(data, at + 19))
    return firstIp !== data.getUint32(at + 13, false) || secondIp !== data.getUint32(at + 31, false);
  return (
    typeof firstIp !== 'string' ||
    typeof secondIp !== 'string' ||
    !equals(firstIp, bytes, at + 1) ||
    !equals(secondIp, bytes, at + 19)
  );
}

/** What a bind gives the socket: without a port only a name. False when the address is of no internet family. */
export function readServerAddress(view: EventView, param: number, fd: Fd): boolean {
  const at = view.offset(param);
  const { data } = view;
  if (familyOf(view, param) === family.inet && view.size(param) >= INET_ADDRESS_BYTES)
    return setServer(fd, fdKind.ipv4Server, data.getUint32(at + 1, false), data.getUint16(at + 5, true));
  if (familyOf(view, param) !== family.inet6 || view.size(param) < INET6_ADDRESS_BYTES) return false;
  const port = data.getUint16(at + 17, true);
  if (isMapped(data, at + 1)) return setServer(fd, fdKind.ipv4Server, data.getUint32(at + 13, false), port);
  return setServer(fd, fdKind.ipv6Server, addressAt(view.bytes, at + 1, undefined), port);
}

function setServer(fd: Fd, kind: FdKind, address: IpAddress, port: number): boolean {
  if (port === 0) {
    fd.name = `${renderIp(address)}:0`;
    return true;
  }
  fd.kind = kind;
  fd.flags = (fd.flags & ~fdFlag.roleClient) | fdFlag.roleServer;
  fd.sourceIp = undefined;
  fd.sourcePort = 0;
  fd.destinationIp = address;
  fd.destinationPort = port;
  fd.forgetName();
  return true;
}

export function swapEnds(fd: Fd): void {
  const { sourceIp, sourcePort } = fd;
  fd.sourceIp = fd.destinationIp;
  fd.sourcePort = fd.destinationPort;
  fd.destinationIp = sourceIp;
  fd.destinationPort = sourcePort;
  fd.forgetName();
}

export function isInternet(kind: FdKind): boolean {
  return (
    kind === fdKind.ipv4 || kind === fdKind.ipv6 || kind === fdKind.ipv4Server || kind === fdKind.ipv6Server
  );
}

export function isTcp(fd: Fd): boolean {
  return fd.l4 === l4.tcp && isInternet(fd.kind);
}

/** `::ffff:a.b.c.d`. */
function isMapped(data: DataView, at: number): boolean {
  return (
    data.getUint32(at, false) === 0 &&
    data.getUint32(at + 4, false) === 0 &&
    data.getUint32(at + 8, false) === 0xffff
  );
}

/** The 16 bytes as byte text: `known` itself when it is the same. */
function addressAt(bytes: Uint8Array, at: number, known: IpAddress | undefined): string {
  if (typeof known === 'string' && equals(known, bytes, at)) return known;
  let text = '';
  for (let i = 0; i < 16; i++) text += String.fromCharCode(bytes[at + i] ?? 0);
  return text;
}

function equals(known: string, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 16; i++) if (known.charCodeAt(i) !== bytes[at + i]) return false;
  return true;
}

/** Byte text of the NUL-ended path at `skip` bytes into a unix address or tuple. */
export function unixPath(view: EventView, param: number, skip: number): string {
  const whole = view.wholeText(param);
  const end = whole.indexOf('\0', skip);
  return whole.slice(skip, end < 0 ? whole.length : end);
}
