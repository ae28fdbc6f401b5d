/** A full segment, in the database: its columns are read when somebody asks for them. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type Column, decodeColumn } from '../segments/column.ts';
import { RowSet } from '../segments/row-set.ts';
import type { Segment } from '../segments/segment.ts';
import type { SegmentBuilder } from '../segments/segment-builder.ts';
import { isOfDigits, mayHave, StoredWords } from '../segments/word-index.ts';
import { DamagedBlob, packBlob, unpackBlob } from './blob.ts';
import type { ByteCache } from './byte-cache.ts';

const TIMES = '#times';
const UUIDS = '#uuids';
const WORDS = '#words';
const DIGITS = '#digits';
const TRIPLES = '#triples';
/** Chunks of words that are all digits have numbers from there on. */
const FIRST_DIGITS_CHUNK = 1_000_000;

export interface SegmentFacts {
  readonly id: number;
  readonly firstSeq: number;
  readonly rowCount: number;
  readonly baseNs: bigint;
  readonly minNs: bigint;
  readonly maxNs: bigint;
  readonly sizeBytes: number;
}

/** What a segment has in the other tables. */
interface Contents {
  /** COMPAT: as schema 1 had it. */
  readonly isOld?: boolean;
  /** Of each column but those of the store itself: its name, and in how many alerts it is. */
  readonly columns: ReadonlyMap<string, number>;
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
    this.#column = database.prepare('SELECT present, data FROM columns WHERE segment = ? AND name = ?');
    this.#chunk = database.prepare('SELECT data FROM postings WHERE segment = ? AND chunk = ?');
    this.#names = database.prepare('SELECT name, present FROM columns WHERE segment = ?');
  }

  /**
   * Those with a higher number, in the order in which they came. `onDamage`: told of those of which it cannot be known what
   * they have. They are given, too, since their alerts may be well.
   */
  after(
    lastId: number,
    onDamage: (segment: StoredSegment, error: DamagedBlob) => void,
  ): readonly StoredSegment[] {
    const statement = this.#database.prepare('SELECT * FROM segments WHERE id > ? ORDER BY id');
    statement.setReadBigInts(true);
    return statement.all(lastId).map((row) => {
      const told = factsFrom((name) => row[name] as bigint); // Columns of whole numbers, as set above.
      if (row.manifest === null) return new StoredSegment(told, this.#oldContents(told.id), this);
      try {
        const { facts, contents } = readManifest(told.id, row.manifest);
        return new StoredSegment(facts, contents, this);
      } catch (error) {
        if (!(error instanceof DamagedBlob)) throw error;
        const segment = new StoredSegment(told, { columns: new Map() }, this);
        onDamage(segment, error);
        return segment;
      }
    });
  }

  /** What is kept of a segment in memory. */
  forget(segment: number): void {
    this.#cache.forget(`${segment}/`);
  }

  /** COMPAT: schema 1 had no manifests. */
  #oldContents(id: number): Contents {
    const rows = this.#names.all(id);
    const columns = rows.map(({ name, present }) => [String(name), Number(present)] as const);
    return { columns: new Map(columns.filter(([name]) => !name.startsWith('#'))), isOld: true };
  }

  /** To be called in a transaction. `parts`: what `encodeSegment` gave. */
  insert(segment: SegmentBuilder, parts: EncodedSegment): StoredSegment {
    const { id, firstSeq, rowCount, baseNs, minNs, maxNs, sizeBytes } = segment;
    const facts = { id, firstSeq, rowCount, baseNs, minNs, maxNs, sizeBytes };
    const named = parts.columns.filter(({ name }) => !name.startsWith('#'));
    const contents = { columns: new Map(named.map(({ name, present }) => [name, present])) };
    this.#database
      .prepare('INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
      .run(id, firstSeq, rowCount, baseNs, minNs, maxNs, sizeBytes, packManifest(facts, contents));
    const column = this.#database.prepare('INSERT INTO columns VALUES (?, ?, ?, ?)');
    for (const { name, present, data } of parts.columns) column.run(id, name, present, data);
    const posting = this.#database.prepare('INSERT INTO postings VALUES (?, ?, ?)');
    for (const { chunk, data } of parts.chunks) posting.run(id, chunk, data);
    return new StoredSegment(facts, contents, this);
  }

  /** To be called in a transaction. */
  remove({ id, firstSeq, rowCount }: Segment): void {
    for (const table of ['columns', 'postings'])
      this.#database.prepare(`DELETE FROM ${table} WHERE segment = ?`).run(id);
    this.#database.prepare('DELETE FROM segments WHERE id = ?').run(id);
    this.#database.prepare('DELETE FROM blocks WHERE first_seq < ?').run(firstSeq + rowCount);
    this.forget(id);
  }

  column(segment: number, name: string): Column {
    return this.#cache.get(`${segment}/${name}`, () => {
      const bytes = this.#read(segment, name);
      return { value: damagedUnless(() => decodeColumn(bytes)), sizeBytes: bytes.length * 2 };
    });
  }

  times(segment: number): Float64Array {
    return this.#numbers(segment, TIMES, (bytes) => new Float64Array(bytes));
  }

  uuids(segment: number): Uint32Array {
    return this.#numbers(segment, UUIDS, (bytes) => new Uint32Array(bytes));
  }

  rowsWithPart({ id, rowCount, isOld }: StoredSegment, part: string): RowSet {
    const words = (): RowSet => this.#rowsWith(id, { name: WORDS, firstChunk: 0 }, part, rowCount);
    if (isOld) return words();
    if (!isOfDigits(part)) {
      const mayBe = mayHave(this.#triples(id), part);
      return mayBe ? words() : new RowSet(rowCount);
    }
    const digits = { name: DIGITS, firstChunk: FIRST_DIGITS_CHUNK };
    return words().or(this.#rowsWith(id, digits, part, rowCount));
  }

  #triples(segment: number): Uint8Array {
    return this.#cache.get(`${segment}/${TRIPLES}`, () => {
      const value = this.#read(segment, TRIPLES);
      return { value, sizeBytes: value.length };
    });
  }

  #rowsWith(
    segment: number,
    { name, firstChunk }: { readonly name: string; readonly firstChunk: number },
    part: string,
    rowCount: number,
  ): RowSet {
    const words = this.#cache.get(`${segment}/${name}`, () => {
      const bytes = this.#read(segment, name);
      const value = damagedUnless(() => new StoredWords(bytes));
      return { value, sizeBytes: value.sizeBytes };
    });
    return words.rowsWith(part, rowCount, (index) => {
      const chunk = firstChunk + index;
      return unpackBlob(chunkIdentity(segment, chunk), this.#chunk.get(segment, chunk)?.data);
    });
  }

  #numbers<T extends Float64Array | Uint32Array>(
    segment: number,
    name: string,
    make: (bytes: ArrayBuffer) => T,
  ): T {
    return this.#cache.get(`${segment}/${name}`, () => {
      const bytes = this.#read(segment, name);
      // Copied: views of numbers need even places.
      const value = make(Uint8Array.prototype.slice.call(bytes).buffer);
      return { value, sizeBytes: bytes.length };
    });
  }

  /** Throws a `DamagedBlob`. */
  #read(segment: number, name: string): Buffer {
    const row = this.#column.get(segment, name);
    return unpackBlob(columnIdentity(segment, name, Number(row?.present)), row?.data);
  }
}

