/** One event that is a JSON document, of whatever source, as fields read it. */

import { type Json, type JsonDocument, toByteText } from '@peregrine/base';
import type { JsonNode, JsonReader } from '@peregrine/events';

export interface JsonEvent {
  readonly document: JsonNode;
  /** Counts from 1 within a run. */
  readonly num: number;
  /** Nanoseconds since the epoch. */
  readonly timeNs: bigint;
}

/** HOT: runs for every event. `undefined`: the event has no such value. */
export type ReadJson<T extends Json = Json> = (event: JsonEvent) => T | undefined;

/** Settles what is to be read; once, when rules are loaded. Keys of lists are positions, from 0. */
export type At = (...path: readonly string[]) => ReadJson;

export function atIn(reader: JsonReader): At {
  return (...path) => {
    const slot = reader.slot(path);
    return (event) => reader.value(event.document, slot);
  };
}

/** Own member of an object; `undefined` when `value` is no object or has no such member. */
export function member(value: Json | undefined, key: string): Json | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, key) ? (value as JsonDocument)[key] : undefined;
}

export function within(value: Json | undefined, ...keys: readonly string[]): Json | undefined {
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
