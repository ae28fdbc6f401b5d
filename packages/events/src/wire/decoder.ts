/** Parameters of an event as plain JS values: the inverse of the encoder. Allocates; not for the path of live events. */

import type { ParamDeclaration } from '../event-type.ts';
import { eventTypeOf } from '../types/roster.ts';
import { variantsOf } from '../types/variants.ts';
import type { EventView } from './event-view.ts';
import { layoutOf, type ParamValue, type PolledFd, socketFamily } from './param-value.ts';

/** All parameters that the event carries. Those that are too short for their type, or empty, are `undefined`. */
export function decodeParams(view: EventView): ParamValue[] {
  const type = eventTypeOf(view.code);
  const values: ParamValue[] = [];
  for (let i = 0; i < view.paramCount; i++) {
    const declaration = type?.params[i];
    values.push(declaration === undefined ? view.view(i).slice() : decodeParam(view, i, declaration));
  }
  return values;
}

/** One parameter of an event, read as the declaration says. */
export function decodeParam(view: EventView, index: number, declaration: ParamDeclaration): ParamValue {
  if (view.size(index) === 0) return undefined;
  return decodeValue(view.view(index), declaration);
}

function decodeValue(bytes: Uint8Array, declaration: ParamDeclaration): ParamValue {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const layout = layoutOf(declaration.type);
  switch (layout) {
    case 'i8':
      return data.getInt8(0);
    case 'u8':
      return data.getUint8(0);
    case 'i16':
      return bytes.length < 2 ? undefined : data.getInt16(0, true);
    case 'u16':
      return bytes.length < 2 ? undefined : data.getUint16(0, true);
    case 'i32':
      return bytes.length < 4 ? undefined : data.getInt32(0, true);
    case 'u32':
      return bytes.length < 4 ? undefined : data.getUint32(0, true);
    case 'ipv4':
      return bytes.length < 4 ? undefined : data.getUint32(0, false);
    case 'i64':
      return bytes.length < 8 ? undefined : data.getBigInt64(0, true);
    case 'u64':
      return bytes.length < 8 ? undefined : data.getBigUint64(0, true);
    case 'f64':
      return bytes.length < 8 ? undefined : data.getFloat64(0, true);
    case 'ip':
      return bytes.length === 4 ? data.getUint32(0, false) : latin1(bytes);
    case 'text':
      return textUpToNul(bytes);
    case 'bytes':
      return bytes.slice();
    case 'socket-address':
      return decodeSocketAddress(bytes, data);
    case 'socket-tuple':
      return decodeSocketTuple(bytes, data);
    case 'fd-list':
      return decodePolled(data);
    default: {
      const variant = data.getUint8(0);
      const inner = variantsOf(declaration.variants ?? '')[variant];
      if (inner === undefined) return undefined;
      return { variant, value: bytes.length === 1 ? undefined : decodeValue(bytes.subarray(1), inner) };
    }
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function textUpToNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return latin1(end < 0 ? bytes : bytes.subarray(0, end));
}

function decodeSocketAddress(bytes: Uint8Array, data: DataView): ParamValue {
  const number = data.getUint8(0);
  if (number === socketFamily.inet && bytes.length >= 7) {
    return { family: 'inet', ip: data.getUint32(1, false), port: data.getUint16(5, true) };
  }
  if (number === socketFamily.inet6 && bytes.length >= 19) {
    return { family: 'inet', ip: latin1(bytes.subarray(1, 17)), port: data.getUint16(17, true) };
  }
  if (number === socketFamily.unix) return { family: 'unix', path: textUpToNul(bytes.subarray(1)) };
  return { family: 'other', number };
}

function decodeSocketTuple(bytes: Uint8Array, data: DataView): ParamValue {
  const number = data.getUint8(0);
  if (number === socketFamily.inet && bytes.length >= 13) {
    return {
      family: 'inet',
      sourceIp: data.getUint32(1, false),
      sourcePort: data.getUint16(5, true),
      destinationIp: data.getUint32(7, false),
      destinationPort: data.getUint16(11, true),
    };
  }
  if (number === socketFamily.inet6 && bytes.length >= 37) {
    return {
      family: 'inet',
      sourceIp: latin1(bytes.subarray(1, 17)),
      sourcePort: data.getUint16(17, true),
      destinationIp: latin1(bytes.subarray(19, 35)),
      destinationPort: data.getUint16(35, true),
    };
  }
  if (number === socketFamily.unix && bytes.length >= 17) {
    const source = data.getBigUint64(1, true);
    const destination = data.getBigUint64(9, true);
    return { family: 'unix', source, destination, path: textUpToNul(bytes.subarray(17)) };
  }
  return { family: 'other', number };
}

function decodePolled(data: DataView): ParamValue {
  if (data.byteLength < 2) return undefined;
  const list: PolledFd[] = [];
  const count = Math.min(data.getUint16(0, true), Math.floor((data.byteLength - 2) / 10));
  for (let i = 0, at = 2; i < count; i++, at += 10) {
    list.push({ fd: Number(data.getBigInt64(at, true)), flags: data.getUint16(at + 8, true) });
  }
  return list;
}