const columnIdentity = (segment: number, name: string, present: number): string =>
  `column ${segment} ${name} ${present}`;
const chunkIdentity = (segment: number, chunk: number): string => `chunk ${segment} ${chunk}`;
const manifestIdentity = (segment: number): string => `segment ${segment}`;

type FactName = 'id' | 'first_seq' | 'row_count' | 'base_ns' | 'min_ns' | 'max_ns' | 'size_bytes';

function factsFrom(number: (name: FactName) => bigint): SegmentFacts {
  return {
    id: Number(number('id')),
    firstSeq: Number(number('first_seq')),
    rowCount: Number(number('row_count')),
    baseNs: number('base_ns'),
    minNs: number('min_ns'),
    maxNs: number('max_ns'),
    sizeBytes: Number(number('size_bytes')),
  };
}

function packManifest(facts: SegmentFacts, { columns }: Contents): Buffer {
  const { id, firstSeq, rowCount, baseNs, minNs, maxNs, sizeBytes } = facts;
  const numbers = [id, firstSeq, rowCount, baseNs, minNs, maxNs, sizeBytes].map(String);
  return packBlob(manifestIdentity(id), Buffer.from(JSON.stringify({ numbers, columns: [...columns] })));
}

/** Throws a `DamagedBlob`. */
function readManifest(
  id: number,
  data: unknown,
): { readonly facts: SegmentFacts; readonly contents: Contents } {
  // As `packManifest` made it: the checksum fits.
  const { numbers, columns } = JSON.parse(unpackBlob(manifestIdentity(id), data).toString('utf8')) as {
    readonly numbers: readonly string[];
    readonly columns: readonly (readonly [string, number])[];
  };
  const names: readonly FactName[] = [
    ...(['id', 'first_seq', 'row_count', 'base_ns', 'min_ns', 'max_ns', 'size_bytes'] as const),
  ];
  const facts = factsFrom((name) => BigInt(numbers[names.indexOf(name)] ?? 0));
  return { facts, contents: { columns: new Map(columns) } };
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
  readonly chunks: readonly { readonly chunk: number; readonly data: Buffer }[];
}

