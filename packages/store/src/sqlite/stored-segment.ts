/** A full segment, in the database: its columns are read when somebody asks for them. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type Column, decodeColumn } from '../segments/column.ts';
import type { RowSet } from '../segments/row-set.ts';
import type { Segment } from '../segments/segment.ts';
import type { SegmentBuilder } from '../segments/segment-builder.ts';
import { StoredWords } from '../segments/word-index.ts';
import { DamagedBlob, packBlob, unpackBlob } from './blob.ts';
import type { ByteCache } from './byte-cache.ts';

const TIMES = '#times';
const UUIDS = '#uuids';
const WORDS = '#words';

export interface SegmentFacts {
  readonly id: number;
  readonly firstSeq: number;
  readonly rowCount: number;
  readonly baseNs: bigint;
  readonly minNs: bigint;
  readonly maxNs: bigint;
  readonly sizeBytes: number;
}

export class SegmentTables {
  readonly #database: DatabaseSync;
  readonly #cache: ByteCache;
  readonly #column: StatementSync;
  readonly #chunk: StatementSync;
  readonly #names: StatementSync;

  constructor(database: DatabaseSync, cache: ByteCache) {
    this.#database = database;
    this.#cache = cache;
    this.#column = database.prepare('SELECT data FROM columns WHERE segment = ? AND name = ?');
    this.#chunk = database.prepare('SELECT data FROM postings WHERE segment = ? AND chunk = ?');
    this.#names = database.prepare('SELECT name, present FROM columns WHERE segment = ?');
  }

  all(): readonly StoredSegment[] {
    const statement = this.#database.prepare('SELECT * FROM segments ORDER BY id');
    statement.setReadBigInts(true);
    return statement.all().map((row) => {
      const number = (name: string): bigint => row[name] as bigint; // Columns of whole numbers, as set above.
      return this.#open({
        id: Number(number('id')),
        firstSeq: Number(number('first_seq')),
        rowCount: Number(number('row_count')),
        baseNs: number('base_ns'),
        minNs: number('min_ns'),
        maxNs: number('max_ns'),
        sizeBytes: Number(number('size_bytes')),
      });
    });
  }

  #open(facts: SegmentFacts): StoredSegment {
    return new StoredSegment(facts, this);
  }

  /** To be called in a transaction. `parts`: what `encodeSegment` gave. */
  insert(segment: SegmentBuilder, parts: EncodedSegment): StoredSegment {
    const { id, firstSeq, rowCount, baseNs, minNs, maxNs, sizeBytes } = segment;
    this.#database
      .prepare('INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(id, firstSeq, rowCount, baseNs, minNs, maxNs, sizeBytes);
    const column = this.#database.prepare('INSERT INTO columns VALUES (?, ?, ?, ?)');
    for (const { name, present, data } of parts.columns) column.run(id, name, present, data);
    const posting = this.#database.prepare('INSERT INTO postings VALUES (?, ?, ?)');
    for (const [chunk, data] of parts.chunks.entries()) posting.run(id, chunk, data);
    return this.#open({ id, firstSeq, rowCount, baseNs, minNs, maxNs, sizeBytes });
  }

  /** To be called in a transaction. */
  remove({ id, firstSeq, rowCount }: StoredSegment): void {
    for (const table of ['columns', 'postings'])
      this.#database.prepare(`DELETE FROM ${table} WHERE segment = ?`).run(id);
    this.#database.prepare('DELETE FROM segments WHERE id = ?').run(id);
    this.#database
      .prepare('DELETE FROM blocks WHERE first_seq >= ? AND first_seq < ?')
      .run(firstSeq, firstSeq + rowCount);
    this.#cache.forget(`${id}/`);
  }

  names(segment: number): readonly { readonly name: string; readonly present: number }[] {
    return this.#names
      .all(segment)
      .map(({ name, present }) => ({ name: String(name), present: Number(present) }))
      .filter(({ name }) => !name.startsWith('#'));
  }

  column(segment: number, name: string): Column | undefined {
    return this.#cache.get(`${segment}/${name}`, () => {
      const bytes = this.#read(segment, name);
      if (bytes === undefined) return { value: undefined, sizeBytes: 64 };
      return { value: damagedUnless(() => decodeColumn(bytes)), sizeBytes: bytes.length * 2 };
    });
  }

  times(segment: number): Float64Array {
    return this.#numbers(segment, TIMES, (bytes) => new Float64Array(bytes));
  }

  uuids(segment: number): Uint32Array {
    return this.#numbers(segment, UUIDS, (bytes) => new Uint32Array(bytes));
  }

  rowsWithPart(segment: number, part: string, rowCount: number): RowSet {
    const words = this.#cache.get(`${segment}/${WORDS}`, () => {
      const bytes = this.#read(segment, WORDS);
      if (bytes === undefined) throw new DamagedBlob('its words are missing');
      const value = damagedUnless(() => new StoredWords(bytes));
      return { value, sizeBytes: value.sizeBytes };
    });
    return words.rowsWith(part, rowCount, (chunk) => {
      const row = this.#chunk.get(segment, chunk);
      if (row === undefined) throw new DamagedBlob('some of its words are missing');
      return unpackBlob(row.data as Uint8Array); // The column is a BLOB.
    });
  }

  #numbers<T extends Float64Array | Uint32Array>(
    segment: number,
    name: string,
    make: (bytes: ArrayBuffer) => T,
  ): T {
    return this.#cache.get(`${segment}/${name}`, () => {
      const bytes = this.#read(segment, name);
      if (bytes === undefined) throw new DamagedBlob(`\`${name}\` is missing`);
      // Copied: views of numbers need even places.
      const value = make(Uint8Array.prototype.slice.call(bytes).buffer);
      return { value, sizeBytes: bytes.length };
    });
  }

  #read(segment: number, name: string): Buffer | undefined {
    const row = this.#column.get(segment, name);
    return row === undefined ? undefined : unpackBlob(row.data as Uint8Array); // The column is a BLOB.
  }
}

