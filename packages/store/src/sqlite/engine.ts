/**
 * The store itself, in the thread that has the database: takes alerts, seals segments, answers questions. Everything that
 * takes long is done in parts, with turns for others in between, so that none of it waits for all of another.
 *
 * INVARIANT: what `append` resolved for is on the disk, with the reader's place in the journal, in one transaction.
 */

import type { DatabaseSync } from 'node:sqlite';
import { type AlertStory, decodeAlert, type HubAlert } from '@peregrine/alert';
import type {
  Incident,
  IncidentCount,
  IncidentFilter,
  PageRequest,
  Retention,
  StoreFacts,
  TriageChange,
  TriageTarget,
} from '../alert-store.ts';
import { idOf, seqOf } from '../places.ts';
import { valueAt } from '../segments/column.ts';
import type { Segment } from '../segments/segment.ts';
import { BlockStore, type KeptBody } from './block-store.ts';
import { ByteCache } from './byte-cache.ts';
import { FeedTable } from './feed-table.ts';
import type { GrowingSegments } from './growing-segments.ts';
import { IncidentBook } from './incident-book.ts';
import { type ArrivingBody, type KeptFacts, type KeptRow, keptRowOf } from './kept-row.ts';
import { lockStore } from './lock-file.ts';
import type { SharedQuestion, Written } from './messages.ts';
import { faultOf, openDatabase, openingFaultOf, reasonOf } from './open-database.ts';
import { readGrowing } from './read-growing.ts';
import { schemaVersionOf } from './schema.ts';
import { type Scope, Searches } from './searches.ts';
import { SegmentSealer } from './segment-sealer.ts';
import { sizeOnDisk, sizeWhenWritten } from './size-on-disk.ts';
import { SegmentTables, type StoredSegment } from './stored-segment.ts';
import { StoryTable } from './story-table.ts';
import { createTurns, nextTurn } from './turns.ts';

export interface EngineOptions {
  readonly path: string;
  readonly incidentGapMs: number;
  readonly cacheBytes: number;
  /** Alerts of a segment. */
  readonly segmentRows: number;
  /** Incidents in memory; those that changed last. */
  readonly recentIncidents: number;
  readonly onTrouble: (text: string) => void;
  /** Told whenever others may read more, or less, or otherwise. */
  readonly onWritten?: (written: Written) => void;
}

const ALERTS_BETWEEN_TURNS = 64;
const MOST_ALERTS_PER_TRIAGE = 10_000;

type Turn = () => Promise<void>;

export class Engine {
  readonly #options: EngineOptions;
  readonly #database: DatabaseSync;
  readonly #blocks: BlockStore;
  readonly #tables: SegmentTables;
  readonly #incidents: IncidentBook;
  readonly #stories: StoryTable;
  readonly #places: FeedTable;
  #stored: StoredSegment[];
  readonly #growing: GrowingSegments;
  readonly #searches: Searches;
  readonly #release: () => void;
  #last: Promise<void> = Promise.resolve();
  readonly #sealer: SegmentSealer;
  /** What is older is as good as removed. */
  #floorNs: bigint | undefined;
  #triageVersion = 0;

