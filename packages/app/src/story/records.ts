/**
 * Events of the past, as many as there is room for: numbers, the bytes of paths, and texts that the tables have anyway. Of one
 * size from the start. HOT: nothing here allocates but the constructor and texts of paths. The numbers of a record are half a
 * line of the cache, and no two records share more than theirs: records of many processes come in turns, and each line that
 * is not near costs as much as all the rest.
 */

/** Of the paths in one record. */
export const PATH_BYTES = 144;
/** The texts that a record refers to, counted where they stand. */
const TEXTS = 3;
const TEXT_BYTES = 8;

/** Words of 32 bits. */
const word = {
  timeLow: 0,
  timeHigh: 1,
  /** Code in the low half; above it, a byte each, the bytes of the first path and of the second. */
  codeAndPaths: 2,
  pid: 3,
  result: 4,
  first: 5,
  second: 6,
  /** Characters of the subject in the low half, of the detail in the high one. */
  sizes: 7,
} as const;
const RECORD_WORDS = 8;
const HALF = 0xffff;
/** Of one record, without the texts that it refers to. */
export const RECORD_BYTES: number = RECORD_WORDS * 4 + PATH_BYTES + TEXTS * TEXT_BYTES;

/** Texts that records refer to live as long as the records: so many characters in all. */
export class TextBudget {
  readonly mostChars: number;
  usedChars = 0;

  constructor(mostChars: number) {
    this.mostChars = mostChars;
  }
}

export class Records {
  readonly #words: Int32Array;
  readonly #paths: Uint8Array;
  /** Name of the process (15 characters), subject and detail of each record. */
  readonly #texts: string[];
  readonly #budget: TextBudget;

  constructor(count: number, budget: TextBudget) {
    this.#words = new Int32Array(count * RECORD_WORDS);
    this.#paths = new Uint8Array(count * PATH_BYTES);
    this.#texts = new Array<string>(count * TEXTS).fill('');
    this.#budget = budget;
  }

