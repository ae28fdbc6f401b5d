/**
 * Gives words numbers, from 0 on, in the order in which they are seen first. HOT: words are looked up where they stand in
 * their text, by a hash that is made while their end is looked for; only those that are new become texts of their own.
 */

/** What separates words: blanks, and what stands around values in texts of alerts. */
export const SEPARATORS = /[\s=()"',;]+/;

/** Characters below 128 that separate words; beyond, only blanks do. */
const SEPARATES = Uint8Array.from({ length: 128 }, (_, code) =>
  SEPARATORS.test(String.fromCharCode(code)) ? 1 : 0,
);
const WIDE_BLANK = /\s/;

/** Parts of a text that are shorter are copies; a longer one would keep the whole text in memory. */
const FIRST_SLICED = 13;

/** Places that a word may stand at. Hardly any needs as many, unless somebody makes words that have the same hash. */
const MOST_PLACES = 32;

export class WordNumbers {
  /** Of each number: its word. */
  readonly names: string[] = [];
  /** Where the word ends that was found last. */
  end = 0;
  #hash = 0;
  /** Of each number: the hash of its word. */
  #hashes = new Int32Array(4_096);
  /** Numbers by hash, and 1; 0: free. A word stands at the first free place from its hash on. At most half of it is full. */
  #table = new Int32Array(8_192);
  /** Words all of whose places were taken. */
  readonly #others = new Map<string, number>();

  /** Where the next word begins, from there on; -1: there is none. */
  nextWord(text: string, from: number): number {
    const { length } = text;
    let start = from;
    while (start < length && isSeparator(text, start)) start++;
    if (start >= length) return -1;
    let hash = 0;
    let at = start;
    for (; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code < 128 ? SEPARATES[code] === 1 : isSeparator(text, at)) break;
      hash = Math.imul(hash ^ code, 0x0100_0193);
    }
    this.#hash = hash ^ (hash >>> 15);
    this.end = at;
    return start;
  }

  /** Of the word that `nextWord` found last. */
  number(text: string, start: number): number {
    const hash = this.#hash;
    const mask = this.#table.length - 1;
    const length = this.end - start;
    for (let i = 0; i < MOST_PLACES; i++) {
      const place = (hash + i) & mask;
      const number = (this.#table[place] ?? 0) - 1;
      if (number < 0) {
        const added = this.#add(text.slice(start, this.end), hash);
        this.#table[place] = added + 1;
        if (this.names.length * 2 > this.#table.length) this.#grow();
        return added;
      }
      if (this.#hashes[number] !== hash) continue;
      const name = this.names[number] ?? '';
      if (name.length === length && text.startsWith(name, start)) return number;
    }
    const word = text.slice(start, this.end);
    const known = this.#others.get(word);
    if (known !== undefined) return known;
    const added = this.#add(word, hash);
    this.#others.set(this.names[added] ?? '', added);
    return added;
  }

  #add(word: string, hash: number): number {
    const number = this.names.push(word.length < FIRST_SLICED ? word : copyOf(word)) - 1;
    if (number >= this.#hashes.length) {
      const larger = new Int32Array(number * 2);
      larger.set(this.#hashes);
      this.#hashes = larger;
    }
    this.#hashes[number] = hash;
    return number;
  }

  #grow(): void {
    this.#table = new Int32Array(this.#table.length * 2);
    for (let number = 0; number < this.names.length; number++)
      if (!this.#place(number)) this.#others.set(this.names[number] ?? '', number);
  }

  /** `false`: all its places are taken. */
  #place(number: number): boolean {
    const mask = this.#table.length - 1;
    for (let i = 0; i < MOST_PLACES; i++) {
      const place = ((this.#hashes[number] ?? 0) + i) & mask;
      if (this.#table[place] !== 0) continue;
      this.#table[place] = number + 1;
      return true;
    }
    return false;
  }
}

function copyOf(word: string): string {
  return Buffer.from(word, 'utf8').toString('utf8');
}

function isSeparator(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code < 128 ? SEPARATES[code] === 1 : WIDE_BLANK.test(text.charAt(at));
}
