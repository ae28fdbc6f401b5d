/**
 * JSON as the hub sends it: exact numbers, and `<`, `>`, `&`, U+2028 and U+2029 escaped, so that a body is safe in a
 * page, too. COMPAT: falcosidekick's encoder escapes the same.
 */

import { ExactNumber } from './exact-number.ts';

/** JSON that is ready: it goes out as it is, wherever it stands. */
export class ReadyJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What can be encoded; `undefined` is left out of objects and is `null` in lists. */
export type Encodable =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | ExactNumber
  | ReadyJson
  | readonly Encodable[]
  | { readonly [key: string]: Encodable };

export function encodeJson(value: Encodable): string {
  const text = encode(value, false);
  // Lone surrogates come out as escapes, which are no text that anybody could read: they become U+FFFD.
  return escapeMarkup(LONE.test(text) ? encode(value, true) : text);
}

export function encodeText(text: string): string {
  return escapeMarkup(JSON.stringify(text.toWellFormed()));
}

function encode(value: Encodable, isRepaired: boolean): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(isRepaired ? value.toWellFormed() : value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'undefined':
      return 'null';
    default:
      return value === null ? 'null' : encodeObject(value, isRepaired);
  }
}

function encodeObject(value: object, isRepaired: boolean): string {
  if (value instanceof ReadyJson || value instanceof ExactNumber) return value.text;
  // Objects that are none of the classes are lists or maps: the type of `encode` says so.
  if (Array.isArray(value)) {
    return `[${(value as readonly Encodable[]).map((item) => encode(item, isRepaired)).join(',')}]`;
  }
  const entries = value as Readonly<Record<string, Encodable>>;
  let text = '{';
  for (const key in entries) {
    const child = entries[key];
    if (child === undefined) continue;
    if (text.length > 1) text += ',';
    text += `${isRepaired ? JSON.stringify(key.toWellFormed()) : keyText(key)}:${encode(child, isRepaired)}`;
  }
  return `${text}}`;
}

const LONE = /\\ud[89a-f]/i;
const MARKUP = /[<>&\u2028\u2029]/;

/** All of these stand in texts only, so that the whole can be looked at once. */
function escapeMarkup(text: string): string {
  return MARKUP.test(text) ? text.replace(/[<>&\u2028\u2029]/g, escaped) : text;
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const MOST_KEYS = 4_096;
/** Not state: the same few names come with each alert, and forgetting them costs only time. */
const keyTexts = new Map<string, string>();

function keyText(key: string): string {
  const known = keyTexts.get(key);
  if (known !== undefined) return known;
  if (keyTexts.size >= MOST_KEYS) keyTexts.clear();
  const text = JSON.stringify(key);
  if (key.length < 200) keyTexts.set(key, text);
  return text;
}
