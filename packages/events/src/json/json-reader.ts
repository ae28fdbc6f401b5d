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
import { JsonNode } from './json-node.ts';
import { CELLS, cell, scanner } from './json-scanner.ts';

const HASHES = 64;
const ABSENT = -1;
/** Of a value that is not on the document's own tape. */
const NO_ENTRY = -1;
const OPEN_OBJECT = 0x7b;
const OPEN_LIST = 0x5b;

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
  /** Takes a megabyte: made when there is something to read. */
  #interner: TextInterner | undefined;
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
  #listed = new Int32Array(16);
  #values: (Json | undefined)[] = [undefined];
  #texts: (string | undefined)[] = [undefined];
  #items: (readonly JsonNode[] | undefined)[] = [undefined];
  /** Slots with values or items of the document. */
  readonly #held: number[] = [];

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
      this.#held.push(slot);
    }
    return this.#values[slot];
  }

  /** `undefined` where there is no list. */
  items(document: JsonNode, slot: number): readonly JsonNode[] | undefined {
    const start = this.#locate(document, slot);
    const { bytes } = document.tape;
    if (start === ABSENT || bytes[start] !== OPEN_LIST) return undefined;
    if (this.#listed[slot] !== this.#turn) {
      const entry = this.#entries[slot] as number;
      const node =
        entry === NO_ENTRY
          ? JsonNode.within(bytes, start, this.#ends[slot] as number)
          : new JsonNode(document.tape, entry);
      this.#items[slot] = node.items();
      this.#listed[slot] = this.#turn;
      this.#held.push(slot);
    }
    return this.#items[slot];
  }

  /** Texts as they are, anything else as compact JSON; byte text. */
  text(document: JsonNode, slot: number): string | undefined {
    const start = this.#locate(document, slot);
    if (start === ABSENT) return undefined;
    if (this.#shown[slot] !== this.#turn) {
      this.#interner ??= new TextInterner();
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
    this.#items.push(undefined);
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
    this.#listed = enlarged(this.#listed);
  }

  /** Where the value starts, or `ABSENT`. */
  #locate(document: JsonNode, slot: number): number {
    if (document !== this.#document) this.#moveTo(document);
    if (this.#located[slot] !== this.#turn) {
      const parent = (this.#bySlot[slot] as Wanted).parent as Wanted; // Only the root has none, and it is located at once.
      this.#locate(document, parent.slot);
      this.#lookInto(parent, document);
    }
    return this.#starts[slot] as number;
  }

  #moveTo(document: JsonNode): void {
    this.#letGo();
    this.#document = document;
    this.#turn++;
    this.#located[0] = this.#turn;
    this.#starts[0] = document.start;
    this.#ends[0] = document.end;
    this.#entries[0] = document.entry;
  }

  /** What nobody asks for again would keep the bytes of its document in memory. */
  #letGo(): void {
    for (let slot = this.#held.pop(); slot !== undefined; slot = this.#held.pop()) {
      this.#values[slot] = undefined;
      this.#items[slot] = undefined;
    }
  }

  /** Locates all that is wanted within a value. */
  #lookInto(parent: Wanted, { tape }: JsonNode): void {
    for (const child of parent.children) {
      this.#located[child.slot] = this.#turn;
      this.#starts[child.slot] = ABSENT;
    }
    const start = this.#starts[parent.slot] as number;
    if (start === ABSENT) return;
    const first = tape.bytes[start];
    if (first !== OPEN_OBJECT && first !== OPEN_LIST) return;
    const { cells, bytes } = tape;
    const entry = this.#entries[parent.slot] as number;
    const next = entry === NO_ENTRY ? 0 : (cells[entry + cell.next] as number);
    const isList = first === OPEN_LIST;
    let index = 0;
    if (next > entry + CELLS) {
      for (let at = entry + CELLS; at < next; at = cells[at + cell.next] as number)
        if (isList) this.#findItem(parent, index++, cells, at, at);
        else this.#findMember(parent, bytes, cells, at, at);
      return;
    }
    scanner.scan(bytes, start, this.#ends[parent.slot] as number, 1);
    const { cells: noted, first: offset, size } = scanner;
    for (let at = CELLS; at < size; at = noted[offset + at + cell.next] as number)
      if (isList) this.#findItem(parent, index++, noted, offset + at, NO_ENTRY);
      else this.#findMember(parent, bytes, noted, offset + at, NO_ENTRY);
  }

  #findMember(parent: Wanted, bytes: Buffer, cells: Int32Array, at: number, entry: number): void {
    const keyStart = cells[at + cell.keyStart] as number;
    const keyEnd = cells[at + cell.keyEnd] as number;
    if (keyEnd < 0 || parent.odd.length > 0) {
      const key = keyText(bytes, keyStart, keyEnd);
      for (const child of parent.children) if (child.key === key) this.#found(child, cells, at, entry);
    }
    if (keyEnd < 0) return;
    let position = parent.heads[hashOf(bytes, keyStart, keyEnd)] as number;
    while (position >= 0) {
      const child = parent.children[position] as Wanted;
      if (isSame(child.keyBytes, bytes, keyStart, keyEnd)) {
        this.#found(child, cells, at, entry);
        return;
      }
      position = parent.nexts[position] as number;
    }
  }

  #findItem(parent: Wanted, index: number, cells: Int32Array, at: number, entry: number): void {
    for (const child of parent.children) if (child.index === index) this.#found(child, cells, at, entry);
  }

  /** The last one counts. */
  #found({ slot }: Wanted, cells: Int32Array, at: number, entry: number): void {
    this.#starts[slot] = cells[at + cell.start] as number;
    this.#ends[slot] = cells[at + cell.end] as number;
    this.#entries[slot] = entry;
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
