/** Values as outputs show them: byte text, and JSON values. */

import { fromByteText, type PrintFormat, renderIp, type ValueType } from '@peregrine/base';
import { byteTextOf } from '../operators/scalar.ts';
import type { Scalar, Value } from '../value.ts';

/** A field's value in JSON: exact integers, text as UTF-16, `null` where there is no value. */
export type JsonValue = string | number | bigint | boolean | null | readonly JsonValue[];

export interface RenderOptions {
  /** Buffers as base64 instead of printable characters. */
  readonly isBufferBase64: boolean;
}

/** How to show a value: what a field or the result of a call says of it. */
export interface Look {
  readonly type: ValueType;
  readonly printFormat: PrintFormat;
}

export const defaultRenderOptions: RenderOptions = { isBufferBase64: false };

/** COMPAT: lists and buffers are cut here, plain text is not. */
const MOST_CUT_BYTES = 1023;

export function isListValue(value: Value): value is readonly Scalar[] {
  return Array.isArray(value);
}

export function valueText(value: Value, look: Look, options: RenderOptions): string {
  if (!isListValue(value)) return scalarText(value, look, options);
  const elements = value.map((element) => scalarText(element, look, options));
  return cut(`(${elements.join(',')})`);
}

export function valueJson(value: Value, look: Look, options: RenderOptions): JsonValue {
  if (!isListValue(value)) return scalarJson(value, look, options);
  return value.map((element) => scalarJson(element, look, options));
}

/** Whether a string of this type is shown as it is, uncut. */
export function isTextShownAsIs(type: ValueType): boolean {
  return type !== 'BYTEBUF' && !isAddress(type);
}

/** Byte text. */
export function scalarText(value: Scalar, look: Look, options: RenderOptions): string {
  if (look.type === 'BYTEBUF' || value instanceof Uint8Array) {
    const bytes = byteTextOf(value);
    return cut(options.isBufferBase64 ? Buffer.from(bytes, 'latin1').toString('base64') : printable(bytes));
  }
  switch (typeof value) {
    case 'string':
      return isAddress(look.type) && value.length === 16 ? renderIp(value) : value;
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      return numberText(value, look);
  }
}

function scalarJson(value: Scalar, look: Look, options: RenderOptions): JsonValue {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number' || typeof value === 'bigint') {
    if (look.type === 'DOUBLE') return look.printFormat === 'dec' ? Math.trunc(Number(value)) : value;
    if (!isAddress(look.type) && isPlain(look.printFormat)) return value;
  }
  return fromByteText(scalarText(value, look, options));
}

function isPlain(format: PrintFormat): boolean {
  return format !== 'hex' && format !== 'oct';
}

function isAddress(type: ValueType): boolean {
  switch (type) {
    case 'IPADDR':
    case 'IPNET':
    case 'IPV4ADDR':
    case 'IPV4NET':
    case 'IPV6ADDR':
    case 'IPV6NET':
      return true;
    default:
      return false;
  }
}

function numberText(value: number | bigint, look: Look): string {
  if (typeof value === 'number' && isAddress(look.type)) return renderIp(value);
  if (look.type === 'DOUBLE') return oneDecimal(Number(value));
  switch (look.printFormat) {
    case 'hex':
      return unsigned(value, look.type).toString(16).toUpperCase();
    case 'oct':
      return unsigned(value, look.type).toString(8);
    case 'padded':
      return String(value).padStart(9, '0');
    default:
      return String(value);
  }
}

/** COMPAT: halves go to the even digit, as C rounds; `toFixed` takes them up. */
function oneDecimal(value: number): string {
  const isHalf = Number.isInteger(value * 4) && !Number.isInteger(value * 2);
  if (!isHalf) return value.toFixed(1);
  const tenths = Math.floor(value * 10);
  return ((tenths % 2 === 0 ? tenths : tenths + 1) / 10).toFixed(1);
}

/** The bits of a negative number, in the width of its type. */
function unsigned(value: number | bigint, type: ValueType): number | bigint {
  if (value >= 0) return value;
  const width = /8$/.test(type) ? 8 : /16$/.test(type) ? 16 : /32$/.test(type) ? 32 : 64;
  return BigInt.asUintN(width, BigInt(value));
}

function printable(bytes: string): string {
  return bytes.replace(/[^ -~]/g, '.');
}

function cut(text: string): string {
  return text.length > MOST_CUT_BYTES ? text.slice(0, MOST_CUT_BYTES) : text;
}
