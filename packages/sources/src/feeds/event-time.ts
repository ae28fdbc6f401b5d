/** Times as documents write them, to nanoseconds since the epoch. */

import type { JsonNode } from '@peregrine/events';

const SHAPE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,18}))?(Z|[+-]\d\d:\d\d)$/;

/** RFC 3339, with any number of digits after the second. `undefined` for anything else. */
export function parseRfc3339Ns(text: unknown): bigint | undefined {
  const match = typeof text === 'string' ? SHAPE.exec(text) : null;
  if (match === null) return undefined;
  const [, seconds, fraction = '', zone] = match;
  const ms = Date.parse(`${seconds}${zone}`);
  if (Number.isNaN(ms)) return undefined;
  return BigInt(ms) * 1_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
}

/** The same of a value within a document. HOT: the form that API servers write is read from its bytes. */
export function rfc3339NsOf(value: JsonNode | undefined): bigint | undefined {
  if (value?.kind !== 'text') return undefined;
  return utcNs(value.tape.bytes, value.start + 1, value.end - 1) ?? parseRfc3339Ns(value.value());
}

/** `2026-11-25T10:00:00` */
const SECONDS_LENGTH = 19;
const LONGEST = SECONDS_LENGTH + '.123456789Z'.length;
const UPPER_Z = 0x5a;
const DOT = 0x2e;
const DASH = 0x2d;
const COLON = 0x3a;
const UPPER_T = 0x54;

/** A time in UTC on a day that every month has. `undefined`: it is another one, or none. */
function utcNs(bytes: Uint8Array, start: number, end: number): bigint | undefined {
  const last = end - 1;
  const dot = start + SECONDS_LENGTH;
  if (last < dot || end - start > LONGEST || bytes[last] !== UPPER_Z) return undefined;
  if (bytes[start + 4] !== DASH || bytes[start + 7] !== DASH || bytes[start + 10] !== UPPER_T)
    return undefined;
  if (bytes[start + 13] !== COLON || bytes[start + 16] !== COLON) return undefined;
  const year = numberIn(bytes, start, start + 4);
  const month = numberIn(bytes, start + 5, start + 7);
  const day = numberIn(bytes, start + 8, start + 10);
  const hour = numberIn(bytes, start + 11, start + 13);
  const minute = numberIn(bytes, start + 14, start + 16);
  const second = numberIn(bytes, start + 17, dot);
  // Comparisons with what is no number fail, too.
  if (!(year >= 1_000 && month >= 1 && month <= 12 && day >= 1 && day <= 28)) return undefined;
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return undefined;
  let fraction = 0;
  if (last > dot) {
    if (bytes[dot] !== DOT || last === dot + 1) return undefined;
    fraction = numberIn(bytes, dot + 1, last);
    if (Number.isNaN(fraction)) return undefined;
    for (let digits = last - dot - 1; digits < 9; digits++) fraction *= 10;
  }
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  return BigInt(ms) * 1_000_000n + BigInt(fraction);
}

/** NaN where there is anything but digits. */
function numberIn(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = (bytes[i] as number) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

export function msToNs(ms: number): bigint {
  return BigInt(Math.trunc(ms)) * 1_000_000n;
}

/** Numbers by their size: seconds, milliseconds, microseconds or nanoseconds since the epoch. */
export function numberToNs(value: number): bigint | undefined {
  if (!Number.isFinite(value) || value <= 0) return undefined;
  if (value < 1e11) return BigInt(Math.round(value * 1e6)) * 1_000n;
  if (value < 1e14) return BigInt(Math.round(value * 1e3)) * 1_000n;
  if (value < 1e17) return BigInt(Math.trunc(value)) * 1_000n;
  return BigInt(Math.trunc(value));
}
