/**
 * Answers about alerts whose segments are written, in a thread of its own with a connection of its own: it reads while others
 * write, and neither waits for the other.
 */

import { DatabaseSync } from 'node:sqlite';
import { BlockStore } from './block-store.ts';
import { ByteCache } from './byte-cache.ts';
import { isDamage } from './damage.ts';
import { FoundRowsCache } from './found-rows.ts';
import { IncidentRows } from './incident-rows.ts';
import { type KeptRow, keptRowOf } from './kept-row.ts';
import type { SharedQuestion, Written } from './messages.ts';
import { openingFaultOf, reasonOf } from './open-database.ts';
import { type Scope, Searches } from './searches.ts';
import { SegmentTables, type StoredSegment } from './stored-segment.ts';
import { TriageBook } from './triage-book.ts';

export interface SearchEngineOptions {
  readonly path: string;
  readonly cacheBytes: number;
  readonly onTrouble: (text: string) => void;
}

type Turn = () => Promise<void>;

/** Of the cache, what was found; the other part is for what was read. */
const FOUND_SHARE = 0.25;

export class SearchEngine {
  readonly #database: DatabaseSync;
  readonly #blocks: BlockStore;
  readonly #tables: SegmentTables;
  readonly #triage: TriageBook;
  readonly #searches: Searches;
  #segments: StoredSegment[] = [];
  #lastId = 0;
  #triageVersion = 0;

  private constructor(options: SearchEngineOptions, database: DatabaseSync) {
    this.#database = database;
    const found = new ByteCache(options.cacheBytes * FOUND_SHARE);
    this.#tables = new SegmentTables(database, new ByteCache(options.cacheBytes * (1 - FOUND_SHARE)));
    this.#blocks = new BlockStore(database);
    // What is damaged of these is told by who writes.
    const silent = (): void => {};
    this.#triage = new TriageBook(database, new IncidentRows(database, silent), silent);
    this.#searches = new Searches({
      triage: this.#triage,
      found: new FoundRowsCache(found),
      row: (seq) => this.#row(seq),
      onDamage: ({ id, rowCount }, reason) => {
        if (this.#isThere(id))
          options.onTrouble(
            `part ${id} of the store \`${options.path}\` is damaged, and its ${rowCount} alerts are left out: ${reason}`,
          );
      },
    });
  }

  /** After whoever writes has opened it. Throws a `Fault`. */
  static open(options: SearchEngineOptions): SearchEngine {
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(options.path, { readOnly: true, timeout: 5_000 });
      database.exec('PRAGMA cache_size = -4096');
      return new SearchEngine(options, database);
    } catch (error) {
      database?.close();
      throw openingFaultOf(error, options.path);
    }
  }

  answer(question: SharedQuestion, of: Written, turn: Turn): Promise<unknown> {
    return this.#searches.answer(question, this.#scope(of, turn));
  }

  /** Whatever is written, in segments or not yet. `undefined`: it is not there, or no longer, or damaged. */
  rows(seqs: readonly number[], of: Written): readonly KeptRow[] {
    this.#follow(of);
    return seqs.flatMap((seq) => this.#row(seq) ?? []);
  }

  #row(seq: number): KeptRow | undefined {
    try {
      const body = this.#blocks.body(seq);
      return body && keptRowOf(seq, body, this.#triage);
    } catch (error) {
      if (!isDamage(error)) throw error;
      const segment = this.#segments.find(
        ({ firstSeq, rowCount }) => seq >= firstSeq && seq < firstSeq + rowCount,
      );
      if (segment !== undefined) this.#searches.leaveOut(segment, reasonOf(error));
      return undefined;
    }
  }

  #scope(of: Written, turn: Turn): Scope {
    this.#follow(of);
    const { lastId, floorNs } = of;
    return { segments: this.#segments.filter(({ id }) => id <= lastId), floorNs, turn };
  }

  /** What was written, removed and thought since the last question. */
  #follow({ firstId, lastId, triageVersion }: Written): void {
    if (lastId > this.#lastId) {
      // Of what cannot be read, whoever writes has told.
      const added = this.#tables.after(this.#lastId, (segment, error) =>
        this.#searches.leaveOut(segment, reasonOf(error)),
      );
      this.#segments.push(...added);
      this.#lastId = Math.max(lastId, added.at(-1)?.id ?? 0);
    }
    while ((this.#segments[0]?.id ?? firstId) < firstId) {
      const [removed] = this.#segments.splice(0, 1);
      if (removed !== undefined) this.#tables.forget(removed.id);
    }
    if (triageVersion > this.#triageVersion) {
      this.#triage.read();
      this.#triageVersion = triageVersion;
    }
  }

  /** A segment may go while it is read. */
  #isThere(id: number): boolean {
    try {
      return this.#database.prepare('SELECT 1 FROM segments WHERE id = ?').get(id) !== undefined;
    } catch {
      return true;
    }
  }

  close(): void {
    this.#database.close();
  }
}
