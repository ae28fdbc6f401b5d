/**
 * Which rows have which words: what makes free text fast. Words are what stands between blanks in the texts of an alert,
 * folded to lower case, so that a text without blanks is in an alert exactly if it is in one of its words.
 *
 * On disk: one blob with all words and how often they occur, and chunks with the rows of some thousands of words each, so
 * that a search reads the words and the few chunks that it needs.
 */

import { RowSet } from './row-set.ts';

/** Rows that a chunk has before the next one begins. */
const CHUNK_ROWS = 16_384;
/** Of so many words, the place of the first is kept. */
const STRIDE = 64;
const NEWLINE = 0x0a;

export interface WordIndex {
  /** Rows with a word that has the part in it. `part` is folded, and has no blank. */
  rowsWith(part: string, rowCount: number): RowSet;
}

/** As words and what is searched for are compared. */
export function foldText(text: string): string {
  return text.toLowerCase();
}

export function wordsOf(folded: string): Iterable<string> {
  const words = new Set(folded.split(/\s+/));
  words.delete('');
  return words;
}

export class WordIndexBuilder implements WordIndex {
  readonly #rows = new Map<string, number[]>();

  /** `folded`: the row's texts, with blanks between them. */
  add(row: number, folded: string): void {
    for (const word of wordsOf(folded)) {
      const rows = this.#rows.get(word);
      if (rows === undefined) this.#rows.set(word, [row]);
      else rows.push(row);
    }
  }

  rowsWith(part: string, rowCount: number): RowSet {
    const found = new RowSet(rowCount);
    for (const [word, rows] of this.#rows) {
      if (!word.includes(part)) continue;
      for (const row of rows) found.add(row);
    }
    return found;
  }

  encode(): EncodedWords {
    const words = [...this.#rows.keys()];
    const counts = Uint16Array.from(words, (word) => this.#rows.get(word)?.length ?? 0);
    const text = Buffer.from(`${words.join('\n')}\n`, 'utf8');
    const starts = startsOf(text, words.length);
    const head = Buffer.alloc(4);
    head.writeUInt32LE(words.length);
    const chunks: Buffer[] = [];
    for (const [first, end] of chunkBounds(counts)) {
      const rows: number[] = [];
      for (let word = first; word < end; word++) {
        let before = 0;
        for (const row of this.#rows.get(words[word] ?? '') ?? []) {
          rows.push(row - before);
          before = row;
        }
      }
      const deltas = Uint16Array.from(rows);
      chunks.push(Buffer.from(deltas.buffer));
    }
    return {
      words: Buffer.concat([head, Buffer.from(counts.buffer), Buffer.from(starts.buffer), text]),
      chunks,
    };
  }
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
