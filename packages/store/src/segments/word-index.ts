/**
 * Which rows have which words: what makes free text fast. Words are what stands between blanks and signs in the texts of an
 * alert, folded to lower case, so that a text without these is in an alert exactly if it is in one of its words.
 *
 * On disk: one blob with all words and how often they occur, and chunks with the rows of some thousands of words each, so
 * that a search reads the words and the few chunks that it needs.
 */

import { foldText } from './fold-text.ts';
import { Recent } from './recent.ts';
import { RowSet } from './row-set.ts';
import { WordNumbers } from './word-numbers.ts';

/** Rows that a chunk has before the next one begins. */
const CHUNK_ROWS = 16_384;
/** Of so many words, the place of the first is kept. */
const STRIDE = 64;
const NEWLINE = 0x0a;

export interface WordIndex {
  /** Rows with a word that has the part in it. `part` is folded, and has no separator. */
  rowsWith(part: string, rowCount: number): RowSet;
}

/** How far an answer goes. */
interface Asked {
  /** Words that were looked at. */
  wordCount: number;
  /** Rows that were looked at. */
  rowCount: number;
  /** Numbers of words that have the part in them. */
  readonly words: Set<number>;
  /** Rows that have one. */
  readonly rows: number[];
}

/** HOT. */
export class WordIndexBuilder implements WordIndex {
  readonly #known = new WordNumbers();
  readonly #asked = new Recent<Asked>();
  /** Words of all rows, one row after the other; where each row begins is in `#starts`. */
  #words = new Uint32Array(4_096);
  #wordCount = 0;
  readonly #starts: number[] = [];
  /** The last row that each word was seen in, and 1, so that a row has it once. */
  #latest = new Uint32Array(4_096);

  /** The row after the last one; its words follow. */
  startRow(): void {
    this.#starts.push(this.#wordCount);
  }

  /** Words of a text of the present row. */
  add(text: string): void {
    const folded = foldText(text);
    const known = this.#known;
    for (let start = known.nextWord(folded, 0); start >= 0; start = known.nextWord(folded, known.end)) {
      this.#addNumber(known.number(folded, start));
    }
  }

  /** Numbers of the words of a text, for `addAll`: for texts that come again. */
  numbersOf(text: string): readonly number[] {
    const numbers: number[] = [];
    const folded = foldText(text);
    const known = this.#known;
    for (let start = known.nextWord(folded, 0); start >= 0; start = known.nextWord(folded, known.end)) {
      numbers.push(known.number(folded, start));
    }
    return numbers;
  }

  /** Words of the present row. */
  addAll(numbers: readonly number[]): void {
    for (let i = 0; i < numbers.length; i++) this.#addNumber(numbers[i] ?? 0);
  }

