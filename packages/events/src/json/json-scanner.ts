/**
 * Checks JSON text byte by byte and notes where its upper values are, without making any of them.
 * HOT: runs over every byte that comes in. It allocates nothing but room on the tape.
 *
 * What it takes is what `JSON.parse` takes of the same bytes as UTF-8, where bytes that are no UTF-8 become U+FFFD: within
 * strings they are let through, anywhere else they are none of JSON's.
 */

/** Cells of one value on the tape. */
export const cell = {
  /** Of the key, without its quotes. 0 where the value has none: it is an item of a list, or the whole. */
  keyStart: 0,
  /** Negative, and one less than it would be, when the key has escapes. */
  keyEnd: 1,
  start: 2,
  end: 3,
  /** The value after this one and all that is in it. */
  next: 4,
} as const;

export const CELLS = 5;

/** Where the values of a text are, in their order, those within others included down to a level. */
export class JsonTape {
  bytes: Buffer;
  cells: Int32Array;
  /** Cells in use. */
  size = 0;
  /** Lists and objects within each other, at most. */
  deepest = 0;
  /** What was found where something else was expected; -1 when nothing is wrong. The length of the text: it ends too early. */
  failedAt = -1;

  constructor(bytes: Buffer, values: number) {
    this.bytes = bytes;
    this.cells = new Int32Array(Math.max(1, values) * CELLS);
  }

  grow(): Int32Array {
    const cells = new Int32Array(this.cells.length * 2);
    cells.set(this.cells);
    this.cells = cells;
    return cells;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const SPACE = 0x20;
const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const UPPER_E = 0x45;
const LOWER_E = 0x65;
const LOWER_U = 0x75;

const ONES = 0x01010101;
const QUOTES = 0x22222222;
const BACKSLASHES = 0x5c5c5c5c;
const SPACES = 0x20202020;
const HIGH_BITS = 0x80808080 | 0;

/** Bytes that end a run of a string's plain bytes. */
const isSpecial = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < SPACE || byte === QUOTE || byte === BACKSLASH ? 1 : 0,
);
const isEscapable = Uint8Array.from({ length: 256 }, (_, byte) =>
  '"\\/bfnrt'.includes(String.fromCharCode(byte)) ? 1 : 0,
);
const isHex = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[0-9a-fA-F]/.test(String.fromCharCode(byte)) ? 1 : 0,
);
const LEAST_STACK = 256;

/**
 * The text between `start` and `end`, one value with blanks around it. Values are noted down to `levels`: 0 is the whole
 * alone, 1 its members or items, too. `tape.failedAt` says whether it is JSON.
 */
