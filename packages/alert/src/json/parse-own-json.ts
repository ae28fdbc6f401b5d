/**
 * Reads an object that `encodeJson` wrote: exactly as `parseJson` would, several times faster, since the parser of JavaScript
 * does most of it. HOT: the store reads every alert once more. What that parser would change, numbers that are not whole or
 * are long, is found and read again; where it stands in an odd place, `parseJson` reads all.
 */

import type { HubValue } from '../hub-alert.ts';
import { encodeText } from './encode-json.ts';
import { exactNumber } from './exact-number.ts';
import { parseJson } from './parse-json.ts';

/** A number that is not whole, or `-0`: after a key, or in a list. Texts may look so, too, which costs only time. */
const MAY_BE_ODD = /(?:":|[[,])\s*(?:-0|-?\d+[.eE])/;

type Fields = Record<string, HubValue>;

/** The object, whose values at `name` are most of what it has; `undefined`: it is no object. Never throws. */
export function parseOwnJson(text: string, name: string): Readonly<Record<string, HubValue>> | undefined {
  return quickly(text, name) ?? exactly(text);
}

function exactly(text: string): Readonly<Record<string, HubValue>> | undefined {
  const parsed = parseJson(text);
  return 'problem' in parsed || !isObject(parsed.value) ? undefined : parsed.value;
}

/** `undefined`: it must be read otherwise. */
function quickly(text: string, name: string): Readonly<Record<string, HubValue>> | undefined {
  if (MAY_BE_ODD.test(text)) return undefined;
  let value: HubValue;
  try {
    value = JSON.parse(text) as HubValue; // What JSON can be is what a `HubValue` can be.
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  for (const key in value) {
    const child = value[key];
    if (key === name && isObject(child)) {
      // Nobody else has it yet.
      if (!mend(child as Fields, text)) return undefined;
    } else if (!isExact(child)) return undefined;
  }
  return value;
}

/** Long numbers of fields as they stand in the text; `false`: they cannot be told. */
function mend(fields: Fields, text: string): boolean {
  for (const key in fields) {
    const value = fields[key];
    if (typeof value === 'string' || isExact(value)) continue;
    const found = typeof value === 'number' ? numberAfter(text, `${encodeText(key)}:`) : undefined;
    if (found === undefined) return false;
    fields[key] = found;
  }
  return true;
}

/** The long number after a key that is there once: within texts, quotes do not stand like that. */
function numberAfter(text: string, key: string): HubValue | undefined {
  const at = text.indexOf(key);
  if (at < 0 || text.indexOf(key, at + key.length) >= 0) return undefined;
  const start = at + key.length;
  let end = start;
  while (isOfNumber(text.charCodeAt(end))) end++;
  return end === start ? undefined : exactNumber(text.slice(start, end));
}

const isOfNumber = (code: number): boolean => (code >= 48 && code <= 57) || code === 45;

/** Whether every number in it is as it was written. */
function isExact(value: HubValue | undefined): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  return Array.isArray(value) ? value.every(isExact) : Object.values(value).every(isExact);
}

function isObject(value: HubValue | undefined): value is { readonly [key: string]: HubValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
