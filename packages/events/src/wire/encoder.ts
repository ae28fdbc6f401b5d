/** Events to bytes, from typed values. For tests, recordings and synthetic events; live events come as bytes. */

import type { IpAddress } from '@peregrine/base';
import type { EventType, ParamDeclaration } from '../event-type.ts';
import { eventTypeOf } from '../types/roster.ts';
import { variantsOf } from '../types/variants.ts';
import { ByteWriter } from './byte-writer.ts';
import { EventView, HEADER_BYTES } from './event-view.ts';
import {
  layoutOf,
  type ParamValue,
  type SocketAddressValue,
  type SocketTupleValue,
  socketFamily,
} from './param-value.ts';
import { TextInterner } from './text-interner.ts';

/** Where the header says how long the event is. */
const TOTAL_OFFSET = 16;

export interface EventInput {
  readonly code: number;
  /** -1, which is "none", unless stated. */
  readonly tid?: number;
  readonly timestampNs?: bigint;
  readonly cpu?: number;
  /**
   * In wire order; may be fewer than the type has, as old recorders wrote them. Bytes are taken as they are, whatever
   * the type.
   */
  readonly params: readonly ParamValue[];
}

/** The event's header, lengths and values. Throws a `TypeError` when a value does not fit its parameter's type. */
export function encodeEvent(event: EventInput): Uint8Array {
  const type = eventTypeOf(event.code);
  if (type === undefined) throw new TypeError(`no event type has code ${event.code}`);
  const { lengthBytes } = type;
  const writer = new ByteWriter();
  writer.u64(event.timestampNs ?? 0n).u64(event.tid ?? -1);
  writer.u32(0).u16(event.code).u32(event.params.length);
  writer.bytes(new Uint8Array(event.params.length * lengthBytes));
  for (const [index, value] of event.params.entries()) {
    const start = writer.size;
    writeParam(writer, declarationOf(type, index), value);
    const length = writer.size - start;
    const at = HEADER_BYTES + index * lengthBytes;
    if (lengthBytes === 4) writer.patchU32(at, length);
    else if (length <= 0xffff) writer.patchU16(at, length);
    else throw new TypeError(`a parameter of ${type.wireName} has more than 65535 bytes`);
  }
  writer.patchU32(TOTAL_OFFSET, writer.size);
  return writer.toBytes();
}

/** The event as a view of its own, as if it had just been read. */
export function encodeView(event: EventInput, interner: TextInterner = new TextInterner()): EventView {
  const bytes = encodeEvent(event);
  const view = new EventView(interner);
  view.attach(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  view.moveTo(0, eventTypeOf(event.code)?.lengthBytes ?? 2, event.cpu ?? 0);
  return view;
}

function declarationOf(type: EventType, index: number): ParamDeclaration {
  const declaration = type.params[index];
  if (declaration === undefined) throw new TypeError(`${type.wireName} has no parameter ${index}`);
  return declaration;
}

function writeParam(writer: ByteWriter, declaration: ParamDeclaration, value: ParamValue): void {
  if (value instanceof Uint8Array) writer.bytes(value);
  else if (value !== undefined) write(writer, declaration, value);
}

function write(writer: ByteWriter, declaration: ParamDeclaration, value: NonNullable<ParamValue>): void {
  const layout = layoutOf(declaration.type);
  switch (layout) {
    case 'i8':
    case 'u8':
      writer.u8(Number(numberIn(declaration, value)));
      return;
    case 'i16':
    case 'u16':
      writer.u16(Number(numberIn(declaration, value)));
      return;
    case 'i32':
    case 'u32':
      writer.u32(Number(numberIn(declaration, value)));
      return;
    case 'i64':
    case 'u64':
      writer.u64(numberIn(declaration, value));
      return;
    case 'f64':
      writer.f64(Number(numberIn(declaration, value)));
      return;
    case 'ipv4':
      writer.u32Network(Number(numberIn(declaration, value)));
      return;
    default:
      if (!writeVariable(writer, declaration, value)) throw mismatch(declaration);
  }
}

/** False when the value is of no form that the layout has. */
function writeVariable(
  writer: ByteWriter,
  declaration: ParamDeclaration,
  value: NonNullable<ParamValue>,
): boolean {
  const layout = layoutOf(declaration.type);
  if (layout === 'bytes' && value instanceof Uint8Array) writer.bytes(value);
  else if (layout === 'text' && typeof value === 'string') writer.text(value).u8(0);
  else if (layout === 'bytes' && typeof value === 'string') writer.text(value);
  else if (layout === 'ip' && (typeof value === 'string' || typeof value === 'number'))
    writeAddress(writer, value);
  else if (layout === 'fd-list' && Array.isArray(value)) writePolled(writer, value);
  else if (layout === 'socket-address' && isSocketAddress(value)) writeSocketAddress(writer, value);
  else if (layout === 'socket-tuple' && isSocketTuple(value)) writeSocketTuple(writer, value);
  else return layout === 'dynamic' && writeDynamic(writer, declaration, value);
  return true;
}

function writeDynamic(
  writer: ByteWriter,
  declaration: ParamDeclaration,
  value: NonNullable<ParamValue>,
): boolean {
  if (typeof value !== 'object' || !('variant' in value)) return false;
  const variant = variantsOf(declaration.variants ?? '')[value.variant];
  if (variant === undefined) return false;
  writer.u8(value.variant);
  if (value.value !== undefined) write(writer, variant, value.value);
  return true;
}

function numberIn(declaration: ParamDeclaration, value: ParamValue): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  throw mismatch(declaration);
}

function mismatch(declaration: ParamDeclaration): TypeError {
  return new TypeError(
    `the value of parameter \`${declaration.name}\` does not fit type ${declaration.type}`,
  );
}

function isSocketAddress(value: NonNullable<ParamValue>): value is SocketAddressValue {
  return typeof value === 'object' && 'family' in value && !('sourceIp' in value) && !('source' in value);
}

function isSocketTuple(value: NonNullable<ParamValue>): value is SocketTupleValue {
  return (
    typeof value === 'object' &&
    'family' in value &&
    ('sourceIp' in value || 'source' in value || 'number' in value)
  );
}

function writeAddress(writer: ByteWriter, ip: IpAddress): void {
  if (typeof ip === 'number') writer.u32Network(ip);
  else writer.text(ip);
}

function familyOf(ip: IpAddress): number {
  return typeof ip === 'number' ? socketFamily.inet : socketFamily.inet6;
}

function writeSocketAddress(writer: ByteWriter, value: SocketAddressValue): void {
  switch (value.family) {
    case 'inet':
      writer.u8(familyOf(value.ip));
      writeAddress(writer, value.ip);
      writer.u16(value.port);
      return;
    case 'unix':
      writer.u8(socketFamily.unix).text(value.path).u8(0);
      return;
    default:
      writer.u8(value.number);
  }
}

function writeSocketTuple(writer: ByteWriter, value: SocketTupleValue): void {
  switch (value.family) {
    case 'inet':
      writer.u8(familyOf(value.sourceIp));
      writeAddress(writer, value.sourceIp);
      writer.u16(value.sourcePort);
      writeAddress(writer, value.destinationIp);
      writer.u16(value.destinationPort);
      return;
    case 'unix':
      writer.u8(socketFamily.unix).u64(value.source).u64(value.destination).text(value.path).u8(0);
      return;
    default:
      writer.u8(value.number);
  }
}

function writePolled(
  writer: ByteWriter,
  list: readonly { readonly fd: number; readonly flags: number }[],
): void {
  writer.u16(list.length);
  for (const { fd, flags } of list) writer.u64(fd).u16(flags);
}
