/**
 * One field of the alerts of a segment: each distinct value once, and for each row the number of its value. Values are JSON
 * texts, so that types and digits stay; number 0 is "no value".
 */

import { encodeText, type HubValue, parseJson } from '@peregrine/alert';
import { foldText } from './fold-text.ts';
import { Recent } from './recent.ts';

export interface Column {
  /** For each row, 0 or the number of a value, from 1. */
  readonly codes: Uint8Array | Uint16Array;
  /** Values, not counting "no value". */
  readonly valueCount: number;
  /** JSON of a value, `code` from 1. */
  json(code: number): string;
  /**
   * Numbers of values that may have the part in them; none that has it is left out. `undefined`: all may. Much faster than
   * a look at each.
   */
  candidates?(part: string): readonly number[] | undefined;
  /** Numbers of values that have the folded text in theirs; only where that is faster than a look at each. */
  codesWithText?(folded: string): readonly number[];
}

/** Rows that a segment may have at most: number of a value and number of a row fit 16 bits. */
export const MOST_ROWS = 32_768;

/** What a column has for a number; `undefined` for 0. */
export function valueAt(column: Column, code: number): HubValue | undefined {
  if (code === 0) return undefined;
  const json = column.json(code);
  // Most are texts without an escape, which need no parser.
  if (json.startsWith('"') && !json.includes('\\')) return json.slice(1, -1);
  const parsed = parseJson(json);
  return 'problem' in parsed ? undefined : parsed.value;
}

/** Of so many rows or more, when nearly all values differ, values are no longer looked up: some have two numbers then. */
const UNIQUE_FROM = 2_048;
const UNIQUE_SHARE = 0.9;

/** HOT. */
export class ColumnBuilder implements Column {
  /** Texts are looked up as they are, other values by their JSON. */
  readonly #ofTexts = new Map<string, number>();
  readonly #ofOthers = new Map<string, number>();
  /** Of each value: its JSON, or a text of which that is still to be made. */
  readonly #values: string[] = [];
  readonly #areTexts: boolean[] = [];
  #codes = new Uint16Array(1_024);
  #setCount = 0;
  readonly #asked = new Recent<{ valueCount: number; readonly codes: number[] }>();

  /** Rows that are not set have no value. */
  setText(row: number, text: string): number {
    let code = this.#ofTexts.get(text);
    if (code === undefined) {
      code = this.#add(text, true);
      if (!this.isMostlyUnique) this.#ofTexts.set(text, code);
    }
    return this.#put(row, code);
  }

  /** JSON of the row's value, which is no text. */
  setJson(row: number, json: string): number {
    let code = this.#ofOthers.get(json);
    if (code === undefined) {
      code = this.#add(json, false);
      if (!this.isMostlyUnique) this.#ofOthers.set(json, code);
    }
    return this.#put(row, code);
  }

  /** Whether a value is seldom seen again. */
  get isMostlyUnique(): boolean {
    return this.#setCount >= UNIQUE_FROM && this.#values.length > this.#setCount * UNIQUE_SHARE;
  }