  private constructor(options: EngineOptions, database: DatabaseSync, release: () => void) {
    this.#options = options;
    this.#database = database;
    this.#release = release;
    this.#blocks = new BlockStore(database);
    this.#tables = new SegmentTables(database, new ByteCache(options.cacheBytes));
    this.#incidents = new IncidentBook(database, {
      gapMs: options.incidentGapMs,
      mostRecent: options.recentIncidents,
      onDamage: (what) =>
        options.onTrouble(`${what} of the store \`${options.path}\` is damaged, and left out`),
    });
    this.#stories = new StoryTable(database);
    this.#places = new FeedTable(database);
    this.#searches = new Searches({
      triage: this.#incidents.triage,
      found: undefined,
      row: (seq) => this.#row(seq),
      onDamage: ({ id, rowCount }, reason) =>
        options.onTrouble(
          `part ${id} of the store \`${options.path}\` is damaged, and its ${rowCount} alerts are left out: ${reason}`,
        ),
    });
    this.#stored = [
      ...this.#tables.after(0, (segment, error) => this.#searches.leaveOut(segment, reasonOf(error))),
    ];
    this.#growing = readGrowing({
      segmentRows: options.segmentRows,
      last: this.#stored.at(-1),
      blocks: this.#blocks,
      incidents: this.#incidents,
      onDamage: (reason) => this.#tellOfDamage(`, and left out: ${reason}`),
    });
    this.#incidents.forgetBefore(oldestOf(this.#segments()));
    this.#sealer = new SegmentSealer({
      growing: this.#growing,
      tables: this.#tables,
      blocks: this.#blocks,
      incidents: this.#incidents,
      inTransaction: (work) => this.#inTransaction(work),
      onStored: (segment) => {
        this.#stored.push(segment);
        this.#tellOfWritten();
      },
      onTrouble: options.onTrouble,
      onDamage: (reason) => this.#tellOfDamage(`: ${reason}`),
    });
  }

  /** Throws a `Fault`. */
  static open(options: EngineOptions): Engine {
    let release = (): void => {};
    let database: DatabaseSync | undefined;
    try {
      release = lockStore(options.path);
      database = openDatabase(options.path, options.onTrouble);
      return new Engine(options, database, release);
    } catch (error) {
      database?.close();
      release();
      throw openingFaultOf(error, options.path);
    }
  }

  #tellOfDamage(how: string): void {
    this.#options.onTrouble(`some alerts of the store \`${this.#options.path}\` are damaged${how}`);
  }

  async append(
    bodies: readonly ArrivingBody[],
    place?: { readonly feed: string; readonly seq: number },
  ): Promise<readonly KeptFacts[]> {
    return this.#alone(async () => {
      // Full segments are written as fast as they come, or alerts wait.
      if (this.#growing.full.length > 1) await this.#sealer.done;
      return this.#append(bodies, place);
    });
  }

  /** What changes which alerts there are is done one after the other. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    try {
      await before;
      return await work();
    } finally {
      resolve();
    }
  }

  async #append(
    bodies: readonly ArrivingBody[],
    place: { readonly feed: string; readonly seq: number } | undefined,
  ): Promise<readonly KeptFacts[]> {
    const turn = createTurns(() => false);
    const alerts: HubAlert[] = [];
    for (const { json } of bodies) {
      const alert = decodeAlert(json);
      if (alert === undefined) throw new Error('an alert is none that the hub wrote');
      if (alerts.push(alert) % ALERTS_BETWEEN_TURNS === 0) await turn();
    }
    const firstSeq = this.#growing.nextSeq;
    const runs = this.#growing.plan(alerts);
    const kept: KeptBody[] = [];
    this.#inTransaction(() => {
      for (const [i, alert] of alerts.entries()) {
        const { json = '', mark } = bodies[i] ?? {};
        kept.push({ json, mark, incidentId: this.#incidents.assign(alert, idOf(firstSeq + i)) });
      }
      let start = 0;
      for (const { alerts: ofRun } of runs) {
        this.#blocks.insert(firstSeq + start, kept.slice(start, start + ofRun.length));
        start += ofRun.length;
      }
      for (const [i, { story }] of bodies.entries())
        if (story !== undefined) this.#stories.add(story, firstSeq + i);
      if (place !== undefined) this.#places.put(place.feed, place.seq);
    });
    await this.#growing.add(runs, kept, turn);
    if (this.#growing.full.length > 0) this.#sealer.begin();
    return kept.map(({ incidentId }, i) => {
      const { state, assignee } = this.#incidents.triage.of(firstSeq + i, incidentId);
      return { id: idOf(firstSeq + i), state, assignee, incidentId };
    });
  }

  /** Resolves when no full segment waits, or cannot be written now. */
  caughtUp(): Promise<void> {
    return this.#sealer.done;
  }

  #inTransaction(work: () => void): void {
    const database = this.#database;
    try {
      database.exec('BEGIN IMMEDIATE');
      work();
      database.exec('COMMIT');
      this.#incidents.settle();
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      this.#incidents.undo();
      this.#blocks.forgetAll();
      throw faultOf(error, this.#options.path);
    }
  }

  /** In the order in which their alerts came. */
  #segments(): readonly Segment[] {
    return [...this.#stored, ...this.#growing.all];
  }

  #scope(afterId: number, turn: Turn): Scope {
    const segments = this.#segments().filter(({ id }) => id > afterId);
    return { segments, floorNs: this.#floorNs, turn };
  }

  /** Of the alerts of later segments than that one. */
  answer(question: SharedQuestion, afterId: number, turn: Turn): Promise<unknown> {
    return this.#searches.answer(question, this.#scope(afterId, turn));
  }

  /** What others may read, each in a connection of its own. */
  get written(): Written {
    const lastId = this.#stored.at(-1)?.id ?? 0;
    return {
      firstId: this.#stored[0]?.id ?? lastId + 1,
      lastId,
      floorNs: this.#floorNs,
      triageVersion: this.#triageVersion,
    };
  }

  #tellOfWritten(): void {
    this.#options.onWritten?.(this.written);
  }

  since(id: string | undefined, limit: number): readonly KeptRow[] {
    const first = id === undefined ? 1 : (seqOf(id) ?? 0) + 1;
    const rows: KeptRow[] = [];
    const start = Math.max(first, this.#firstSeq());
    for (let seq = start; seq < this.#growing.nextSeq && rows.length < limit; seq++) {
      const row = this.#row(seq);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  #firstSeq(): number {
    return this.#stored[0]?.firstSeq ?? this.#growing.all[0]?.firstSeq ?? this.#growing.nextSeq;
  }

  latestId(): string | undefined {
    return this.#growing.nextSeq > this.#firstSeq() ? idOf(this.#growing.nextSeq - 1) : undefined;
  }

  /** `undefined`: it is not there, or no longer, or damaged. */
  #row(seq: number): KeptRow | undefined {
    const segment = this.#segmentOf(seq);
    if (segment === undefined) return undefined;
    return this.#searches.guard(segment, () => {
      const body = this.#blocks.body(seq);
      return body && keptRowOf(seq, body, this.#incidents.triage);
    });
  }

  #incidentOf(segment: Segment, row: number): string {
    const column = segment.column('incident');
    return column === undefined ? '' : String(valueAt(column, column.codes[row] ?? 0) ?? '');
  }

  #segmentOf(seq: number): Segment | undefined {
    const isIn = ({ firstSeq, rowCount }: Segment): boolean => seq >= firstSeq && seq < firstSeq + rowCount;
    const inMemory = this.#growing.all.find(isIn);
    if (inMemory !== undefined) return inMemory;
    let low = 0;
    let high = this.#stored.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#stored[middle]?.firstSeq ?? 0) <= seq) low = middle;
      else high = middle;
    }
    const segment = this.#stored[low];
    return segment !== undefined && isIn(segment) && !this.#searches.isDamaged(segment.id)
      ? segment
      : undefined;
  }

  placeIn(feed: string): number | undefined {
    return this.#places.of(feed);
  }

  story(id: string): AlertStory | undefined {
    return this.#stories.of(seqOf(id) ?? -1);
  }

  continueStory(key: string, after: AlertStory['after']): void {
    this.#inTransaction(() => this.#stories.extend(key, after));
  }

  fieldNames(limit: number): readonly { readonly name: string; readonly count: number }[] {
    const counts = new Map<string, number>();
    const add = (column: string, count: number): void => {
      if (column.startsWith('.')) counts.set(column.slice(1), (counts.get(column.slice(1)) ?? 0) + count);
    };
    for (const { presentCounts } of this.#stored) for (const [name, count] of presentCounts) add(name, count);
    for (const segment of this.#growing.all)
      for (const name of segment.columnNames()) add(name, segment.presentIn(name));
    return [...counts]
      .map(([name, count]) => ({ name, count }))
      .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
      .slice(0, limit);
  }

  incidents(
    filter: IncidentFilter,
    { limit, cursor }: PageRequest,
  ): { readonly incidents: readonly Incident[]; readonly next: string | undefined } {
    const asked = cursor === undefined ? 0 : Number.parseInt(cursor, 36);
    const start = Number.isSafeInteger(asked) ? Math.max(0, asked) : 0;
    const found = this.#incidents.list(filter, limit + 1, start);
    return {
      incidents: found.slice(0, limit),
      next: found.length > limit ? (start + limit).toString(36) : undefined,
    };
  }

  incidentCounts(filter: IncidentFilter): readonly IncidentCount[] {
    return this.#incidents.counts(filter);
  }

  incident(id: string): Incident | undefined {
    return this.#incidents.get(id);
  }

  async triage(target: TriageTarget, change: TriageChange, turn: () => Promise<void>): Promise<number> {
    const incidentIds =
      target.kind === 'filter'
        ? await this.#searches.incidentsOf(target.filter, this.#scope(0, turn))
        : undefined;
    let count = 0;
    this.#inTransaction(() => {
      if (target.kind === 'alerts') {
        for (const id of target.ids.slice(0, MOST_ALERTS_PER_TRIAGE)) {
          const seq = seqOf(id);
          const segment = seq === undefined ? undefined : this.#segmentOf(seq);
          if (seq === undefined || segment === undefined) continue;
          this.#incidents.triage.setAlert(seq, this.#incidentOf(segment, seq - segment.firstSeq), change);
          count++;
        }
      } else
        count = this.#incidents.triageIncidents(
          incidentIds ?? (target.kind === 'incidents' ? target.ids : []),
          change,
        );
    });
    this.#triageVersion++;
    this.#tellOfWritten();
    return count;
  }

  retain(retention: Retention, nowMs: number): Promise<number> {
    return this.#alone(() => this.#retain(retention, nowMs));
  }

  async #retain({ maxAgeMs, maxCount, maxBytes }: Retention, nowMs: number): Promise<number> {
    this.#floorNs = maxAgeMs > 0 ? BigInt(Math.floor(nowMs - maxAgeMs)) * 1_000_000n : undefined;
    this.#tellOfWritten();
    let removed = 0;
    if (maxBytes > 0 && sizeOnDisk(this.#options.path) > maxBytes)
      this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    for (;;) {
      const [oldest] = this.#stored;
      if (oldest === undefined) break;
      const isOld = this.#floorNs !== undefined && oldest.maxNs < this.#floorNs;
      const isTooMany = maxCount > 0 && this.#alertCount() - oldest.rowCount >= maxCount;
      const isTooLarge = maxBytes > 0 && sizeWhenWritten(this.#database) > maxBytes;
      if (!isOld && !isTooMany && !isTooLarge) break;
      this.#remove(oldest);
      removed += oldest.rowCount;
      await nextTurn();
    }
    if (removed > 0) this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    return removed;
  }

  #remove(segment: StoredSegment): void {
    const end = segment.firstSeq + segment.rowCount;
    const [, ...rest] = this.#segments();
    const oldestNs = oldestOf(rest);
    this.#inTransaction(() => {
      this.#tables.remove(segment);
      this.#stories.removeBefore(end);
      this.#incidents.removeBefore(end, oldestNs);
    });
    this.#incidents.forgetBefore(oldestNs);
    this.#stored.shift();
    this.#triageVersion++;
    this.#tellOfWritten();
    this.#database.exec('PRAGMA incremental_vacuum');
  }

  #alertCount(): number {
    return this.#growing.nextSeq - this.#firstSeq();
  }

  facts(): StoreFacts {
    const segments = this.#segments().filter(({ id }) => !this.#searches.isDamaged(id));
    let oldestNs: bigint | undefined;
    let newestNs: bigint | undefined;
    for (const { minNs, maxNs } of segments) {
      if (oldestNs === undefined || minNs < oldestNs) oldestNs = minNs;
      if (newestNs === undefined || maxNs > newestNs) newestNs = maxNs;
    }
    return {
      engine: 'sqlite',
      alertCount: segments.reduce((sum, { rowCount }) => sum + rowCount, 0),
      sizeBytes: sizeOnDisk(this.#options.path),
      oldestNs,
      newestNs,
      schemaVersion: schemaVersionOf(this.#database),
    };
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#sealer.done;
    try {
      this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch (error) {
      // What is not in the database file stays in the log beside it, where the next one that opens it finds it.
      this.#options.onTrouble(
        `the store is closed as it is: ${reasonOf(faultOf(error, this.#options.path))}`,
      );
    }
    this.#database.close();
    this.#release();
  }
}

/** Time of the oldest alert, nanoseconds; of none, far in the future. */
function oldestOf(segments: readonly Segment[]): bigint {
  let oldestNs = 2n ** 62n;
  for (const { minNs } of segments) if (minNs < oldestNs) oldestNs = minNs;
  return oldestNs;
}
