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

const MOST_PER_BLOCK = 64;
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
  readonly #cache = new ByteCache(CACHE_BYTES);

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare('INSERT INTO blocks VALUES (?, ?, ?)');
    this.#find = database.prepare(
      'SELECT first_seq, data FROM blocks WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1',
    );
    this.#from = database.prepare(
      'SELECT first_seq, count, data FROM blocks WHERE first_seq >= ? AND first_seq < ? ORDER BY first_seq',
    );
    this.#removeRange = database.prepare('DELETE FROM blocks WHERE first_seq >= ? AND first_seq < ?');
  }

  /** To be called in a transaction. */
  insert(firstSeq: number, bodies: readonly KeptBody[]): void {
    for (let at = 0; at < bodies.length; at += MOST_PER_BLOCK) {
      const part = bodies.slice(at, at + MOST_PER_BLOCK);
      const text = part.map(lineOf).join('\n');
      this.#insert.run(firstSeq + at, part.length, packBlob(Buffer.from(text, 'utf8')));
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
    const text = unpackBlob(row.data as Uint8Array).toString('utf8'); // The column is a BLOB.
    const lines = text.split('\n');
    this.#cache.forget(key);
    this.#cache.get<Block | undefined>(key, () => ({
      value: { firstSeq, lines },
      sizeBytes: text.length * 2,
    }));
    return bodyIn(lines[seq - firstSeq]);
  }

  /** In order, with their sequence numbers; a block at a time. */
  *range(
    firstSeq: number,
    endSeq: number,
  ): Generator<readonly { readonly seq: number; readonly body: KeptBody }[]> {
    for (const row of this.#from.all(firstSeq, endSeq)) {
      const first = Number(row.first_seq);
      const lines = unpackBlob(row.data as Uint8Array)
        .toString('utf8')
        .split('\n'); // The column is a BLOB.
      yield lines.flatMap((line, i) => {
        const body = bodyIn(line);
        return body === undefined ? [] : [{ seq: first + i, body }];
      });
    }
  }

  blockCount(firstSeq: number, endSeq: number): number {
    return this.#from.all(firstSeq, endSeq).length;
  }

  /** Blocks that alerts came in one by one, joined. To be called in a transaction. */
  compact(firstSeq: number, rowCount: number): void {
    const bodies: KeptBody[] = [];
    for (const part of this.range(firstSeq, firstSeq + rowCount))
      for (const { body } of part) bodies.push(body);
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

/** The incident's id, the mark if there is one, and the alert's JSON, with tabs between them. */
function lineOf({ json, mark, incidentId }: KeptBody): string {
  return mark === undefined ? `${incidentId}\t${json}` : `${incidentId}\t${JSON.stringify(mark)}\t${json}`;
}

function bodyIn(line: string | undefined): KeptBody | undefined {
  if (line === undefined || line === '') return undefined;
  const idEnd = line.indexOf('\t');
  const incidentId = line.slice(0, idEnd);
  if (line[idEnd + 1] !== '"') return { incidentId, json: line.slice(idEnd + 1), mark: undefined };
  const markEnd = line.indexOf('\t', idEnd + 1);
  const mark = String(JSON.parse(line.slice(idEnd + 1, markEnd)));
  return { incidentId, mark, json: line.slice(markEnd + 1) };
}
