/**
 * Events of the past, as many as there is room for: numbers, the bytes of paths, and texts that the tables have anyway. Of one
 * size from the start. HOT: nothing here allocates but the constructor and texts of paths. What belongs to one record lies together,
 * since records of many processes come in turns: in columns, each event costs ten times as many lines of the cache.
 */

/** Of the paths in one record. */
export const PATH_BYTES = 132;
/** The texts that a record refers to, counted where they stand. */
const TEXTS = 3;
const TEXT_BYTES = 8;

/** Words of 32 bits at the beginning of a record. */
const word = {
  timeLow: 0,
  timeHigh: 1,
  code: 2,
  pid: 3,
  result: 4,
  first: 5,
  second: 6,
  /** Characters of the subject, and of the detail. */
  subjectSize: 7,
  detailSize: 8,
  /** Bytes of the paths. */
  firstPathSize: 9,
  secondPathSize: 10,
} as const;
const HEAD_WORDS = 11;
const RECORD_WORDS = HEAD_WORDS + PATH_BYTES / 4;
/** Of one record, without the texts that it refers to. */
export const RECORD_BYTES: number = RECORD_WORDS * 4 + TEXTS * TEXT_BYTES;

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
  readonly #bytes: Uint8Array;
  /** Name of the process (15 characters), subject and detail of each record. */
  readonly #texts: string[];
  readonly #budget: TextBudget;

  constructor(count: number, budget: TextBudget) {
    this.#words = new Int32Array(count * RECORD_WORDS);
    this.#bytes = new Uint8Array(this.#words.buffer);
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
    words[start + word.code] = code;
    words[start + word.pid] = pid;
    words[start + word.result] = result;
    words[start + word.firstPathSize] = 0;
    words[start + word.secondPathSize] = 0;
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
    // Writing a text costs more than looking whether it is to be written.
    if (texts[place] !== name) texts[place] = name;
    const subjectWas = words[start + word.subjectSize] as number; // As in `#word`.
    const detailWas = words[start + word.detailSize] as number;
    let used = budget.usedChars - subjectWas - detailWas;
    const hasSubject = used + subject.length <= budget.mostChars;
    const subjectSize = hasSubject ? subject.length : 0;
    used += subjectSize;
    const hasDetail = used + detail.length <= budget.mostChars;
    const detailSize = hasDetail ? detail.length : 0;
    budget.usedChars = used + detailSize;
    if (subjectSize > 0 || subjectWas > 0) {
      words[start + word.subjectSize] = subjectSize;
      texts[place + 1] = hasSubject ? subject : '';
    }
    if (detailSize > 0 || detailWas > 0) {
      words[start + word.detailSize] = detailSize;
      texts[place + 2] = hasDetail ? detail : '';
    }
    return hasSubject && hasDetail;
  }

  /** Up to the first NUL; what is too long is cut, so that two have room. */
  setFirstPath(at: number, bytes: Uint8Array, start: number, size: number, most: number): void {
    const length = this.#copy(pathStart(at), bytes, start, Math.min(size, most));
    this.#words[at * RECORD_WORDS + word.firstPathSize] = length;
    this.#words[at * RECORD_WORDS + word.secondPathSize] = 0;
  }

  setSecondPath(at: number, bytes: Uint8Array, start: number, size: number): void {
    const used = this.#word(at, word.firstPathSize);
    const length = this.#copy(pathStart(at) + used, bytes, start, Math.min(size, PATH_BYTES - used));
    this.#words[at * RECORD_WORDS + word.secondPathSize] = length;
  }

  #copy(to: number, bytes: Uint8Array, start: number, size: number): number {
    const paths = this.#bytes;
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
    const paths = others.#word(from, word.firstPathSize) + others.#word(from, word.secondPathSize);
    const count = HEAD_WORDS + ((paths + 3) >> 2);
    for (let i = 0; i < count; i++)
      if (i !== word.subjectSize && i !== word.detailSize)
        this.#words[target + i] = others.#words[source + i] as number; // Within one record.
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
    return this.#word(at, word.code);
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
    return this.#pathOf(pathStart(at), this.#word(at, word.firstPathSize));
  }

  secondPathOf(at: number): string {
    const first = this.#word(at, word.firstPathSize);
    return this.#pathOf(pathStart(at) + first, this.#word(at, word.secondPathSize));
  }

  #pathOf(start: number, size: number): string {
    return Buffer.from(this.#bytes.buffer, start, size).toString('latin1');
  }
}

function pathStart(at: number): number {
  return (at * RECORD_WORDS + HEAD_WORDS) * 4;
}
