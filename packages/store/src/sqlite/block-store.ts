/** Alerts as they came: JSON, in blocks of some dozens that are packed together and written once. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { DamagedBlob, packBlob, unpackBlob } from './blob.ts';
import { ByteCache } from './byte-cache.ts';

/** What a block has of an alert; without newlines. */
export interface KeptBody {
  readonly json: string;
  readonly mark: string | undefined;
  readonly incidentId: string;
}

export const MOST_PER_BLOCK = 128;
const NEWLINE = 0x0a;
const CACHE_BYTES = 16 * 1024 * 1024;

interface Block {
  readonly firstSeq: number;
  readonly count: number;
  readonly text: Buffer;
  /** Where each line begins, and where one more would. */
  readonly starts: Uint32Array;
}

export class BlockStore {
  readonly #insert: StatementSync;
  readonly #find: StatementSync;
  readonly #from: StatementSync;
  readonly #removeRange: StatementSync;
  readonly #count: StatementSync;
  readonly #cache = new ByteCache(CACHE_BYTES);

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare('INSERT INTO blocks VALUES (?, ?, ?)');
    this.#find = database.prepare(
      'SELECT first_seq, count, data FROM blocks WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1',
    );
    this.#from = database.prepare(
      'SELECT first_seq, count, data FROM blocks WHERE first_seq >= ? AND first_seq < ? ORDER BY first_seq',
    );
    this.#count = database.prepare(
      'SELECT count(*) AS count FROM blocks WHERE first_seq >= ? AND first_seq < ?',
    );
    this.#removeRange = database.prepare('DELETE FROM blocks WHERE first_seq >= ? AND first_seq < ?');
  }

  /** To be called in a transaction. */
  insert(firstSeq: number, bodies: readonly KeptBody[]): void {
    for (let at = 0; at < bodies.length; at += MOST_PER_BLOCK) {
      const part = bodies.slice(at, at + MOST_PER_BLOCK);
      const text = part.map(lineOf).join('\n');
      const first = firstSeq + at;
      this.#insert.run(
        first,
        part.length,
        packBlob(identityOf(first, part.length), Buffer.from(text, 'utf8')),
      );
    }
  }

  /** `undefined`: there is none. Throws a `DamagedBlob`. */
  body(seq: number): KeptBody | undefined {
    const key = String(Math.floor(seq / MOST_PER_BLOCK));
    const cached = this.#cache.get<Block | undefined>(key, () => ({ value: undefined, sizeBytes: 0 }));
    if (cached !== undefined && seq >= cached.firstSeq && seq < cached.firstSeq + cached.count)
      return bodyIn(lineAt(cached, seq));
    const row = this.#find.get(seq);
    if (row === undefined) return undefined;
    const block = blockIn(row);
    this.#cache.forget(key);
    this.#cache.get<Block | undefined>(key, () => ({ value: block, sizeBytes: block.text.length }));
    return seq < block.firstSeq + block.count ? bodyIn(lineAt(block, seq)) : undefined;
  }

  /** In order, a block at a time. Throws a `DamagedBlob` for one that is damaged, unless `onDamage` is given. */
  *range(
    firstSeq: number,
    endSeq: number,
    onDamage?: (firstSeq: number, count: number, error: DamagedBlob) => void,
  ): Generator<{ readonly firstSeq: number; readonly bodies: readonly KeptBody[] }> {
    for (const row of this.#from.iterate(firstSeq, endSeq)) {
      const first = Number(row.first_seq);
      try {
        yield { firstSeq: first, bodies: linesOf(row).flatMap((line) => bodyIn(line) ?? []) };
      } catch (error) {
        if (onDamage === undefined || !(error instanceof DamagedBlob)) throw error;
        onDamage(first, Number(row.count), error);
      }
    }
  }

  blockCount(firstSeq: number, endSeq: number): number {
    return Number(this.#count.get(firstSeq, endSeq)?.count ?? 0);
  }

  /** Blocks that alerts came in one by one, joined. To be called in a transaction. */
  compact(firstSeq: number, rowCount: number): void {
    const bodies: KeptBody[] = [];
    for (const part of this.range(firstSeq, firstSeq + rowCount)) bodies.push(...part.bodies);
    if (bodies.length !== rowCount) throw new DamagedBlob('some of its alerts are missing');
    this.#removeRange.run(firstSeq, firstSeq + rowCount);
    this.insert(firstSeq, bodies);
    this.#cache.forget('');
  }

  /** After a transaction that did not come to its end. */
  forgetAll(): void {
    this.#cache.forget('');
  }
}

const identityOf = (firstSeq: number, count: number): string => `block ${firstSeq} ${count}`;

/** Throws a `DamagedBlob`. */
function blockIn(row: Readonly<Record<string, unknown>>): Block {
  const firstSeq = Number(row.first_seq);
  const count = Number(row.count);
  const text = unpackBlob(identityOf(firstSeq, count), row.data);
  const starts = new Uint32Array(count + 1);
  let at = 0;
  for (let line = 1; line <= count; line++) {
    const end = text.indexOf(NEWLINE, at);
    if (end < 0 !== (line === count)) throw new DamagedBlob('it holds something else');
    at = end < 0 ? text.length + 1 : end + 1;
    starts[line] = at;
  }
  return { firstSeq, count, text, starts };
}

/** One of fifty lines is wanted, not all: only that is made into a text. */
function lineAt({ firstSeq, text, starts }: Block, seq: number): string {
  const line = seq - firstSeq;
  return text.toString('utf8', starts[line] ?? 0, Math.max(0, (starts[line + 1] ?? 0) - 1));
}

/** Throws a `DamagedBlob`. */
export function linesOf(row: Readonly<Record<string, unknown>>): readonly string[] {
  const block = blockIn(row);
  return Array.from({ length: block.count }, (_, i) => lineAt(block, block.firstSeq + i));
}

/** The incident's id, the mark if there is one, and the alert's JSON, with tabs between them. */
function lineOf({ json, mark, incidentId }: KeptBody): string {
  return mark === undefined ? `${incidentId}\t${json}` : `${incidentId}\t${JSON.stringify(mark)}\t${json}`;
}

export function bodyIn(line: string | undefined): KeptBody | undefined {
  if (line === undefined || line === '') return undefined;
  const idEnd = line.indexOf('\t');
  const incidentId = line.slice(0, idEnd);
  if (line[idEnd + 1] !== '"') return { incidentId, json: line.slice(idEnd + 1), mark: undefined };
  const markEnd = line.indexOf('\t', idEnd + 1);
  const mark = String(JSON.parse(line.slice(idEnd + 1, markEnd)));
  return { incidentId, mark, json: line.slice(markEnd + 1) };
}
