/** Names of internet sockets, as `fd.name` shows them. Made when asked for; see `Fd.name`. */

import { type IpAddress, renderIp } from '@peregrine/base';
import { type FdKind, fdKind, type L4, l4 } from './fd-kind.ts';

/** What a name is made of. */
interface Socket {
  readonly kind: FdKind;
  readonly l4: L4;
  readonly sourceIp: IpAddress | undefined;
  readonly sourcePort: number;
  readonly destinationIp: IpAddress | undefined;
  readonly destinationPort: number;
}

/** `source:port->destination:port`, `address:port` of a server, addresses alone for protocols without ports. */
export function socketName(fd: Socket): string {
  switch (fd.kind) {
    case fdKind.ipv4Server:
    case fdKind.ipv6Server:
      return fd.destinationIp === undefined ? '' : `${renderIp(fd.destinationIp)}:${fd.destinationPort}`;
    case fdKind.ipv4:
    case fdKind.ipv6:
      return tupleName(fd);
    default:
      return '';
  }
}

function tupleName(fd: Socket): string {
  const { sourceIp, destinationIp } = fd;
  if (sourceIp === undefined || destinationIp === undefined) return '';
  switch (fd.l4) {
    case l4.tcp:
    case l4.udp:
      return `${renderIp(sourceIp)}:${fd.sourcePort}->${renderIp(destinationIp)}:${fd.destinationPort}`;
    case l4.icmp:
    case l4.raw:
      return `${renderIp(sourceIp)}->${renderIp(destinationIp)}`;
    default:
      return '<unknown>';
  }
}

/** Name of a unix socket: kernel addresses of both ends in hex, a blank, the path (may be empty). */
export function unixSocketName(source: bigint, destination: bigint, path: string): string {
  return `${source.toString(16)}->${destination.toString(16)} ${path}`;
}
