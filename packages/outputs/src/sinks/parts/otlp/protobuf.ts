/** Protocol buffers, encoding only: a message is a plain object, and a description says which field has which number. */

export type Scalar = 'text' | 'hex' | 'flag' | 'varint' | 'fixed64' | 'double';

/** Name of each field, with its number and what it holds. Lists are repeated fields. */
export interface MessageType {
  readonly [field: string]: readonly [number: number, holds: Scalar | (() => MessageType)];
}

/** Numbers of 64 bits are bigints. `undefined` is left out. */
export type Message = { readonly [field: string]: Value | undefined };
export type Value = string | number | bigint | boolean | Message | readonly Value[];

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const MASK_64 = (1n << 64n) - 1n;

export function encodeMessage(message: Message, type: MessageType): Buffer {
  const parts: Uint8Array[] = [];
  for (const [name, [number, holds]] of Object.entries(type)) {
    const value = message[name];
    if (value === undefined) continue;
    for (const item of isList(value) ? value : [value]) {
      const { wire, bytes } = encodeValue(item, holds);
      parts.push(varint(BigInt(number * 8 + wire)));
      if (wire === DELIMITED) parts.push(varint(BigInt(bytes.length)));
      parts.push(bytes);
    }
  }
  return Buffer.concat(parts);
}

function encodeValue(
  value: Value,
  holds: Scalar | (() => MessageType),
): { readonly wire: number; readonly bytes: Uint8Array } {
  if (typeof holds === 'function') {
    if (typeof value !== 'object' || isList(value)) throw new Error('a message is wanted');
    return { wire: DELIMITED, bytes: encodeMessage(value, holds()) };
  }
  switch (holds) {
    case 'text':
      return { wire: DELIMITED, bytes: Buffer.from(String(value), 'utf8') };
    case 'hex':
      return { wire: DELIMITED, bytes: Buffer.from(String(value), 'hex') };
    case 'flag':
      return { wire: VARINT, bytes: varint(value === true ? 1n : 0n) };
    case 'varint':
      return { wire: VARINT, bytes: varint(integer(value) & MASK_64) };
    case 'fixed64':
      return { wire: FIXED64, bytes: fixed64(integer(value) & MASK_64) };
    default:
      return { wire: FIXED64, bytes: double(Number(value)) };
  }
}

function integer(value: Value): bigint {
  if (typeof value !== 'bigint' && typeof value !== 'number') throw new Error('a number is wanted');
  return BigInt(value);
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

function fixed64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

function double(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

/** `Array.isArray` does not tell readonly lists. */
function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** The same message as JSON has it: 64 bits as texts. */
export function jsonOfMessage(value: Value): Value {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return value;
  if (isList(value)) return value.map(jsonOfMessage);
  const entries = Object.entries(value).flatMap(([name, part]) =>
    part === undefined ? [] : [[name, jsonOfMessage(part)] as const],
  );
  return Object.fromEntries(entries);
}
