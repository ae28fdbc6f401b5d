/** Who is at which end of the event's socket. HOT: reads the entry, allocates nothing. */

import type { IpAddress } from '@peregrine/base';
import { type EventContext, type Fd, fdFlag, fdKind, type L4, l4 } from '@peregrine/state';
import { isIpv6, isServerSocket } from './fd-kinds.ts';

const ROLE = fdFlag.roleClient | fdFlag.roleServer;
/** Bytes of an IPv6 address that name its network. */
const NETWORK_BYTES = 8;
const NO_IPV6 = '\0'.repeat(16);

/** A connection (or an unconnected socket) of either family, not a listening one. */
export function isConnectionKind(fd: Fd): boolean {
  return fd.kind === fdKind.ipv4 || fd.kind === fdKind.ipv6;
}

/** Only with a role is it known which end is the client's. */
export function hasRoles(fd: Fd): boolean {
  return isConnectionKind(fd) && (fd.flags & ROLE) !== 0;
}

/** COMPAT: a raw socket's protocol shows always, others' once the socket has a role (libs 0.25). */
export function shownL4(fd: Fd): L4 {
  if (fd.l4 === l4.raw || isServerSocket(fd) || hasRoles(fd)) return fd.l4;
  return l4.notApplicable;
}

/** The address of an end that was never set is all zeros. */
export function sourceOf(fd: Fd): IpAddress {
  return fd.sourceIp ?? (isIpv6(fd) ? NO_IPV6 : 0);
}

export function destinationOf(fd: Fd): IpAddress {
  return fd.destinationIp ?? (isIpv6(fd) ? NO_IPV6 : 0);
}

export function clientIp(fd: Fd): IpAddress | undefined {
  return hasRoles(fd) ? sourceOf(fd) : undefined;
}

export function clientPort(fd: Fd): number | undefined {
  return hasRoles(fd) ? fd.sourcePort : undefined;
}

export function serverIp(fd: Fd): IpAddress | undefined {
  return hasRoles(fd) || isServerSocket(fd) ? destinationOf(fd) : undefined;
}

export function serverPort(fd: Fd): number | undefined {
  return hasRoles(fd) || isServerSocket(fd) ? fd.destinationPort : undefined;
}

/** The local end is the client's if the client's address is one of this machine's, else the server's. */
function isClientLocal(event: EventContext, fd: Fd): boolean {
  return isLocal(event, sourceOf(fd));
}

/** COMPAT: an IPv6 address is local if an interface has one in the same /64 network (libs 0.25). */
export function isLocal(event: EventContext, address: IpAddress): boolean {
  if (event.tables.isLocalAddress(address)) return true;
  if (typeof address === 'number') return false;
  for (const { address: own } of event.tables.interfaces)
    if (typeof own === 'string' && isSameNetwork(own, address)) return true;
  return false;
}

function isSameNetwork(left: string, right: string): boolean {
  for (let i = 0; i < NETWORK_BYTES; i++) if (left.charCodeAt(i) !== right.charCodeAt(i)) return false;
  return true;
}

export function localIp(fd: Fd, event: EventContext): IpAddress | undefined {
  if (!hasRoles(fd)) return undefined;
  return isClientLocal(event, fd) ? sourceOf(fd) : destinationOf(fd);
}

export function remoteIp(fd: Fd, event: EventContext): IpAddress | undefined {
  if (!hasRoles(fd)) return undefined;
  return isClientLocal(event, fd) ? destinationOf(fd) : sourceOf(fd);
}

export function localPort(fd: Fd, event: EventContext): number | undefined {
  if (!hasRoles(fd)) return undefined;
  return isClientLocal(event, fd) ? fd.sourcePort : fd.destinationPort;
}

export function remotePort(fd: Fd, event: EventContext): number | undefined {
  if (!hasRoles(fd)) return undefined;
  return isClientLocal(event, fd) ? fd.destinationPort : fd.sourcePort;
}
