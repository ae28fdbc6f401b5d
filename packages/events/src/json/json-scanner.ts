/**
 * Checks JSON text byte by byte and notes where its upper values are, without making any of them. HOT: runs over every
 * byte that comes in; it is in WebAssembly, json-scanner.wat, since sixteen bytes at a time take a third of the time that
 * JavaScript takes for one after the other (6.7 and 2.3 µs for an audit event of 5 KB, bench/k8s-audit.ts).
 *
 * What it takes is what `JSON.parse` takes of the same bytes as UTF-8, where bytes that are no UTF-8 become U+FFFD: within
 * texts they are let through, anywhere else they are none of JSON's.
 */

import { scannerCode } from './json-scanner-code.ts';

/** Cells of one value on a tape. */
export const cell = {
  /** Of the key, without its quotes. 0 where the value has none: it is an item of a list, or the whole. */
  keyStart: 0,
  /** The complement of what it would be when the key has escapes, and so negative. */
  keyEnd: 1,
  start: 2,
  end: 3,
  /** The value after this one and all that is in it. */
  next: 4,
} as const;

export const CELLS = 5;

/** Where the values of a text are, in their order, those within others included down to a level. */
export interface JsonTape {
  /** What positions are of. */
  readonly bytes: Buffer;
  readonly cells: Int32Array;
  /** Lists and objects within each other, at most. */
  readonly deepest: number;
}

interface Code {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  scan(
    at: number,
    end: number,
    base: number,
    levels: number,
    cells: number,
    lastCell: number,
    stack: number,
    mostDeep: number,
  ): number;
}

// The library of types for Node leaves it out.
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

/** As json-scanner.wat has it. */
const HEADER_BYTES = 64;
const PADDING_BYTES = 64;
const NEEDS_CELLS = -2;
const NEEDS_STACK = -3;
const PAGE_BYTES = 1 << 16;
const LEAST_STACK = 1 << 10;
const VALUE_BYTES = CELLS * 4;
/** Text for each value that is noted, as a first guess. */
const TEXT_PER_VALUE = 64;
const LEAST_VALUES = 64;
/** After a text that took more, the memory is given back. */
const MOST_KEPT_BYTES = 64 << 20;

export class JsonScanner {
  #code: Code | undefined;
  #memory = new Uint8Array(0);
  #stackBytes = LEAST_STACK;
  /** The memory as cells. What was noted is good until the next scan, and begins at `first`. */
  cells = new Int32Array(0);
  first = 0;
  /** Cells in use. */
  size = 0;
  deepest = 0;
  /** Where something was found that JSON could not have there. The end: it ends too early. */
  failedAt = 0;

  /**
   * Gives whether the text between `start` and `end` is JSON: one value with blanks around it. Values are noted down to
   * `levels`, at most 8: 0 is the whole alone, 1 its members or items, too.
   */
  scan(bytes: Buffer, start: number, end: number, levels: number): boolean {
    for (let values = LEAST_VALUES + (end - start) / TEXT_PER_VALUE; ; values *= 2) {
      const result = this.#run(bytes, start, end, levels, Math.ceil(values));
      if (result === NEEDS_STACK) this.#stackBytes *= 4;
      else if (result !== NEEDS_CELLS) return this.#end(result);
    }
  }

  /** What was noted last, kept. */
  tape(bytes: Buffer): JsonTape {
    const cells = this.cells.slice(this.first, this.first + this.size);
    const { deepest } = this;
    this.#trim();
    return { bytes, cells, deepest };
  }

  #end(result: number): boolean {
    const isJson = result < 0;
    if (!isJson) this.#trim();
    return isJson;
  }

  /** Memory can only grow: less of it means another. */
  #trim(): void {
    if (this.#memory.length <= MOST_KEPT_BYTES) return;
    this.#code = undefined;
    this.#stackBytes = LEAST_STACK;
    this.#useMemory(new ArrayBuffer(0));
  }

  #run(bytes: Buffer, start: number, end: number, levels: number, values: number): number {
    const textAt = HEADER_BYTES + this.#stackBytes;
    const textEnd = textAt + end - start;
    const cellsAt = (textEnd + PADDING_BYTES + 3) & ~3;
    const code = this.#codeWith(cellsAt + (values + 1) * VALUE_BYTES);
    bytes.copy(this.#memory, textAt, start, end);
    this.#memory.fill(0, textEnd, textEnd + PADDING_BYTES);
    const base = textAt - start;
    const lastCell = cellsAt + values * VALUE_BYTES;
    const result = code.scan(
      textAt,
      textEnd,
      base,
      levels,
      cellsAt,
      lastCell,
      HEADER_BYTES,
      this.#stackBytes,
    );
    this.first = cellsAt >> 2;
    this.size = this.cells[0] as number;
    this.deepest = this.cells[1] as number;
    this.failedAt = Math.min(result - base, end);
    return result;
  }

  #codeWith(sizeBytes: number): Code {
    const code = this.#code ?? load();
    this.#code = code;
    const { memory } = code;
    const missing = sizeBytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
    if (this.#memory.buffer !== memory.buffer) this.#useMemory(memory.buffer);
    return code;
  }

  #useMemory(memory: ArrayBuffer): void {
    this.#memory = new Uint8Array(memory);
    this.cells = new Int32Array(memory);
  }
}

function load(): Code {
  const module = new WebAssembly.Module(Buffer.from(scannerCode, 'base64'));
  return new WebAssembly.Instance(module).exports as Code; // As json-scanner.wat has it.
}

/** One for each thread: of what is in its memory nothing is used after the call that put it there. */
export const scanner: JsonScanner = new JsonScanner();
