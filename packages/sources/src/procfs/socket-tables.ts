/** Socket tables of network namespaces, by inode. Each namespace is read once. */

import { type FdKind, type FdRecord, fdKind, type IpBytes, type L4, l4 } from '@peregrine/state';
import { linkTarget, type ProcFiles } from './proc-files.ts';

export type SocketFields = Partial<FdRecord> & { readonly kind: FdKind };

export class SocketTables {
  readonly #files: ProcFiles;
  readonly #byNamespace = new Map<string, ReadonlyMap<number, SocketFields>>();

  constructor(files: ProcFiles) {
    this.#files = files;
  }

  /** Sockets of the namespace that the process is in. */
  of(processPath: string): ReadonlyMap<number, SocketFields> {
    const namespace = linkTarget(`${processPath}/ns/net`) ?? '';
    const known = this.#byNamespace.get(namespace);
    if (known !== undefined) return known;
    const sockets = this.#read(`${processPath}/net`);
    if (namespace !== '') this.#byNamespace.set(namespace, sockets);
    return sockets;
  }

  #read(path: string): ReadonlyMap<number, SocketFields> {
    const sockets = new Map<number, SocketFields>();
    this.#internet(`${path}/tcp`, l4.tcp, sockets);
    this.#internet(`${path}/udp`, l4.udp, sockets);
    this.#internet(`${path}/raw`, l4.raw, sockets);
    parseUnix(this.#files.text(`${path}/unix`) ?? '', sockets);
    parseNetlink(this.#files.text(`${path}/netlink`) ?? '', sockets);
    if (this.#internet(`${path}/tcp6`, l4.tcp, sockets)) {
      this.#internet(`${path}/udp6`, l4.udp, sockets);
      this.#internet(`${path}/raw6`, l4.raw, sockets);
    }
    return sockets;
  }

  #internet(path: string, protocol: L4, sockets: Map<number, SocketFields>): boolean {
    const text = this.#files.text(path);
    if (text !== undefined) parseInternet(text, protocol, sockets);
    return text !== undefined;
  }
}

/** Lines of tcp, udp and raw tables: number, local and remote `address:port`, ..., the inode as tenth column. */
export function parseInternet(text: string, protocol: L4, sockets: Map<number, SocketFields>): void {
  for (const line of text.split('\n')) {
    const columns = line.trim().split(/\s+/, 10);
    const local = parseEnd(columns[1]);
    const remote = parseEnd(columns[2]);
    const inode = Number(columns[9]);
    if (local === undefined || remote === undefined || !(inode > 0)) continue;
    sockets.set(inode, internetFields(local, remote, protocol));
  }
}

interface SocketEnd {
  readonly ip: IpBytes;
  readonly port: number;
}

function internetFields(local: SocketEnd, remote: SocketEnd, protocol: L4): SocketFields {
  const isV6 = typeof local.ip === 'string';
  if (isNoAddress(remote.ip)) {
    const kind = isV6 ? fdKind.ipv6Server : fdKind.ipv4Server;
    return { kind, l4: protocol, destinationIp: local.ip, destinationPort: local.port };
  }
  return {
    kind: isV6 ? fdKind.ipv6 : fdKind.ipv4,
    l4: protocol,
    sourceIp: local.ip,
    sourcePort: local.port,
    destinationIp: remote.ip,
    destinationPort: remote.port,
  };
}

const NO_IPV6 = '\0'.repeat(16);

function isNoAddress(ip: IpBytes): boolean {
  return ip === 0 || ip === NO_IPV6;
}

const END = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/;

/** Addresses are written as 32-bit numbers in the machine's order, so the bytes of each come backwards. */
function parseEnd(text: string | undefined): SocketEnd | undefined {
  const match = END.exec(text ?? '');
  if (match === null) return undefined;
  const bytes = Buffer.from(match[1] ?? '', 'hex');
  bytes.swap32();
  const ip = bytes.length === 4 ? bytes.readUInt32BE(0) : bytes.toString('latin1');
  return { ip, port: Number.parseInt(match[2] ?? '', 16) };
}

const UNIX_LINE = /^([0-9a-f]+): \S+ \S+ \S+ \S+ \S+ +(\d+) ?(.*)$/;

/** The first column is the socket's kernel address, all zeros to those who may not know. */
export function parseUnix(text: string, sockets: Map<number, SocketFields>): void {
  for (const line of text.split('\n')) {
    const match = UNIX_LINE.exec(line);
    if (match === null) continue;
    const [, address = '0', inode, path = ''] = match;
    const name = `${BigInt(`0x${address}`).toString(16)}->0 ${path}`;
    sockets.set(Number(inode), { kind: fdKind.unix, name });
  }
}

/** The inode is the last column. */
export function parseNetlink(text: string, sockets: Map<number, SocketFields>): void {
  for (const line of text.split('\n')) {
    const inode = Number(line.trim().split(/\s+/).at(-1));
    if (inode > 0) sockets.set(inode, { kind: fdKind.netlink });
  }
}