  #addNumber(number: number): void {
    const mark = this.#starts.length;
    if (number >= this.#latest.length) {
      const larger = new Uint32Array(Math.max(number + 1, this.#latest.length * 2));
      larger.set(this.#latest);
      this.#latest = larger;
    }
    if (this.#latest[number] === mark) return;
    this.#latest[number] = mark;
    if (this.#wordCount === this.#words.length) {
      const larger = new Uint32Array(this.#words.length * 2);
      larger.set(this.#words);
      this.#words = larger;
    }
    this.#words[this.#wordCount++] = number;
  }

  /** Looks only at what came since the same was asked before. */
  rowsWith(part: string, rowCount: number): RowSet {
    const asked = this.#asked.of(part, () => ({ wordCount: 0, rowCount: 0, words: new Set(), rows: [] }));
    const { names } = this.#known;
    for (; asked.wordCount < names.length; asked.wordCount++)
      if (names[asked.wordCount]?.includes(part) === true) asked.words.add(asked.wordCount);
    const { words, rows } = asked;
    if (words.size === 0) asked.rowCount = rowCount;
    for (; asked.rowCount < rowCount; asked.rowCount++) {
      const end = this.#starts[asked.rowCount + 1] ?? this.#wordCount;
      for (let i = this.#starts[asked.rowCount] ?? end; i < end; i++) {
        if (!words.has(this.#words[i] ?? 0)) continue;
        rows.push(asked.rowCount);
        break;
      }
    }
    const found = new RowSet(rowCount);
    for (let i = 0; i < rows.length; i++) found.add(rows[i] ?? 0);
    return found;
  }

  /** What is all digits apart: there are many of it, and nothing but digits is found in it. */
  encode(): { readonly words: EncodedWords; readonly digits: EncodedWords; readonly triples: Uint8Array } {
    const words: string[] = [];
    const digits: string[] = [];
    const { names } = this.#known;
    const places = new Int32Array(names.length);
    for (const [number, word] of names.entries())
      places[number] = DIGITS.test(word) ? -digits.push(word) : words.push(word);
    const triples = new Uint8Array(TRIPLE_BYTES);
    for (const word of words) addTriples(triples, word);
    return {
      words: this.#encode(words, places, 1),
      digits: this.#encode(digits, places, -1),
      triples,
    };
  }

  /** Of `places` of that sign: the number of the word, from 1. */
  #encode(names: readonly string[], places: Int32Array, sign: number): EncodedWords {
    const wordCount = names.length;
    const counts = new Uint16Array(wordCount);
    for (let i = 0; i < this.#wordCount; i++) {
      const place = (places[this.#words[i] ?? 0] ?? 0) * sign;
      if (place > 0) counts[place - 1] = (counts[place - 1] ?? 0) + 1;
    }
    const text = Buffer.from(`${names.join('\n')}\n`, 'utf8');
    const starts = startsOf(text, wordCount);
    const head = Buffer.alloc(4);
    head.writeUInt32LE(wordCount);
    const deltas = this.#deltas(counts, places, sign);
    const chunks: Buffer[] = [];
    let at = 0;
    for (const [first, end] of chunkBounds(counts)) {
      let length = 0;
      for (let word = first; word < end; word++) length += counts[word] ?? 0;
      const part = deltas.subarray(at, at + length);
      chunks.push(Buffer.from(part.buffer, part.byteOffset, part.byteLength));
      at += length;
    }
    const words = Buffer.concat([head, Buffer.from(counts.buffer), Buffer.from(starts.buffer), text]);
    return { words, chunks };
  }

  /** Rows of the first word, of the second...: each row as the distance to the one before. */
  #deltas(counts: Uint16Array, places: Int32Array, sign: number): Uint16Array {
    const next = new Uint32Array(counts.length);
    for (let word = 1; word < counts.length; word++)
      next[word] = (next[word - 1] ?? 0) + (counts[word - 1] ?? 0);
    const before = new Uint16Array(counts.length);
    const total = (next.at(-1) ?? 0) + (counts.at(-1) ?? 0);
    const deltas = new Uint16Array(total);
    for (let row = 0; row < this.#starts.length; row++) {
      const end = this.#starts[row + 1] ?? this.#wordCount;
      for (let i = this.#starts[row] ?? end; i < end; i++) {
        const word = (places[this.#words[i] ?? 0] ?? 0) * sign - 1;
        if (word < 0) continue;
        deltas[next[word] ?? 0] = row - (before[word] ?? 0);
        next[word] = (next[word] ?? 0) + 1;
        before[word] = row;
      }
    }
    return deltas;
  }
}

const DIGITS = /^[0-9]+$/;

/** Whether a part of a word can be in one that is all digits. */
export const isOfDigits = (part: string): boolean => DIGITS.test(part);

/** A bit for each of so many kinds of three letters that follow each other in a word. */
const TRIPLE_BYTES = 8_192;

const tripleAt = (word: string, at: number): number =>
  (Math.imul(word.charCodeAt(at), 0x9e3b) ^
    Math.imul(word.charCodeAt(at + 1), 0x1f35) ^
    Math.imul(word.charCodeAt(at + 2), 0x2b)) &
  (TRIPLE_BYTES * 8 - 1);

function addTriples(triples: Uint8Array, word: string): void {
  for (let at = 0; at + 2 < word.length; at++) {
    const triple = tripleAt(word, at);
    triples[triple >>> 3] = (triples[triple >>> 3] ?? 0) | (1 << (triple & 7));
  }
}

/** Whether there may be a word that has the part in it. */
export function mayHave(triples: Uint8Array, part: string): boolean {
  for (let at = 0; at + 2 < part.length; at++) {
    const triple = tripleAt(part, at);
    if (((triples[triple >>> 3] ?? 0) & (1 << (triple & 7))) === 0) return false;
  }
  return true;
}

export interface EncodedWords {
  readonly words: Buffer;
  readonly chunks: readonly Buffer[];
}

function startsOf(text: Buffer, wordCount: number): Uint32Array {
  const starts = new Uint32Array(Math.ceil(wordCount / STRIDE));
  let at = 0;
  for (let word = 0; word < wordCount; word++) {
    if (word % STRIDE === 0) starts[word / STRIDE] = at;
    at = text.indexOf(NEWLINE, at) + 1;
  }
  return starts;
}

/** First word and the word after the last of each chunk. */
function chunkBounds(counts: Uint16Array): readonly (readonly [number, number])[] {
  const bounds: [number, number][] = [];
  let first = 0;
  let rows = 0;
  for (let word = 0; word < counts.length; word++) {
    rows += counts[word] ?? 0;
    if (rows < CHUNK_ROWS && word < counts.length - 1) continue;
    bounds.push([first, word + 1]);
    first = word + 1;
    rows = 0;
  }
  return bounds;
}

/** Words of a segment on disk. */
export class StoredWords {
  readonly #counts: Uint16Array;
  readonly #starts: Uint32Array;
  readonly #text: Buffer;
  readonly #bounds: readonly (readonly [number, number])[];

  /** Throws a `RangeError` for bytes that no encoder wrote. */
  constructor(bytes: Buffer) {
    const wordCount = bytes.readUInt32LE(0);
    const countsEnd = 4 + wordCount * 2;
    const startsEnd = countsEnd + Math.ceil(wordCount / STRIDE) * 4;
    if (startsEnd > bytes.length) throw new RangeError('an index of words is damaged');
    // Copied: views of numbers need even places.
    this.#counts = new Uint16Array(Uint8Array.prototype.slice.call(bytes, 4, countsEnd).buffer);
    this.#starts = new Uint32Array(Uint8Array.prototype.slice.call(bytes, countsEnd, startsEnd).buffer);
    this.#text = bytes.subarray(startsEnd);
    this.#bounds = chunkBounds(this.#counts);
  }

  get sizeBytes(): number {
    return this.#text.length + this.#counts.byteLength;
  }

  /** `chunk`: reads the rows of a chunk. */
  rowsWith(part: string, rowCount: number, chunk: (index: number) => Buffer): RowSet {
    const found = new RowSet(rowCount);
    const hits = this.#wordsWith(part);
    let next = 0;
    for (const [index, [first, end]] of this.#bounds.entries()) {
      if (next >= hits.length) break;
      if ((hits[next] ?? 0) >= end) continue;
      const bytes = Uint8Array.prototype.slice.call(chunk(index));
      const deltas = new Uint16Array(bytes.buffer);
      let at = 0;
      for (let word = first; word < end; word++) {
        const count = this.#counts[word] ?? 0;
        if (hits[next] === word) {
          let row = 0;
          for (let i = at; i < at + count; i++) {
            row += deltas[i] ?? 0;
            if (row < rowCount) found.add(row);
          }
          next++;
        }
        at += count;
      }
    }
    return found;
  }

  /** Numbers of the words that have the part in them, ascending. HOT: a search over bytes. */
  #wordsWith(part: string): readonly number[] {
    const text = this.#text;
    const needle = Buffer.from(part, 'utf8');
    const hits: number[] = [];
    let at = text.indexOf(needle);
    while (at >= 0) {
      hits.push(this.#wordAt(at));
      const end = text.indexOf(NEWLINE, at);
      at = end < 0 ? -1 : text.indexOf(needle, end + 1);
    }
    return hits;
  }

  #wordAt(place: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] ?? 0) <= place) low = middle;
      else high = middle;
    }
    let word = low * STRIDE;
    for (let i = this.#starts[low] ?? 0; i < place; i++) if (this.#text[i] === NEWLINE) word++;
    return word;
  }
}
