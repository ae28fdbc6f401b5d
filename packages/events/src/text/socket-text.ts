/** Addresses, tuples and descriptor lists as parameters print them. */

import { type IpAddress, renderIp } from '@peregrine/base';
import type { EventView } from '../wire/event-view.ts';
import { socketFamily } from '../wire/param-value.ts';
import { MISSING, MISSING_BYTES, type ParamNames } from './param-names.ts';

const UNIX_PATH_OFFSET = 17;
/** Descriptor (64 bits) and poll flags (16 bits). */
const POLLED_BYTES = 10;

/** `address:port`, or the path of a unix socket. */
export function socketAddressText(view: EventView, start: number, end: number): string {
  const family = view.bytes[start] as number;
  const size = addressSize(family);
  if (family === socketFamily.unix) return textUpToNul(view.bytes, start + 1, end);
  if (size === 0) return `family ${family}`;
  if (end - start < 1 + size + 2) return MISSING;
  const ip = renderIp(addressAt(view, start + 1, size));
  return `${ip}:${view.data.getUint16(start + 1 + size, true)}`;
}

/** `source:port->destination:port`; for unix sockets both kernel addresses and the path. */
export function socketTupleText(view: EventView, start: number, end: number): string {
  const { data } = view;
  const family = view.bytes[start] as number;
  if (family === socketFamily.unix) {
    if (end - start < UNIX_PATH_OFFSET) return MISSING_BYTES;
    const source = data.getBigUint64(start + 1, true).toString(16);
    const destination = data.getBigUint64(start + 9, true).toString(16);
    return `${source}->${destination} ${textUpToNul(view.bytes, start + UNIX_PATH_OFFSET, end)}`;
  }
  const size = addressSize(family);
  if (size === 0) return `family ${family}`;
  const half = size + 2;
  if (end - start < 1 + 2 * half) return MISSING_BYTES;
  const source = renderIp(addressAt(view, start + 1, size));
  const destination = renderIp(addressAt(view, start + 1 + half, size));
  const sourcePort = data.getUint16(start + 1 + size, true);
  const destinationPort = data.getUint16(start + 1 + half + size, true);
  return `${source}:${sourcePort}->${destination}:${destinationPort}`;
}

/** `3:f1 4:p5`: descriptor, kind, poll flags in hexadecimal. */
export function fdListText(data: DataView, start: number, end: number, names: ParamNames): string {
  const entries: string[] = [];
  const count = Math.min(data.getUint16(start, true), Math.floor((end - start - 2) / POLLED_BYTES));
  for (let i = 0, at = start + 2; i < count; i++, at += POLLED_BYTES) {
    const fd = Number(data.getBigInt64(at, true));
    entries.push(`${fd}:${names.fdTypeChar(fd) ?? '?'}${data.getUint16(at + 8, true).toString(16)}`);
  }
  return entries.join(' ');
}

/** An address of 4 or 16 bytes in network order. */
export function addressAt(view: EventView, start: number, size: number): IpAddress {
  return size === 4 ? view.data.getUint32(start, false) : latin1(view.bytes, start, start + size);
}

export function textUpToNul(bytes: Uint8Array, start: number, end: number): string {
  const nul = bytes.indexOf(0, start);
  return latin1(bytes, start, nul < 0 || nul > end ? end : nul);
}

function addressSize(family: number): number {
  if (family === socketFamily.inet) return 4;
  return family === socketFamily.inet6 ? 16 : 0;
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}