export function scanJson(tape: JsonTape, start: number, end: number, levels: number): void {
  const { bytes } = tape;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  /** Whole words can be read up to here. */
  const lastWord = end - 4;
  let { cells, size, deepest } = tape;
  /** Of the open lists and objects: 1 for objects. */
  let stack = new Uint8Array(LEAST_STACK);
  const opened = new Int32Array(levels + 1);
  let depth = 0;
  let isObject = false;
  let keyStart = 0;
  let keyEnd = 0;
  let at = start;

  scan: for (;;) {
    if (at < end && (bytes[at] as number) <= SPACE) at = afterBlanks(bytes, at, end);
    if (isObject) {
      if (at >= end || bytes[at] !== QUOTE) break;
      keyStart = ++at;
      let isEscaped = false;
      for (;;) {
        if (at <= lastWord) {
          const special = specialIn(view.getInt32(at, true));
          if (special === 0) {
            at += 4;
            continue;
          }
          at += (31 - Math.clz32(special & -special)) >> 3;
        } else while (at < end && isSpecial[bytes[at] as number] === 0) at++;
        if (at >= end) break scan;
        if (bytes[at] === QUOTE) break;
        const after = afterEscape(bytes, at, end);
        if (after < 0) {
          at = ~after;
          break scan;
        }
        at = after;
        isEscaped = true;
      }
      keyEnd = isEscaped ? ~at : at;
      at++;
      if (at < end && (bytes[at] as number) <= SPACE) at = afterBlanks(bytes, at, end);
      if (at >= end || bytes[at] !== COLON) break;
      at++;
      if (at < end && (bytes[at] as number) <= SPACE) at = afterBlanks(bytes, at, end);
    }
    if (at >= end) break;
    const isNoted = depth <= levels;
    if (isNoted) {
      if (size + CELLS > cells.length) cells = tape.grow();
      cells[size] = keyStart;
      cells[size + 1] = keyEnd;
      cells[size + 2] = at;
    }
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      at++;
      for (;;) {
        if (at <= lastWord) {
          const special = specialIn(view.getInt32(at, true));
          if (special === 0) {
            at += 4;
            continue;
          }
          at += (31 - Math.clz32(special & -special)) >> 3;
        } else while (at < end && isSpecial[bytes[at] as number] === 0) at++;
        if (at >= end) break scan;
        if (bytes[at] === QUOTE) break;
        const after = afterEscape(bytes, at, end);
        if (after < 0) {
          at = ~after;
          break scan;
        }
        at = after;
      }
      at++;
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      if (isNoted) opened[depth] = size;
      if (depth === stack.length) stack = enlarged(stack);
      isObject = byte === OPEN_OBJECT;
      stack[depth++] = isObject ? 1 : 0;
      if (depth > deepest) deepest = depth;
      keyStart = 0;
      keyEnd = 0;
      at++;
      if (at < end && (bytes[at] as number) <= SPACE) at = afterBlanks(bytes, at, end);
      if (at >= end) break;
      if (isNoted) size += CELLS;
      if (bytes[at] !== (isObject ? CLOSE_OBJECT : CLOSE_LIST)) continue;
      // Nothing is in it: what ends it is seen below.
    } else {
      const after =
        byte === MINUS || (byte >= ZERO && byte <= NINE)
          ? afterNumber(bytes, at, end)
          : afterWord(bytes, at, end);
      if (after < 0) {
        at = ~after;
        break;
      }
      at = after;
    }
    if (isNoted && byte !== OPEN_OBJECT && byte !== OPEN_LIST) {
      cells[size + 3] = at;
      size += CELLS;
      cells[size - 1] = size;
    }
    // A value has ended, or what it is in is about to.
    for (;;) {
      if (at < end && (bytes[at] as number) <= SPACE) at = afterBlanks(bytes, at, end);
      if (depth === 0) {
        if (at < end) break scan;
        tape.size = size;
        tape.deepest = deepest;
        tape.failedAt = -1;
        return;
      }
      if (at >= end) break scan;
      const mark = bytes[at] as number;
      if (mark === COMMA) {
        at++;
        continue scan;
      }
      if (mark !== (isObject ? CLOSE_OBJECT : CLOSE_LIST)) break scan;
      at++;
      depth--;
      if (depth <= levels) {
        const entry = opened[depth] as number;
        cells[entry + 3] = at;
        cells[entry + 4] = size;
      }
      isObject = depth > 0 && stack[depth - 1] === 1;
      keyStart = 0;
      keyEnd = 0;
    }
  }
  tape.failedAt = Math.min(at, end);
}

/** The highest bit of each byte that ends a run of plain ones, of four; those above the lowest may be set wrongly. */
function specialIn(word: number): number {
  const quote = word ^ QUOTES;
  const backslash = word ^ BACKSLASHES;
  return (
    (((quote - ONES) & ~quote) | ((backslash - ONES) & ~backslash) | ((word - SPACES) & ~word)) & HIGH_BITS
  );
}

function afterBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(bytes[at] as number)) at++;
  return at;
}

function isBlank(byte: number): boolean {
  return byte <= SPACE && (byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09);
}

/** Like the others: what comes after it; or, when there is something wrong, the complement of where. */
function afterEscape(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] !== BACKSLASH) return ~at;
  if (at + 1 >= end) return ~end;
  const byte = bytes[at + 1] as number;
  if (byte !== LOWER_U) return isEscapable[byte] === 1 ? at + 2 : ~(at + 1);
  for (let i = at + 2; i < at + 6; i++) {
    if (i >= end) return ~end;
    if (isHex[bytes[i] as number] === 0) return ~i;
  }
  return at + 6;
}

function afterNumber(bytes: Uint8Array, start: number, end: number): number {
  let at = bytes[start] === MINUS ? start + 1 : start;
  if (at >= end) return ~end;
  if (bytes[at] === ZERO) at++;
  else {
    const digits = at;
    while (at < end && isDigit(bytes[at] as number)) at++;
    if (at === digits) return ~at;
  }
  if (at < end && bytes[at] === DOT) {
    const digits = ++at;
    while (at < end && isDigit(bytes[at] as number)) at++;
    if (at === digits) return ~at;
  }
  if (at < end && (bytes[at] === LOWER_E || bytes[at] === UPPER_E)) {
    at++;
    if (at < end && (bytes[at] === PLUS || bytes[at] === MINUS)) at++;
    const digits = at;
    while (at < end && isDigit(bytes[at] as number)) at++;
    if (at === digits) return ~at;
  }
  return at;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

const words = ['true', 'false', 'null'].map((word) => Uint8Array.from(word, (char) => char.charCodeAt(0)));

function afterWord(bytes: Uint8Array, at: number, end: number): number {
  for (const word of words) {
    if (bytes[at] !== word[0]) continue;
    for (let i = 1; i < word.length; i++) {
      if (at + i >= end) return ~end;
      if (bytes[at + i] !== word[i]) return ~(at + i);
    }
    return at + word.length;
  }
  return ~at;
}

function enlarged(stack: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(stack.length * 2);
  larger.set(stack);
  return larger;
}
