/**
 * Reads values of one document after the other, by paths that were settled before. HOT: a value that was read before is
 * a look into an array.
 *
 * Whoever wants to read a path asks for its slot once. A document is then looked into no further than somebody asks, and
 * no value of it is decoded twice.
 */

import type { Json } from '@peregrine/base';
import { TextInterner } from '../wire/text-interner.ts';
import { decodeJson, decodeText } from './decode-json.ts';
import { isIndex, keyText } from './json-key.ts';
import type { JsonNode } from './json-node.ts';
import { CELLS, cell, JsonTape, scanJson } from './json-scanner.ts';

const HASHES = 64;
const ABSENT = -1;
/** Of a value that is not on the document's own tape. */
const NO_ENTRY = -1;

/** A value that somebody wants, and those within it. */
interface Wanted {
  readonly slot: number;
  readonly parent: Wanted | undefined;
  readonly key: string;
  readonly keyBytes: Buffer;
  /** The position it stands for where it is asked for in a list; -1 when it is none. */
  readonly index: number;
  /** In order of their first mention. */
  readonly children: Wanted[];
  /** By a hash of their keys: the first child's position, and for each child that of the next. -1 ends it. */
  readonly heads: Int16Array;
  readonly nexts: number[];
  /** Keys that are no plain UTF-8 text, which only their decoded form can be compared with. */
  readonly odd: Wanted[];
}

export class JsonReader {
  readonly #interner = new TextInterner();
  readonly #root: Wanted = wanted(0, undefined, '');
  readonly #bySlot: Wanted[] = [this.#root];
  #document: JsonNode | undefined;
  /** Goes up with each document: what is marked with an earlier one is of that. */
  #turn = 0;
  /** By slot. */
  #located = new Int32Array(16);
  #starts = new Int32Array(16);
  #ends = new Int32Array(16);
  #entries = new Int32Array(16);
  #decoded = new Int32Array(16);
  #shown = new Int32Array(16);
  #values: (Json | undefined)[] = [undefined];
  #texts: (string | undefined)[] = [undefined];
  #scratch: JsonTape | undefined;

  /** Number of the path from now on. Keys of lists are their positions, from 0. The empty path is the document. */
  slot(path: readonly string[]): number {
    let found = this.#root;
    for (const key of path)
      found = found.children.find((child) => child.key === key) ?? this.#add(found, key);
    return found.slot;
  }

  has(document: JsonNode, slot: number): boolean {
    return this.#locate(document, slot) !== ABSENT;
  }

  /** As `JSON.parse` gives it. */
  value(document: JsonNode, slot: number): Json | undefined {
    const start = this.#locate(document, slot);
    if (start === ABSENT) return undefined;
    if (this.#decoded[slot] !== this.#turn) {
      this.#values[slot] = decodeJson(document.tape.bytes, start, this.#ends[slot] as number);
      this.#decoded[slot] = this.#turn;
    }
    return this.#values[slot];
  }

  /** Texts as they are, anything else as compact JSON; byte text. */
  text(document: JsonNode, slot: number): string | undefined {
    const start = this.#locate(document, slot);
    if (start === ABSENT) return undefined;
    if (this.#shown[slot] !== this.#turn) {
      const { bytes } = document.tape;
      this.#texts[slot] = decodeText(bytes, start, this.#ends[slot] as number, this.#interner);
      this.#shown[slot] = this.#turn;
    }
    return this.#texts[slot];
  }

  #add(parent: Wanted, key: string): Wanted {
    const slot = this.#bySlot.length;
    const child = wanted(slot, parent, key);
    this.#bySlot.push(child);
    this.#values.push(undefined);
    this.#texts.push(undefined);
    if (slot >= this.#located.length) this.#enlarge(slot * 2);
    // What is known of this document was found without it.
    this.#turn++;
    this.#document = undefined;
    const position = parent.children.push(child) - 1;
    parent.nexts.push(-1);
    if (isOdd(key)) parent.odd.push(child);
    else {
      const hash = hashOf(child.keyBytes, 0, child.keyBytes.length);
      parent.nexts[position] = parent.heads[hash] as number;
      parent.heads[hash] = position;
    }
    return child;
  }

