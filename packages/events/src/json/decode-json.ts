/** Values out of the bytes of JSON text that was checked before: as `JSON.parse` gives them, and as rules see them. */

import { type Json, toByteText } from '@peregrine/base';
import type { TextInterner } from '../wire/text-interner.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Longer texts are hardly the same twice. */
const LONGEST_INTERNED = 64;
/** Whole numbers of 64 bits have no more. */
const MOST_DIGITS = 20;
const LONG_NUMBER = /\d{16}/;
const LONG_WHOLE = /^-?\d{16,20}$/;

/** The value whose text is between `start` and `end`. */
export function decodeJson(bytes: Buffer, start: number, end: number): Json {
  const first = bytes[start];
  if (first === QUOTE && isPlain(bytes, start + 1, end - 1))
    return bytes.toString('latin1', start + 1, end - 1);
  return JSON.parse(bytes.toString('utf8', start, end));
}

/** As rules see it: texts as they are, anything else as compact JSON; byte text. `interner`: for what may come again. */
export function decodeText(bytes: Buffer, start: number, end: number, interner?: TextInterner): string {
  const first = bytes[start] as number;
  if (first === QUOTE) {
    if (!isPlain(bytes, start + 1, end - 1))
      return toByteText(JSON.parse(bytes.toString('utf8', start, end)));
    return latin1(bytes, start + 1, end - 1, interner);
  }
  // `true`, `false` and `null` are all that begin with small letters.
  if (first >= 0x61 && first <= 0x7a) return first === 0x74 ? 'true' : first === 0x66 ? 'false' : 'null';
  if (isShownAsWritten(bytes, start, end)) return latin1(bytes, start, end, interner);
  return toByteText(renderJsonText(bytes.toString('utf8', start, end)));
}

function latin1(bytes: Buffer, start: number, end: number, interner: TextInterner | undefined): string {
  return interner !== undefined && end - start <= LONGEST_INTERNED
    ? interner.text(bytes, start, end)
    : bytes.toString('latin1', start, end);
}

/** JSON text in its one compact form, or indented by so many blanks. Whole numbers keep all their digits. */
export function renderJsonText(text: string, indent = 0): string {
  if (!LONG_NUMBER.test(text)) return JSON.stringify(JSON.parse(text), null, indent);
  return JSON.stringify(exactly.parse(text, keepDigits), null, indent);
}

// The compiler's library does not know these yet; Node does.
const exactly = JSON as unknown as {
  parse(
    text: string,
    revive: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
};

function keepDigits(_key: string, value: unknown, { source = '' }: { readonly source?: string }): unknown {
  return typeof value === 'number' && LONG_WHOLE.test(source) ? exactly.rawJSON(source) : value;
}

/** Bytes that are one char each, and need no second look. */
function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte > 0x7f || byte === BACKSLASH) return false;
  }
  return true;
}

/** Whole numbers, but not minus zero, which JavaScript writes without its sign. */
function isShownAsWritten(bytes: Uint8Array, start: number, end: number): boolean {
  const isNegative = bytes[start] === 0x2d;
  const digits = isNegative ? start + 1 : start;
  if (end - digits > MOST_DIGITS || (isNegative && bytes[digits] === 0x30)) return false;
  for (let i = digits; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte < 0x30 || byte > 0x39) return false;
  }
  return true;
}
