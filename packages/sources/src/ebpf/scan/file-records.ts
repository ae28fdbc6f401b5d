/** Open descriptors as the kernel's tables of files show them. */

import type { IpAddress } from '@peregrine/base';
import { fdFlag, fdKind, type L4, l4 } from '@peregrine/state';
import { type FdFields, fileFields, type OpenFile, unmountedFields } from '../../procfs/fd-fields.ts';
import { openFlagsOf } from '../../procfs/open-flags.ts';
import { internetFields, type SocketEnd } from '../../procfs/socket-tables.ts';
import { fileLayout as at, IP_BYTES } from './scan-layout.ts';
import { exact } from './task-records.ts';

const S_IFMT = 0o170000;
const S_IFSOCK = 0o140000;
const S_IFDIR = 0o040000;
const S_IFIFO = 0o010000;

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const IPPROTO_ICMP = 1;
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;
const IPPROTO_ICMPV6 = 58;

/** `undefined` when the record lacks the name, which is longer than what there is room for. */
export function decodeFile(buffer: Buffer, start: number): FdFields | undefined {
  const ino = exact(buffer.readBigUInt64LE(start + at.inode));
  const type = buffer.readUInt32LE(start + at.mode) & S_IFMT;
  if (type === S_IFSOCK) return { ...decodeSocket(buffer, start), ino };
  const target = textOf(buffer, start, 1);
  if (target === '') return undefined;
  const open: OpenFile = {
    openFlags: openFlagsOf(buffer.readUInt32LE(start + at.flags)),
    mountId: buffer.readInt32LE(start + at.mount),
  };
  const unmounted = unmountedFields(target, () => open);
  if (unmounted !== undefined) return unmounted;
  const dev = buffer.readUInt32LE(start + at.device);
  if (type === S_IFDIR) return { kind: fdKind.directory, name: target, ino, dev };
  if (type === S_IFIFO) return { kind: fdKind.fifo, name: target, ino, dev };
  return { ...fileFields(fdKind.file, target, open), ino, dev };
}

/** `nulBytes`: how many of its last bytes are none of it. */
function textOf(buffer: Buffer, start: number, nulBytes: number): string {
  const from = start + at.sizeBytes;
  const length = buffer.readUInt32LE(start + at.length);
  return length <= nulBytes ? '' : buffer.toString('latin1', from, from + length - nulBytes);
}

function decodeSocket(buffer: Buffer, start: number): FdFields {
  switch (buffer.readUInt16LE(start + at.family)) {
    case AF_UNIX:
      return { kind: fdKind.unix, name: unixName(buffer, start) };
    case AF_INET:
      return decodeInternet(buffer, start, false);
    case AF_INET6:
      return decodeInternet(buffer, start, true);
    case AF_NETLINK:
      return { kind: fdKind.netlink };
    default:
      return { kind: fdKind.unknown };
  }
}

/** The kernel's addresses of both ends, as in events, and the path as `/proc/net/unix` writes it. */
function unixName(buffer: Buffer, start: number): string {
  const hex = (offset: number): string => buffer.readBigUInt64LE(start + offset).toString(16);
  const whole = textOf(buffer, start, 0);
  // A path ends with its NUL; the name of an abstract socket begins with one, and any other is part of it.
  const path = whole.startsWith('\0') ? whole : whole.replace(/\0$/, '');
  return `${hex(at.socket)}->${hex(at.peer)} ${path.replaceAll('\0', '@')}`;
}

function decodeInternet(buffer: Buffer, start: number, isV6: boolean): FdFields {
  const protocol = protocolOf(buffer.readUInt16LE(start + at.type), buffer.readUInt16LE(start + at.protocol));
  const local = endAt(buffer, start + at.localIp, start + at.localPort, isV6);
  const remote = endAt(buffer, start + at.remoteIp, start + at.remotePort, isV6);
  // Neither bound nor connected: as after the call that made it.
  if (local.port === 0 && remote.port === 0)
    return { kind: isV6 ? fdKind.ipv6 : fdKind.ipv4, l4: protocol, flags: fdFlag.fromProc };
  return internetFields(local, remote, protocol);
}

function endAt(buffer: Buffer, ipAt: number, portAt: number, isV6: boolean): SocketEnd {
  const ip: IpAddress = isV6 ? buffer.toString('latin1', ipAt, ipAt + IP_BYTES) : buffer.readUInt32BE(ipAt);
  return { ip, port: buffer.readUInt16LE(portAt) };
}

function protocolOf(type: number, protocol: number): L4 {
  if (type === SOCK_RAW) return l4.raw;
  switch (protocol) {
    case IPPROTO_TCP:
      return l4.tcp;
    case IPPROTO_UDP:
      return l4.udp;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      return l4.icmp;
    default:
      return l4.unknown;
  }
}
