/**
 * Reads JSON without changing it: numbers to the last digit, and where a value ends, since several may follow each other
 * in one body. Keys of JavaScript's own objects (`__proto__`) are keys like others.
 */

import type { HubValue } from '../hub-alert.ts';
import { exactNumber } from './exact-number.ts';

/** Deeper nesting is refused: no alert has it. */
const MOST_DEPTH = 100;

export type ParsedJson =
  | { readonly value: HubValue /** Where the value ends, UTF-16 units. */; readonly end: number }
  | { readonly problem: string; readonly at: number };

/** The first value of the text, from `start` on. Never throws. */
export function parseJson(text: string, start = 0): ParsedJson {
  const parser = new Parser(text, start);
  try {
    const value = parser.value(0);
    return { value, end: parser.at };
  } catch (error) {
    if (error instanceof JsonProblem) return { problem: error.message, at: error.at };
    throw error;
  }
}

/** Index of the first char that is no white space. */
export function skipSpace(text: string, start: number): number {
  let at = start;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

class JsonProblem extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const QUOTE = 34;
const BACKSLASH = 92;

class Parser {
  readonly #text: string;
  at: number;

  constructor(text: string, start: number) {
    this.#text = text;
    this.at = start;
  }

  value(depth: number): HubValue {
    if (depth > MOST_DEPTH) throw new JsonProblem('values are nested too deeply', this.at);
    this.at = skipSpace(this.#text, this.at);
    const code = this.#text.charCodeAt(this.at);
    switch (code) {
      case QUOTE:
        return this.#string();
      case 123:
        return this.#object(depth);
      case 91:
        return this.#list(depth);
      case 116:
        return this.#word('true', true);
      case 102:
        return this.#word('false', false);
      case 110:
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #object(depth: number): HubValue {
    const entries: Record<string, HubValue> = {};
    this.at = skipSpace(this.#text, this.at + 1);
    if (this.#text.charCodeAt(this.at) === 125) {
      this.at++;
      return entries;
    }
    for (;;) {
      this.at = skipSpace(this.#text, this.at);
      if (this.#text.charCodeAt(this.at) !== QUOTE) throw new JsonProblem('a key is wanted', this.at);
      const key = this.#string();
      this.at = skipSpace(this.#text, this.at);
      if (this.#text.charCodeAt(this.at) !== 58) throw new JsonProblem('a colon is wanted', this.at);
      this.at++;
      const value = this.value(depth + 1);
      if (key === '__proto__') define(entries, key, value);
      else entries[key] = value;
      this.at = skipSpace(this.#text, this.at);
      const next = this.#text.charCodeAt(this.at++);
      if (next === 125) return entries;
      if (next !== 44) throw new JsonProblem('a comma or a closing brace is wanted', this.at - 1);
    }
  }

  #list(depth: number): HubValue {
    const items: HubValue[] = [];
    this.at = skipSpace(this.#text, this.at + 1);
    if (this.#text.charCodeAt(this.at) === 93) {
      this.at++;
      return items;
    }
    for (;;) {
      items.push(this.value(depth + 1));
      this.at = skipSpace(this.#text, this.at);
      const next = this.#text.charCodeAt(this.at++);
      if (next === 93) return items;
      if (next !== 44) throw new JsonProblem('a comma or a closing bracket is wanted', this.at - 1);
    }
  }

  #string(): string {
    const start = this.at;
    const text = this.#text;
    let end = text.indexOf('"', start + 1);
    if (end < 0) throw new JsonProblem('a text is not closed', start);
    const plain = text.slice(start + 1, end);
    if (!plain.includes('\\')) {
      if (hasControl(plain)) throw new JsonProblem('a text has a control character', start);
      this.at = end + 1;
      return plain;
    }
    let at = start + 1;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      if (Number.isNaN(code)) throw new JsonProblem('a text is not closed', start);
      at += code === BACKSLASH ? 2 : 1;
    }
    end = at;
    try {
      const value: string = JSON.parse(text.slice(start, end + 1));
      this.at = end + 1;
      return value;
    } catch {
      throw new JsonProblem('a text is not valid', start);
    }
  }

  #word<T extends boolean | null>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.at)) throw new JsonProblem('a value is wanted', this.at);
    this.at += word.length;
    return value;
  }

  #number(): HubValue {
    NUMBER.lastIndex = this.at;
    const found = NUMBER.exec(this.#text);
    if (found === null) throw new JsonProblem('a value is wanted', this.at);
    const [text] = found;
    this.at += text.length;
    // Short whole numbers are themselves; `-0` and what is longer are looked at.
    return text.length < 16 && found[1] === undefined && text !== '-0' ? Number(text) : exactNumber(text);
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+(?:[eE][-+]?\d+)?|[eE][-+]?\d+)?/y;

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 32) return true;
  return false;
}

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9;
}

function define(entries: Record<string, HubValue>, key: string, value: HubValue): void {
  Object.defineProperty(entries, key, { value, enumerable: true, configurable: true, writable: true });
}
