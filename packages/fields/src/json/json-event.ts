/** One event that is a JSON document, of whatever source, as fields read it. */

import { type Json, type JsonDocument, toByteText } from '@peregrine/base';
import { JsonNode, type JsonReader } from '@peregrine/events';

export interface JsonEvent {
  readonly document: JsonNode;
  /** Counts from 1 within a run. */
  readonly num: number;
  /** Nanoseconds since the epoch. */
  readonly timeNs: bigint;
}

/** HOT: runs for every event. `undefined`: the event has no such value. */
export type ReadJson = (event: JsonEvent) => Json | undefined;
/** `undefined`: the event has no such list. */
export type ReadItems = (event: JsonEvent) => readonly JsonNode[] | undefined;

/** Settles what is to be read; once, when rules are loaded. Keys of lists are positions, from 0. */
export interface At {
  (...path: readonly string[]): ReadJson;
  items(...path: readonly string[]): ReadItems;
  /** The same, but an empty list where there is something else. */
  itemsOrNone(...path: readonly string[]): ReadItems;
}

export function atIn(reader: JsonReader): At {
  const value = (...path: readonly string[]): ReadJson => {
    const slot = reader.slot(path);
    return ({ document }) => reader.value(document, slot);
  };
  return Object.assign(value, {
    items: (...path: readonly string[]): ReadItems => {
      const slot = reader.slot(path);
      return ({ document }) => reader.items(document, slot);
    },
    itemsOrNone: (...path: readonly string[]): ReadItems => {
      const slot = reader.slot(path);
      return ({ document }) => reader.items(document, slot) ?? (reader.has(document, slot) ? [] : undefined);
    },
  });
}

/** Own member of an object; `undefined` when `value` is no object or has no such member. */
function member(value: Json | undefined, key: string): Json | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, key) ? (value as JsonDocument)[key] : undefined;
}

export function within(value: Json | undefined, ...keys: readonly string[]): Json | undefined {
  let found = value;
  for (const key of keys) found = member(found, key);
  return found;
}

/** What a field may give: a part of the document, or what was made of it. */
export type Shown = JsonNode | Json;

/** Texts as they are, everything else as compact JSON; byte text. `undefined` stays absent. */
export function textOf(value: Shown | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value instanceof JsonNode) return value.shown();
  return toByteText(typeof value === 'string' ? value : JSON.stringify(value));
}