  #enlarge(size: number): void {
    const enlarged = (from: Int32Array): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(size);
      to.set(from);
      return to;
    };
    this.#located = enlarged(this.#located);
    this.#starts = enlarged(this.#starts);
    this.#ends = enlarged(this.#ends);
    this.#entries = enlarged(this.#entries);
    this.#decoded = enlarged(this.#decoded);
    this.#shown = enlarged(this.#shown);
  }

  /** Where the value starts, or `ABSENT`. */
  #locate(document: JsonNode, slot: number): number {
    if (document !== this.#document) this.#moveTo(document);
    if (this.#located[slot] !== this.#turn) {
      const parent = (this.#bySlot[slot] as Wanted).parent as Wanted; // Only the root has none, and it is located at once.
      this.#locate(document, parent.slot);
      this.#lookInto(parent, document.tape);
    }
    return this.#starts[slot] as number;
  }

  #moveTo(document: JsonNode): void {
    this.#document = document;
    this.#turn++;
    this.#located[0] = this.#turn;
    this.#starts[0] = document.start;
    this.#ends[0] = document.end;
    this.#entries[0] = document.entry;
  }

  /** Locates all that is wanted within a value. */
  #lookInto(parent: Wanted, tape: JsonTape): void {
    for (const child of parent.children) {
      this.#located[child.slot] = this.#turn;
      this.#starts[child.slot] = ABSENT;
    }
    const start = this.#starts[parent.slot] as number;
    if (start === ABSENT) return;
    const first = tape.bytes[start];
    if (first !== 0x7b && first !== 0x5b) return;
    const entry = this.#entries[parent.slot] as number;
    const next = entry === NO_ENTRY ? 0 : (tape.cells[entry + cell.next] as number);
    const isOnTape = next > entry + CELLS;
    const source = isOnTape ? tape : this.#scan(tape.bytes, start, this.#ends[parent.slot] as number);
    const from = isOnTape ? entry + CELLS : CELLS;
    const to = isOnTape ? next : source.size;
    if (first === 0x7b) this.#findMembers(parent, source, from, to, isOnTape);
    else this.#findItems(parent, source, from, to, isOnTape);
  }

  #scan(bytes: Buffer, start: number, end: number): JsonTape {
    this.#scratch ??= new JsonTape(bytes, 64);
    const tape = this.#scratch;
    tape.bytes = bytes;
    tape.size = 0;
    scanJson(tape, start, end, 1);
    return tape;
  }

  #findMembers(parent: Wanted, tape: JsonTape, from: number, to: number, isOnTape: boolean): void {
    const { bytes, cells } = tape;
    for (let at = from; at < to; at = cells[at + cell.next] as number) {
      const keyStart = cells[at + cell.keyStart] as number;
      const keyEnd = cells[at + cell.keyEnd] as number;
      if (keyEnd < 0 || parent.odd.length > 0) this.#findDecoded(parent, tape, at, isOnTape);
      if (keyEnd < 0) continue;
      let position = parent.heads[hashOf(bytes, keyStart, keyEnd)] as number;
      while (position >= 0) {
        const child = parent.children[position] as Wanted;
        if (isSame(child.keyBytes, bytes, keyStart, keyEnd)) {
          this.#found(child, cells, at, isOnTape);
          break;
        }
        position = parent.nexts[position] as number;
      }
    }
  }

  #findDecoded(parent: Wanted, tape: JsonTape, at: number, isOnTape: boolean): void {
    const key = keyText(
      tape.bytes,
      tape.cells[at + cell.keyStart] as number,
      tape.cells[at + cell.keyEnd] as number,
    );
    for (const child of parent.children) if (child.key === key) this.#found(child, tape.cells, at, isOnTape);
  }

  #findItems(parent: Wanted, { cells }: JsonTape, from: number, to: number, isOnTape: boolean): void {
    let index = 0;
    for (let at = from; at < to; at = cells[at + cell.next] as number) {
      for (const child of parent.children) if (child.index === index) this.#found(child, cells, at, isOnTape);
      index++;
    }
  }

  /** The last one counts. */
  #found({ slot }: Wanted, cells: Int32Array, at: number, isOnTape: boolean): void {
    this.#starts[slot] = cells[at + cell.start] as number;
    this.#ends[slot] = cells[at + cell.end] as number;
    this.#entries[slot] = isOnTape ? at : NO_ENTRY;
  }
}

function wanted(slot: number, parent: Wanted | undefined, key: string): Wanted {
  return {
    slot,
    parent,
    key,
    keyBytes: Buffer.from(isOdd(key) ? '' : key),
    index: isIndex(key) ? Number(key) : -1,
    children: [],
    heads: new Int16Array(HASHES).fill(-1),
    nexts: [],
    odd: [],
  };
}

/** U+FFFD may stand for any bytes that are no UTF-8, and half a pair has no bytes. */
function isOdd(key: string): boolean {
  return key.includes('\ufffd') || !key.isWellFormed();
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  if (end === start) return 0;
  return ((end - start) * 7 + (bytes[start] as number) * 3 + (bytes[end - 1] as number)) & (HASHES - 1);
}

function isSame(key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== key.length) return false;
  for (let i = 0; i < key.length; i++) if (key[i] !== bytes[start + i]) return false;
  return true;
}
