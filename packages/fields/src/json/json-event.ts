/** One event that is a JSON document, of whatever source, as fields read it. */

import { type Json, type JsonDocument, toByteText } from '@peregrine/base';

export interface JsonEvent {
  /** The parsed document. */
  readonly object: JsonDocument;
  /** Counts from 1 within a run. */
  readonly num: number;
  /** Nanoseconds since the epoch. */
  readonly timeNs: bigint;
}

/** Own member of an object; `undefined` when `value` is no object or has no such member. */
export function member(value: Json | undefined, key: string): Json | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, key) ? (value as JsonDocument)[key] : undefined;
}

export function at(value: Json | undefined, ...keys: readonly string[]): Json | undefined {
  let found = value;
  for (const key of keys) found = member(found, key);
  return found;
}

export function elements(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

/** Strings as they are, everything else as compact JSON; byte text. `undefined` stays absent. */
export function textOf(value: Json | undefined): string | undefined {
  if (value === undefined) return undefined;
  return toByteText(typeof value === 'string' ? value : JSON.stringify(value));
}

/** The value at a JSON pointer (RFC 6901; the leading slash may be missing, the empty pointer is the whole). */
export function atPointer(root: Json, pointer: string): Json | undefined {
  if (pointer === '' || pointer === '/') return root;
  const path = pointer.startsWith('/') ? pointer.slice(1) : pointer;
  let found: Json | undefined = root;
  for (const part of path.split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(found)) found = /^(0|[1-9][0-9]*)$/.test(key) ? found[Number(key)] : undefined;
    else found = member(found, key);
    if (found === undefined) return undefined;
  }
  return found;
}