  candidates(part: string): readonly number[] {
    const found: number[] = [];
    for (let i = 0; i < this.#values.length; i++)
      if (this.#areTexts[i] === false || this.#values[i]?.includes(part) === true) found.push(i + 1);
    return found;
  }

  /** Looks only at what came since the same was asked before. */
  codesWithText(folded: string): readonly number[] {
    const asked = this.#asked.of(folded, () => ({ valueCount: 0, codes: [] }));
    for (; asked.valueCount < this.#values.length; asked.valueCount++) {
      const value = this.#values[asked.valueCount];
      if (value !== undefined && foldText(value).includes(folded)) asked.codes.push(asked.valueCount + 1);
    }
    return asked.codes;
  }

  #add(value: string, isText: boolean): number {
    this.#areTexts.push(isText);
    return this.#values.push(value);
  }

  #put(row: number, code: number): number {
    if (row >= this.#codes.length) {
      const larger = new Uint16Array(Math.max(row + 1, Math.min(MOST_ROWS, this.#codes.length * 2)));
      larger.set(this.#codes);
      this.#codes = larger;
    }
    this.#codes[row] = code;
    this.#setCount++;
    return code;
  }

  /** Longer than there are rows; rows beyond its end have no value. */
  get codes(): Uint16Array {
    return this.#codes;
  }

  get valueCount(): number {
    return this.#values.length;
  }

  json(code: number): string {
    const value = this.#values[code - 1];
    if (value === undefined) return 'null';
    return this.#areTexts[code - 1] === true ? encodeText(value) : value;
  }

  /** What `decodeColumn` reads: counts, the values' JSON with a newline after each, the codes. */
  encode(rowCount: number): Buffer {
    const jsons = this.#values.map((_, i) => this.json(i + 1));
    const texts = Buffer.from(`${jsons.join('\n')}\n`, 'utf8');
    const isNarrow = this.#values.length < 256;
    const codes = new (isNarrow ? Uint8Array : Uint16Array)(rowCount);
    codes.set(this.#codes.subarray(0, Math.min(rowCount, this.#codes.length)));
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt32LE(this.#areTexts.includes(false) ? rowCount : rowCount + ALL_TEXTS, 0);
    head.writeUInt32LE(this.#values.length, 4);
    head.writeUInt32LE(texts.length, 8);
    return Buffer.concat([head, Buffer.from(codes.buffer, codes.byteOffset, codes.byteLength), texts]);
  }
}

const HEAD_BYTES = 12;
/** Added to the number of rows when every value is a text. */
const ALL_TEXTS = 0x1_0000;
const NEWLINE = 0x0a;

class EncodedColumn implements Column {
  readonly codes: Uint8Array | Uint16Array;
  readonly valueCount: number;
  readonly #texts: Buffer;
  readonly #areTexts: boolean;
  #values: readonly string[] | undefined;

  constructor(
    codes: Uint8Array | Uint16Array,
    { valueCount, texts, areTexts }: { valueCount: number; texts: Buffer; areTexts: boolean },
  ) {
    this.codes = codes;
    this.valueCount = valueCount;
    this.#texts = texts;
    this.#areTexts = areTexts;
  }

  candidates(part: string): readonly number[] | undefined {
    if (!this.#areTexts || part === '') return undefined;
    const texts = this.#texts;
    // Escapes are made letter by letter: what has the part has it escaped, too.
    const needle = Buffer.from(encodeText(part).slice(1, -1), 'utf8');
    const found: number[] = [];
    let code = 1;
    let start = 0;
    for (let at = texts.indexOf(needle); at >= 0; ) {
      for (
        let end = texts.indexOf(NEWLINE, start);
        end >= 0 && end < at;
        end = texts.indexOf(NEWLINE, start)
      ) {
        start = end + 1;
        code++;
      }
      found.push(code);
      const next = texts.indexOf(NEWLINE, at);
      if (next < 0) break;
      start = next + 1;
      code++;
      at = texts.indexOf(needle, start);
    }
    return found;
  }

  json(code: number): string {
    this.#values ??= this.#texts.toString('utf8').split('\n');
    return this.#values[code - 1] ?? 'null';
  }
}

/** Throws a `RangeError` for bytes that no encoder wrote. */
export function decodeColumn(bytes: Buffer): Column {
  const first = bytes.readUInt32LE(0);
  const areTexts = first >= ALL_TEXTS;
  const rowCount = areTexts ? first - ALL_TEXTS : first;
  const valueCount = bytes.readUInt32LE(4);
  const textBytes = bytes.readUInt32LE(8);
  const width = valueCount < 256 ? 1 : 2;
  const codesEnd = HEAD_BYTES + rowCount * width;
  if (rowCount > MOST_ROWS || codesEnd + textBytes !== bytes.length)
    throw new RangeError('a column is damaged');
  // Copied: a view of 16-bit numbers needs an even place.
  const raw = Uint8Array.prototype.slice.call(bytes, HEAD_BYTES, codesEnd);
  const codes = width === 1 ? raw : new Uint16Array(raw.buffer);
  for (let i = 0; i < codes.length; i++)
    if ((codes[i] ?? 0) > valueCount) throw new RangeError('a column is damaged');
  return new EncodedColumn(codes, { valueCount, texts: bytes.subarray(codesEnd), areTexts });
}
