/** Lists of open file descriptors of captures, both versions. One block for each process. */

import { blockType } from '@peregrine/events';
import { type FdKind, type FdRecord, fdKind, type L4, l4 } from '@peregrine/state';
import { Cursor } from './cursor.ts';

/** Fewer bytes than this at the end are padding. */
const SMALLEST_ENTRY_BYTES = 4;
const IPV6_BYTES = 16;

const kindByNumber: ReadonlyMap<number, FdKind> = new Map(Object.values(fdKind).map((kind) => [kind, kind]));
const l4ByNumber: ReadonlyMap<number, L4> = new Map(
  Object.values(l4).map((protocol) => [protocol, protocol]),
);

export function decodeFds(type: number, body: Uint8Array, take: (record: FdRecord) => void): void {
  const hasSizes = type === blockType.fds;
  const cursor = new Cursor(body);
  const tid = cursor.i64();
  while (cursor.left >= SMALLEST_ENTRY_BYTES) {
    const outer = cursor.enter(hasSizes ? cursor.u32() - 4 : cursor.left);
    const fd = cursor.i64();
    const ino = cursor.u64();
    take({ ...NOTHING, tid, fd, ino, ...decodeKind(cursor, cursor.u8(), hasSizes) });
    if (hasSizes) cursor.leave(outer);
  }
}

const NOTHING = {
  dev: 0,
  mountId: 0,
  openFlags: 0,
  flags: 0,
  name: '',
  l4: l4.unknown,
  sourceIp: undefined,
  destinationIp: undefined,
  sourcePort: 0,
  destinationPort: 0,
} as const;

function decodeKind(cursor: Cursor, number: number, hasSizes: boolean): Partial<FdRecord> & { kind: FdKind } {
  const kind = kindByNumber.get(number);
  switch (kind) {
    case fdKind.ipv4:
      return { kind, ...tuple(cursor.u32Network(), cursor.u32Network(), cursor) };
    case fdKind.ipv6:
      return { kind, ...tuple(cursor.bytes(IPV6_BYTES), cursor.bytes(IPV6_BYTES), cursor) };
    case fdKind.ipv4Server:
      return {
        kind,
        destinationIp: cursor.u32Network(),
        destinationPort: cursor.u16(),
        l4: protocol(cursor),
      };
    case fdKind.ipv6Server:
      return {
        kind,
        destinationIp: cursor.bytes(IPV6_BYTES),
        destinationPort: cursor.u16(),
        l4: protocol(cursor),
      };
    case fdKind.unix: {
      const source = cursor.bigU64();
      const destination = cursor.bigU64();
      return { kind, name: `${source.toString(16)}->${destination.toString(16)} ${cursor.text().trimEnd()}` };
    }
    case fdKind.file: {
      const openFlags = cursor.u32();
      const name = cursor.text();
      return { kind, openFlags, name, dev: hasSizes && cursor.left >= 4 ? cursor.u32() : 0 };
    }
    case undefined:
      return { kind: fdKind.unsupported, name: `unknown-type:[${number}]` };
    default:
      return { kind, name: cursor.text() };
  }
}

function tuple(sourceIp: number | string, destinationIp: number | string, cursor: Cursor): Partial<FdRecord> {
  const sourcePort = cursor.u16();
  const destinationPort = cursor.u16();
  return { sourceIp, destinationIp, sourcePort, destinationPort, l4: protocol(cursor) };
}

function protocol(cursor: Cursor): L4 {
  return l4ByNumber.get(cursor.u8()) ?? l4.unknown;
}
