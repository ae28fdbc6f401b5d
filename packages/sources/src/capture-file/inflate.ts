/**
 * Decompression of DEFLATE data, a piece at a time in bounded memory. Node's own decompressors either wait for
 * callbacks or want all of the input at once; a capture is read without waiting and may be larger than memory.
 */

import { Fault } from '@peregrine/base';
import type { BitInput } from './bit-input.ts';
import { buildHuffman, type HuffmanTable } from './huffman.ts';

const WINDOW_BYTES = 32_768;
const LONGEST_MATCH = 258;
const END_OF_BLOCK = 256;
const OUTPUT_BYTES = 1 << 18;

const LENGTH_BASE = Uint16Array.of(
  3,
  4,
  5,
  6,
  7,
  8,
  9,
  10,
  11,
  13,
  15,
  17,
  19,
  23,
  27,
  31,
  35,
  43,
  51,
  59,
  67,
  83,
  99,
  115,
  131,
  163,
  195,
  227,
  258,
);
const LENGTH_BITS = Uint8Array.of(
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  1,
  1,
  1,
  1,
  2,
  2,
  2,
  2,
  3,
  3,
  3,
  3,
  4,
  4,
  4,
  4,
  5,
  5,
  5,
  5,
  0,
);
const DISTANCE_BASE = Uint16Array.of(
  1,
  2,
  3,
  4,
  5,
  7,
  9,
  13,
  17,
  25,
  33,
  49,
  65,
  97,
  129,
  193,
  257,
  385,
  513,
  769,
  1025,
  1537,
  2049,
  3073,
  4097,
  6145,
  8193,
  12289,
  16385,
  24577,
);
const DISTANCE_BITS = Uint8Array.of(
  0,
  0,
  0,
  0,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  4,
  5,
  5,
  6,
  6,
  7,
  7,
  8,
  8,
  9,
  9,
  10,
  10,
  11,
  11,
  12,
  12,
  13,
  13,
);
/** Order in which the lengths of the code of code lengths are written. */
const CODE_LENGTH_ORDER = Uint8Array.of(16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15);

type Stage = 'block' | 'stored' | 'coded' | 'done';

export class Inflater {
  readonly #input: BitInput;
  /** Holds the last 32 KiB of output before `#from`, then what was not taken yet. */
  readonly output = new Uint8Array(OUTPUT_BYTES + LONGEST_MATCH);
  #to = 0;
  /** First byte that this stream wrote and a match may reach. */
  #oldest = 0;
  #stage: Stage = 'block';
  #isLast = false;
  #storedBytes = 0;
  #lengths: HuffmanTable = EMPTY_TABLE;
  #distances: HuffmanTable = EMPTY_TABLE;

  constructor(input: BitInput) {
    this.#input = input;
  }

  /** Begins another stream. */
  reset(): void {
    this.#to = 0;
    this.#oldest = 0;
    this.#stage = 'block';
    this.#isLast = false;
  }

  get isDone(): boolean {
    return this.#stage === 'done';
  }

  /** End of what was written to `output`. */
  get end(): number {
    return this.#to;
  }

