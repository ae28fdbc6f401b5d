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
  switch (typeof value) {
    case 'string':
      return encodeText(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'undefined':
      return 'null';
    default:
      return value === null ? 'null' : encodeObject(value);
  }
}

function encodeObject(value: object): string {
  if (value instanceof ReadyJson || value instanceof ExactNumber) return value.text;
  // Objects that are none of the classes are lists or maps: the type of `encodeJson` says so.
  if (Array.isArray(value)) return `[${(value as readonly Encodable[]).map(encodeJson).join(',')}]`;
  const entries = value as Readonly<Record<string, Encodable>>;
  let text = '';
  for (const key in entries) {
    const child = entries[key];
    if (child !== undefined) text += `${text === '' ? '' : ','}${encodeText(key)}:${encodeJson(child)}`;
  }
  return `{${text}}`;
}

const special = /[<>&\u2028\u2029]/;

export function encodeText(text: string): string {
  const quoted = JSON.stringify(text.isWellFormed() ? text : text.toWellFormed());
  return special.test(quoted) ? quoted.replace(/[<>&\u2028\u2029]/g, escaped) : quoted;
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
