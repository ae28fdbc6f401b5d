/**
 * A value within JSON text that somebody sent: where its bytes are. It is decoded when somebody asks, and not before.
 * Of members with the same key the last counts, as for `JSON.parse`.
 */

import type { Json } from '@peregrine/base';
import { decodeJson, decodeText } from './decode-json.ts';
import { isIndex, isKey } from './json-key.ts';
import { CELLS, cell, type JsonTape, scanner } from './json-scanner.ts';

/** Lists of events are two levels down, and what rules read of an event most is two levels below it. */
const LEVELS = 4;

export interface JsonFailure {
  /** What is wrong, for people. */
  readonly failure: string;
}

export type JsonKind = 'object' | 'list' | 'text' | 'number' | 'word';

export class JsonNode {
  readonly tape: JsonTape;
  /** Its first cell on the tape. */
  readonly entry: number;

  constructor(tape: JsonTape, entry: number) {
    this.tape = tape;
    this.entry = entry;
  }

  /** The bytes are not copied: they must stay as they are. */
  static parse(bytes: Buffer): JsonNode | JsonFailure {
    const isJson = scanner.scan(bytes, 0, bytes.length, LEVELS);
    return isJson ? new JsonNode(scanner.tape(bytes), 0) : { failure: failureOf(bytes, scanner.failedAt) };
  }

  /** A part of a text that was checked before. */
  static within(bytes: Buffer, start: number, end: number): JsonNode {
    scanner.scan(bytes, start, end, LEVELS);
    return new JsonNode(scanner.tape(bytes), 0);
  }

  /** A value that is JSON, as the text that would give it. */
  static of(value: Json): JsonNode {
    const node = JsonNode.parse(Buffer.from(JSON.stringify(value)));
    if (!(node instanceof JsonNode)) throw new TypeError(`not JSON: ${node.failure}`);
    return node;
  }

  /** Of its bytes, those of `tape.bytes`. */
  get start(): number {
    return this.tape.cells[this.entry + cell.start] as number;
  }

  get end(): number {
    return this.tape.cells[this.entry + cell.end] as number;
  }

  get sizeBytes(): number {
    return this.end - this.start;
  }

  get kind(): JsonKind {
    switch (this.tape.bytes[this.start]) {
      case 0x7b:
        return 'object';
      case 0x5b:
        return 'list';
      case 0x22:
        return 'text';
      case 0x74:
      case 0x66:
      case 0x6e:
        return 'word';
      default:
        return 'number';
    }
  }

  /** `undefined` when it is no object, or has no such member. */
  member(key: string): JsonNode | undefined {
    if (this.kind !== 'object') return undefined;
    const { tape, first, last } = this.#inside();
    const { bytes, cells } = tape;
    let found = 0;
    for (let at = first; at < last; at = cells[at + cell.next] as number)
      if (isKey(bytes, cells[at + cell.keyStart] as number, cells[at + cell.keyEnd] as number, key))
        found = at;
    return found === 0 ? undefined : new JsonNode(tape, found);
  }

  /** None unless it is a list. */
  items(): readonly JsonNode[] {
    if (this.kind !== 'list') return [];
    const { tape, first, last } = this.#inside();
    const items: JsonNode[] = [];
    for (let at = first; at < last; at = tape.cells[at + cell.next] as number)
      items.push(new JsonNode(tape, at));
    return items;
  }

  /** Keys of lists are positions, from 0. */
  at(...path: readonly string[]): JsonNode | undefined {
    let found: JsonNode | undefined = this;
    for (const key of path) {
      if (found?.kind === 'list') found = isIndex(key) ? found.items()[Number(key)] : undefined;
      else found = found?.member(key);
    }
    return found;
  }

  /** UTF-16; empty where there is no text. */
  textAt(...path: readonly string[]): string {
    const found = this.at(...path);
    return found?.kind === 'text' ? String(found.value()) : '';
  }

  /** As rules see it: texts as they are, anything else as compact JSON; byte text. */
  shown(): string {
    return decodeText(this.tape.bytes, this.start, this.end);
  }

  /** As `JSON.parse` gives it. */
  value(): Json {
    return decodeJson(this.tape.bytes, this.start, this.end);
  }

  /** UTF-16, as it was written. */
  source(): string {
    return this.tape.bytes.toString('utf8', this.start, this.end);
  }

  /** Where what is in it is: on its own tape, or on one that is made now when it is too far down. */
  #inside(): { readonly tape: JsonTape; readonly first: number; readonly last: number } {
    const { tape, entry, start, end } = this;
    const last = tape.cells[entry + cell.next] as number;
    if (last > entry + CELLS) return { tape, first: entry + CELLS, last };
    const { tape: inner } = JsonNode.within(tape.bytes, start, end);
    return { tape: inner, first: CELLS, last: inner.cells.length };
  }
}

const MOST_SHOWN = 40;

function failureOf(bytes: Buffer, failedAt: number): string {
  if (failedAt >= bytes.length) return `it ends too early, after ${bytes.length} bytes`;
  const rest = bytes.toString('utf8', failedAt, Math.min(failedAt + MOST_SHOWN, bytes.length));
  return `at byte ${failedAt} there is nothing that JSON could have there: ${rest}`;
}