  /** Decodes until the buffer is full or the stream ends; returns where in `output` the new bytes begin. */
  advance(): number {
    this.#slide();
    const from = this.#to;
    while (this.#to < OUTPUT_BYTES && this.#stage !== 'done') {
      if (this.#stage === 'block') this.#beginBlock();
      else if (this.#stage === 'stored') this.#copyStored();
      else this.#decode();
    }
    return from;
  }

  #slide(): void {
    if (this.#to < OUTPUT_BYTES) return;
    const keep = Math.min(this.#to, WINDOW_BYTES);
    this.output.copyWithin(0, this.#to - keep, this.#to);
    this.#to = keep;
    this.#oldest = 0;
  }

  #beginBlock(): void {
    const input = this.#input;
    if (this.#isLast) {
      input.align();
      input.verify();
      this.#stage = 'done';
      return;
    }
    this.#isLast = input.take(1) === 1;
    switch (input.take(2)) {
      case 0: {
        input.align();
        const size = input.take(16);
        if ((size ^ input.take(16)) !== 0xffff) throw damaged();
        this.#storedBytes = size;
        this.#stage = 'stored';
        return;
      }
      case 1:
        this.#lengths = FIXED_LENGTHS;
        this.#distances = FIXED_DISTANCES;
        this.#stage = 'coded';
        return;
      case 2:
        this.#readTables();
        this.#stage = 'coded';
        return;
      default:
        throw damaged();
    }
  }

  #copyStored(): void {
    if (this.#storedBytes === 0) {
      this.#stage = 'block';
      return;
    }
    const size = Math.min(this.#storedBytes, OUTPUT_BYTES - this.#to);
    const copied = this.#input.copy(this.output, this.#to, size);
    if (copied === 0) throw new Fault('capture-truncated', 'the compressed file ends early');
    this.#to += copied;
    this.#storedBytes -= copied;
  }

  #readTables(): void {
    const input = this.#input;
    const lengthCount = input.take(5) + 257;
    const distanceCount = input.take(5) + 1;
    const codeCount = input.take(4) + 4;
    const codeLengths = new Uint8Array(19);
    for (let i = 0; i < codeCount; i++) codeLengths[CODE_LENGTH_ORDER[i] as number] = input.take(3);
    const codes = tableOf(codeLengths);
    const all = new Uint8Array(lengthCount + distanceCount);
    for (let i = 0; i < all.length; ) {
      const symbol = this.#symbol(codes);
      if (symbol < 16) {
        all[i++] = symbol;
        continue;
      }
      if (symbol === 16 && i === 0) throw damaged();
      const value = symbol === 16 ? (all[i - 1] as number) : 0;
      const repeat =
        symbol === 16 ? 3 + input.take(2) : symbol === 17 ? 3 + input.take(3) : 11 + input.take(7);
      if (i + repeat > all.length) throw damaged();
      all.fill(value, i, i + repeat);
      i += repeat;
    }
    this.#lengths = tableOf(all.subarray(0, lengthCount));
    this.#distances = tableOf(all.subarray(lengthCount));
  }

  #symbol(codes: HuffmanTable): number {
    const input = this.#input;
    input.fill();
    const entry = codes.table[input.bits & codes.mask] as number;
    if (entry === 0) throw damaged();
    input.bits >>>= entry & 15;
    input.count -= entry & 15;
    return entry >> 4;
  }

  /** HOT: the bytes of a coded block, until it ends or the buffer is full. */
  #decode(): void {
    const input = this.#input;
    const output = this.output;
    const lengthTable = this.#lengths.table;
    const lengthMask = this.#lengths.mask;
    const distanceTable = this.#distances.table;
    const distanceMask = this.#distances.mask;
    let to = this.#to;
    while (to < OUTPUT_BYTES) {
      input.fill();
      const entry = lengthTable[input.bits & lengthMask] as number;
      if (entry === 0) throw damaged();
      input.bits >>>= entry & 15;
      input.count -= entry & 15;
      const symbol = entry >> 4;
      if (symbol < END_OF_BLOCK) {
        output[to++] = symbol;
        continue;
      }
      if (symbol === END_OF_BLOCK) {
        this.#stage = 'block';
        break;
      }
      const lengthIndex = symbol - 257;
      if (lengthIndex >= LENGTH_BASE.length) throw damaged();
      const length = (LENGTH_BASE[lengthIndex] as number) + input.take(LENGTH_BITS[lengthIndex] as number);
      input.fill();
      const distanceEntry = distanceTable[input.bits & distanceMask] as number;
      if (distanceEntry === 0) throw damaged();
      input.bits >>>= distanceEntry & 15;
      input.count -= distanceEntry & 15;
      const distanceIndex = distanceEntry >> 4;
      if (distanceIndex >= DISTANCE_BASE.length) throw damaged();
      const distance =
        (DISTANCE_BASE[distanceIndex] as number) + input.take(DISTANCE_BITS[distanceIndex] as number);
      let source = to - distance;
      if (source < this.#oldest) throw damaged();
      for (const end = to + length; to < end; ) output[to++] = output[source++] as number;
    }
    this.#to = to;
  }
}

function tableOf(lengths: Uint8Array): HuffmanTable {
  const table = buildHuffman(lengths);
  if (table === undefined) throw damaged();
  return table;
}

function damaged(): Fault {
  return new Fault('capture-malformed', 'the compressed file is damaged');
}

const EMPTY_TABLE: HuffmanTable = { table: new Uint16Array(2), mask: 1 };

const FIXED_LENGTHS = tableOf(
  Uint8Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8)),
);
const FIXED_DISTANCES = tableOf(new Uint8Array(30).fill(5));