  #word(at: number, index: number): number {
    return this.#words[at * RECORD_WORDS + index] as number; // Places are below the number of records.
  }

  /** Takes the place of what was there. Texts and paths of before stay until they are set. */
  setHead(at: number, timeLow: number, timeHigh: number, code: number, pid: number, result: number): void {
    const words = this.#words;
    const start = at * RECORD_WORDS;
    words[start + word.timeLow] = timeLow;
    words[start + word.timeHigh] = timeHigh;
    words[start + word.codeAndPaths] = code;
    words[start + word.pid] = pid;
    words[start + word.result] = result;
  }

  /** What they mean is said by the kind of event: an address, a port, flags, another process. */
  setNumbers(at: number, first: number, second: number): void {
    const start = at * RECORD_WORDS;
    this.#words[start + word.first] = first;
    this.#words[start + word.second] = second;
  }

  /** Refers to the texts, as far as there is room for them. False: not to all. */
  setTexts(at: number, name: string, subject: string, detail: string): boolean {
    const budget = this.#budget;
    const texts = this.#texts;
    const words = this.#words;
    const start = at * RECORD_WORDS;
    const place = at * TEXTS;
    texts[place] = name;
    const was = words[start + word.sizes] as number; // As in `#word`.
    let used = budget.usedChars - (was & HALF) - (was >>> 16);
    const hasSubject = subject.length <= HALF && used + subject.length <= budget.mostChars;
    const subjectSize = hasSubject ? subject.length : 0;
    used += subjectSize;
    const hasDetail = detail.length <= HALF && used + detail.length <= budget.mostChars;
    const detailSize = hasDetail ? detail.length : 0;
    budget.usedChars = used + detailSize;
    words[start + word.sizes] = subjectSize | (detailSize << 16);
    // Most records have none, and had none.
    if (subjectSize > 0 || (was & HALF) > 0) texts[place + 1] = hasSubject ? subject : '';
    if (detailSize > 0 || was >>> 16 > 0) texts[place + 2] = hasDetail ? detail : '';
    return hasSubject && hasDetail;
  }

  /** Up to the first NUL; what is too long is cut, so that two have room. */
  setFirstPath(at: number, bytes: Uint8Array, start: number, size: number, most: number): void {
    const length = this.#copy(at * PATH_BYTES, bytes, start, Math.min(size, most));
    this.#words[at * RECORD_WORDS + word.codeAndPaths] = this.codeOf(at) | (length << 16);
  }

  setSecondPath(at: number, bytes: Uint8Array, start: number, size: number): void {
    const used = this.#firstSizeOf(at);
    const length = this.#copy(at * PATH_BYTES + used, bytes, start, Math.min(size, PATH_BYTES - used));
    this.#words[at * RECORD_WORDS + word.codeAndPaths] = this.codeOf(at) | (used << 16) | (length << 24);
  }

  #firstSizeOf(at: number): number {
    return (this.#word(at, word.codeAndPaths) >>> 16) & 0xff;
  }

  #secondSizeOf(at: number): number {
    return this.#word(at, word.codeAndPaths) >>> 24;
  }

  #copy(to: number, bytes: Uint8Array, start: number, size: number): number {
    const paths = this.#paths;
    for (let i = 0; i < size; i++) {
      const byte = bytes[start + i] as number; // Of an event, which has so many.
      if (byte === 0) return i;
      paths[to + i] = byte;
    }
    return size;
  }

  /** Makes the record at `at` the same as that of others at `from`. */
  copyFrom(at: number, others: Records, from: number): void {
    const texts = from * TEXTS;
    this.setTexts(
      at,
      others.#texts[texts] as string, // As many for each record.
      others.#texts[texts + 1] as string,
      others.#texts[texts + 2] as string,
    );
    const target = at * RECORD_WORDS;
    const source = from * RECORD_WORDS;
    for (let i = 0; i < word.sizes; i++) this.#words[target + i] = others.#words[source + i] as number; // One record's.
    const pathBytes = others.#firstSizeOf(from) + others.#secondSizeOf(from);
    for (let i = 0; i < pathBytes; i++)
      this.#paths[at * PATH_BYTES + i] = others.#paths[from * PATH_BYTES + i] as number; // The same.
  }

  timeLowOf(at: number): number {
    return this.#word(at, word.timeLow) >>> 0;
  }

  timeHighOf(at: number): number {
    return this.#word(at, word.timeHigh) >>> 0;
  }

  timeNsOf(at: number): bigint {
    return (BigInt(this.timeHighOf(at)) << 32n) | BigInt(this.timeLowOf(at));
  }

  codeOf(at: number): number {
    return this.#word(at, word.codeAndPaths) & HALF;
  }

  pidOf(at: number): number {
    return this.#word(at, word.pid);
  }

  resultOf(at: number): number {
    return this.#word(at, word.result);
  }

  firstOf(at: number): number {
    return this.#word(at, word.first);
  }

  secondOf(at: number): number {
    return this.#word(at, word.second);
  }

  /** Byte text, as all texts. */
  nameOf(at: number): string {
    return this.#texts[at * TEXTS] ?? '';
  }

  subjectOf(at: number): string {
    return this.#texts[at * TEXTS + 1] ?? '';
  }

  detailOf(at: number): string {
    return this.#texts[at * TEXTS + 2] ?? '';
  }

  firstPathOf(at: number): string {
    return this.#pathOf(at * PATH_BYTES, this.#firstSizeOf(at));
  }

  secondPathOf(at: number): string {
    return this.#pathOf(at * PATH_BYTES + this.#firstSizeOf(at), this.#secondSizeOf(at));
  }

  #pathOf(start: number, size: number): string {
    return Buffer.from(this.#paths.buffer, start, size).toString('latin1');
  }
}
