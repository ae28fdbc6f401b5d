/**
 * Socket tables of network namespaces, by inode. For those of TCP the kernel walks a hash table that grows with the
 * memory of the machine, several milliseconds even where there are no connections, so they are read last, and only
 * for a socket that no other table has.
 */

import type { IpAddress } from '@peregrine/base';
import { fdKind, type L4, l4 } from '@peregrine/state';
import type { FdFields } from './fd-fields.ts';
import { linkTarget, type ProcFiles, statOf } from './proc-files.ts';

interface Table {
  readonly file: string;
  readonly parse: (text: string, sockets: Map<number, FdFields>) => void;
}

/** The cheap ones first. */
const tables: readonly Table[] = [
  { file: 'unix', parse: parseUnix },
  { file: 'netlink', parse: parseNetlink },
  ...(['udp', 'udp6'] as const).map((file) => internet(file, l4.udp)),
  ...(['raw', 'raw6'] as const).map((file) => internet(file, l4.raw)),
  ...(['tcp', 'tcp6'] as const).map((file) => internet(file, l4.tcp)),
];

/** Tables are read anew when they are older than this many times what reading them took. */
const AGE_FACTOR = 20;

export class SocketTables {
  readonly #files: ProcFiles;
  readonly #nowMs: (() => number) | undefined;
  readonly #byNamespace = new Map<string, NamespaceSockets>();

  /** Without a clock, each namespace is read once; with one, what ages is read anew, within a share of the time. */
  constructor(files: ProcFiles, nowMs?: () => number) {
    this.#files = files;
    this.#nowMs = nowMs;
  }

  /** Sockets of the namespace that the process is in. */
  of(processPath: string): NamespaceSockets {
    const namespace = linkTarget(`${processPath}/ns/net`) ?? '';
    this.#forget();
    const known = this.#byNamespace.get(namespace);
    if (known !== undefined) return known;
    const sockets = new NamespaceSockets(this.#files, this.#nowMs);
    if (namespace !== '') this.#byNamespace.set(namespace, sockets);
    return sockets;
  }

  #forget(): void {
    if (this.#nowMs === undefined) return;
    const nowMs = this.#nowMs();
    for (const [namespace, sockets] of this.#byNamespace) {
      if (nowMs - sockets.startMs > AGE_FACTOR * sockets.spentMs) this.#byNamespace.delete(namespace);
    }
  }
}

export class NamespaceSockets {
  readonly #files: ProcFiles;
  readonly #nowMs: (() => number) | undefined;
  readonly #byInode = new Map<number, FdFields>();
  /** Tables that were read. */
  #tableCount = 0;
  readonly startMs: number;
  /** What reading took so far, milliseconds. */
  spentMs = 0;

  constructor(files: ProcFiles, nowMs: (() => number) | undefined) {
    this.#files = files;
    this.#nowMs = nowMs;
    this.startMs = nowMs?.() ?? 0;
  }

  /** `processPath`: a process of the namespace that is likely there still. */
  find(processPath: string, ino: number): FdFields | undefined {
    for (;;) {
      const found = this.#byInode.get(ino);
      if (found !== undefined) return found;
      const table = tables[this.#tableCount];
      if (table === undefined || !this.#read(processPath, table)) return undefined;
      this.#tableCount++;
    }
  }

  /** False when the process is gone; a table may be missing, such as that of a protocol that is switched off. */
  #read(processPath: string, table: Table): boolean {
    const start = this.#nowMs?.() ?? 0;
    const text = this.#files.text(`${processPath}/net/${table.file}`);
    if (text !== undefined) table.parse(text, this.#byInode);
    this.spentMs += (this.#nowMs?.() ?? 0) - start;
    return text !== undefined || statOf(processPath) !== undefined;
  }
}

function internet(file: string, protocol: L4): Table {
  return { file, parse: (text, sockets) => parseInternet(text, protocol, sockets) };
}

/** Lines of tcp, udp and raw tables: number, local and remote `address:port`, ..., the inode as tenth column. */
export function parseInternet(text: string, protocol: L4, sockets: Map<number, FdFields>): void {
  for (const line of text.split('\n')) {
    const columns = line.trim().split(/\s+/, 10);
    const local = parseEnd(columns[1]);
    const remote = parseEnd(columns[2]);
    const inode = Number(columns[9]);
    if (local === undefined || remote === undefined || !(inode > 0)) continue;
    sockets.set(inode, internetFields(local, remote, protocol));
  }
}

export interface SocketEnd {
  readonly ip: IpAddress;
  readonly port: number;
}

/** Of a socket that is in a table of its protocol: one without a peer is a server. */
export function internetFields(local: SocketEnd, remote: SocketEnd, protocol: L4): FdFields {
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

function isNoAddress(ip: IpAddress): boolean {
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
export function parseUnix(text: string, sockets: Map<number, FdFields>): void {
  for (const line of text.split('\n')) {
    const match = UNIX_LINE.exec(line);
    if (match === null) continue;
    const [, address = '0', inode, path = ''] = match;
    const name = `${BigInt(`0x${address}`).toString(16)}->0 ${path}`;
    sockets.set(Number(inode), { kind: fdKind.unix, name });
  }
}

/** The inode is the last column. */
export function parseNetlink(text: string, sockets: Map<number, FdFields>): void {
  for (const line of text.split('\n')) {
    const inode = Number(line.trim().split(/\s+/).at(-1));
    if (inode > 0) sockets.set(inode, { kind: fdKind.netlink });
  }
}