/** `turn`: waits until others have had their turn; called between parts, each of which takes some milliseconds. */
export async function encodeSegment(
  segment: SegmentBuilder,
  turn: () => Promise<void>,
): Promise<EncodedSegment> {
  const { id, rowCount } = segment;
  const columns: { name: string; present: number; data: Buffer }[] = [];
  const add = (name: string, present: number, bytes: Uint8Array, isRaw = false): void => {
    columns.push({ name, present, data: packBlob(columnIdentity(id, name, present), bytes, isRaw) });
  };
  const bytesOf = (array: Float64Array | Uint32Array): Uint8Array => {
    const part = array.subarray(0, rowCount);
    return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
  };
  add(TIMES, rowCount, bytesOf(segment.offsets));
  add(UUIDS, rowCount, bytesOf(segment.uuidHeads));
  for (const name of segment.columnNames()) {
    await turn();
    add(name, segment.presentIn(name), segment.encodeColumn(name));
  }
  await turn();
  const { words, digits, triples } = segment.encodeWords();
  add(TRIPLES, rowCount, triples);
  add(WORDS, rowCount, words.words, true);
  add(DIGITS, rowCount, digits.words, true);
  const packed: { chunk: number; data: Buffer }[] = [];
  for (const [first, chunks] of [
    [0, words.chunks],
    [FIRST_DIGITS_CHUNK, digits.chunks],
  ] as const)
    for (const [i, bytes] of chunks.entries()) {
      if (i % 16 === 0) await turn();
      packed.push({ chunk: first + i, data: packBlob(chunkIdentity(id, first + i), bytes) });
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
  /** Names of columns, and in how many alerts each is. */
  readonly presentCounts: ReadonlyMap<string, number>;
  readonly #tables: SegmentTables;

  /** COMPAT: its words are as schema 1 had them. */
  readonly isOld: boolean;

  constructor(facts: SegmentFacts, { columns, isOld = false }: Contents, tables: SegmentTables) {
    this.presentCounts = columns;
    this.isOld = isOld;
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
    return this.presentCounts.has(name) ? this.#tables.column(this.id, name) : undefined;
  }

  columnNames(): readonly string[] {
    return [...this.presentCounts.keys()];
  }

  rowsWithPart(part: string): RowSet {
    return this.#tables.rowsWithPart(this, part);
  }
}