function damagedUnless<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    throw new DamagedBlob('it holds something else', { cause });
  }
}

export interface EncodedSegment {
  readonly columns: readonly { readonly name: string; readonly present: number; readonly data: Buffer }[];
  readonly chunks: readonly Buffer[];
}

/** `turn`: waits until others have had their turn; called between parts, each of which takes some milliseconds. */
export async function encodeSegment(
  segment: SegmentBuilder,
  turn: () => Promise<void>,
): Promise<EncodedSegment> {
  const { rowCount } = segment;
  const columns: { name: string; present: number; data: Buffer }[] = [];
  const numbers = (array: Float64Array | Uint32Array): Buffer => {
    const part = array.subarray(0, rowCount);
    return packBlob(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  };
  columns.push({ name: TIMES, present: rowCount, data: numbers(segment.offsets) });
  columns.push({ name: UUIDS, present: rowCount, data: numbers(segment.uuidHeads) });
  for (const name of segment.columnNames()) {
    await turn();
    columns.push({ name, present: segment.presentIn(name), data: packBlob(segment.encodeColumn(name)) });
  }
  await turn();
  const { words, chunks } = segment.encodeWords();
  columns.push({ name: WORDS, present: rowCount, data: packBlob(words, true) });
  const packed: Buffer[] = [];
  for (const chunk of chunks) {
    if (packed.length % 16 === 0) await turn();
    packed.push(packBlob(chunk));
  }
  return { columns, chunks: packed };
}

export class StoredSegment implements Segment {
  readonly id: number;
  readonly firstSeq: number;
  readonly rowCount: number;
  readonly baseNs: bigint;
  readonly minNs: bigint;
  readonly maxNs: bigint;
  readonly sizeBytes: number;
  readonly #tables: SegmentTables;

  constructor(facts: SegmentFacts, tables: SegmentTables) {
    this.id = facts.id;
    this.firstSeq = facts.firstSeq;
    this.rowCount = facts.rowCount;
    this.baseNs = facts.baseNs;
    this.minNs = facts.minNs;
    this.maxNs = facts.maxNs;
    this.sizeBytes = facts.sizeBytes;
    this.#tables = tables;
  }

  get offsets(): Float64Array {
    return this.#tables.times(this.id);
  }

  get uuidHeads(): Uint32Array {
    return this.#tables.uuids(this.id);
  }

  column(name: string): Column | undefined {
    return this.#tables.column(this.id, name);
  }

  columnNames(): readonly string[] {
    return this.#tables.names(this.id).map(({ name }) => name);
  }

  rowsWithPart(part: string): RowSet {
    return this.#tables.rowsWithPart(this.id, part, this.rowCount);
  }
}
