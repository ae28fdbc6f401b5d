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
const CACHE_BYTES = 16 * 1024 * 1024;

interface Block {
  readonly firstSeq: number;
  readonly lines: readonly string[];
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
    if (cached !== undefined && seq >= cached.firstSeq && seq < cached.firstSeq + cached.lines.length)
      return bodyIn(cached.lines[seq - cached.firstSeq]);
    const row = this.#find.get(seq);
    if (row === undefined) return undefined;
    const firstSeq = Number(row.first_seq);
    const lines = linesOf(row);
    this.#cache.forget(key);
    this.#cache.get<Block | undefined>(key, () => ({
      value: { firstSeq, lines },
      sizeBytes: lines.reduce((sum, line) => sum + line.length * 2, 0),
    }));
    return bodyIn(lines[seq - firstSeq]);
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
export function linesOf(row: Readonly<Record<string, unknown>>): readonly string[] {
  const count = Number(row.count);
  const text = unpackBlob(identityOf(Number(row.first_seq), count), row.data).toString('utf8');
  const lines = text.split('\n');
  if (lines.length !== count) throw new DamagedBlob('it holds something else');
  return lines;
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
