/**
 * The store on SQLite, seen from the main thread, which never waits for a disk or a search. One thread writes, and knows what
 * is not yet in segments; another reads what is. A question goes to both, and their answers are joined here.
 */

import { decodeAlert } from '@peregrine/alert';
import type { AlertStore, Incident, IncomingAlert, KeptAlert, StoreFacts } from '../alert-store.ts';
import { type CountsPart, joinCounts, joinTimelines, type TimelinePart } from '../join-parts.ts';
import { comparePlaces, cursorOf, type Place, seqOf } from '../places.ts';
import { MOST_ROWS } from '../segments/column.ts';
import type { SqlDatabase, SqlRow, SqlSession, SqlValue } from '../sql/sql-database.ts';
import { AskedThread } from './asked-thread.ts';
import type { KeptFacts, KeptRow } from './kept-row.ts';
import type { SearchCall, SharedQuestion, StoreCall, StoreStart, Written } from './messages.ts';
import { recordsPathOf } from './records-file.ts';

export interface SqliteStoreOptions {
  /** File of the alerts; that of the records stands beside it. */
  readonly path: string;
  /** A pause so long begins a new incident, milliseconds. */
  readonly incidentGapMs?: number;
  /** What is kept decoded in memory. */
  readonly cacheBytes?: number;
  /** Alerts that are arranged together; fewer make for smaller steps and slower searches. */
  readonly segmentRows?: number;
  /** Incidents that are kept in memory; with fewer, they are written more often. */
  readonly recentIncidents?: number;
  /** Something that users should know, such as a part that is damaged. */
  readonly onTrouble?: (text: string) => void;
}

const INCIDENT_GAP_MS = 24 * 60 * 60_000;
/** Only a store of many millions of alerts fills it. */
const CACHE_BYTES = 192 * 1024 * 1024;

/** Of a fleet with ten million alerts a month, those of a day. */
const RECENT_INCIDENTS = 64 * 1_024;

/** Of the cache: what the thread that writes reads of segments is little. */
const WRITER_SHARE = 1 / 8;

/** Alerts are read, counted and packed, and forgotten: with less, much of them is copied before. */
const WRITER_YOUNG_MEGABYTES = 48;

interface Threads {
  readonly writer: AskedThread<StoreCall>;
  readonly reader: AskedThread<SearchCall>;
  /** What the writer told last. */
  readonly written: () => Written;
}

/** Resolves when it can be used. Throws a `Fault` when it cannot be opened. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<AlertStore> {
  const { path, cacheBytes = CACHE_BYTES, onTrouble = () => {} } = options;
  const start: StoreStart = {
    path,
    recordsPath: recordsPathOf(path),
    incidentGapMs: options.incidentGapMs ?? INCIDENT_GAP_MS,
    cacheBytes: cacheBytes * WRITER_SHARE,
    segmentRows: options.segmentRows ?? MOST_ROWS,
    recentIncidents: options.recentIncidents ?? RECENT_INCIDENTS,
  };
  let written: Written = { firstId: 1, lastId: 0, floorNs: undefined, triageVersion: 0 };
  const writer = new AskedThread<StoreCall>({
    module: new URL('./store-worker.ts', import.meta.url),
    workerData: start,
    youngMegabytes: WRITER_YOUNG_MEGABYTES,
    onTrouble,
    onWritten: (told) => {
      written = told;
    },
  });
  const reader = new AskedThread<SearchCall>({
    module: new URL('./search-worker.ts', import.meta.url),
    workerData: { path, cacheBytes: cacheBytes * (1 - WRITER_SHARE) },
    onTrouble,
  });
  try {
    await writer.opened;
  } catch (error) {
    await reader.close({ kind: 'close' });
    throw error;
  }
  return new SqliteStore({ writer, reader, written: () => written });
}

class SqliteStore implements AlertStore {
  readonly #threads: Threads;
  readonly #thread: AskedThread<StoreCall>;
  readonly #listeners = new Set<(alerts: readonly KeptAlert[]) => void>();
  readonly records: SqlDatabase;

  constructor(threads: Threads) {
    this.#threads = threads;
    this.#thread = threads.writer;
    this.records = new ThreadRecords(threads.writer);
  }

  async append(
    batch: readonly IncomingAlert[],
    place?: { readonly feed: string; readonly seq: number },
  ): Promise<void> {
    const bodies = batch.map(({ alert, story, mark }) => ({ json: alert.json, story, mark }));
    const isTold = this.#listeners.size > 0;
    const facts = await this.#thread.ask<readonly KeptFacts[]>({ kind: 'append', bodies, place, isTold });
    if (!isTold) return;
    const kept = batch.flatMap(({ alert, mark }, i): KeptAlert[] => {
      const of = facts[i];
      return of === undefined ? [] : [{ ...of, alert, mark }];
    });
    for (const listener of this.#listeners) listener(kept);
  }

  onAppend(listener: (alerts: readonly KeptAlert[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  placeIn: AlertStore['placeIn'] = (feed) => this.#thread.ask({ kind: 'placeIn', feed });

  /** What each thread says for its share of the alerts; together they have all of them. */
  #ofBoth<T>(question: SharedQuestion, signal?: AbortSignal): Promise<readonly T[]> {
    const { writer, reader } = this.#threads;
    const written = this.#threads.written();
    return Promise.all([
      reader.ask<T>({ kind: 'shared', question, written }, signal),
      writer.ask<T>({ kind: 'shared', question, afterId: written.lastId }, signal),
    ]);
  }

  search: AlertStore['search'] = async (filter, page, signal) => {
    const { limit, offset = 0, isOldestFirst = false } = page;
    const parts = await this.#ofBoth<readonly Place[]>({ kind: 'places', filter, page }, signal);
    const sign = isOldestFirst ? 1 : -1;
    const places = parts.flat().sort((a, b) => sign * comparePlaces(a, b));
    const shown = places.slice(offset, offset + limit);
    const last = shown.at(-1);
    return {
      alerts: await this.#alertsAt(shown.map(({ seq }) => seq)),
      next: places.length > offset + limit && last !== undefined ? cursorOf(last) : undefined,
    };
  };

  async #alertsAt(seqs: readonly number[]): Promise<readonly KeptAlert[]> {
    if (seqs.length === 0) return [];
    const written = this.#threads.written();
    const rows = await this.#threads.reader.ask<readonly KeptRow[]>({ kind: 'rows', seqs, written });
    return rows.flatMap(keptFrom);
  }

  since: AlertStore['since'] = async (id, limit) =>
    (await this.#thread.ask<readonly KeptRow[]>({ kind: 'since', id, limit })).flatMap(keptFrom);

  latestId: AlertStore['latestId'] = () => this.#thread.ask({ kind: 'latestId' });

  count: AlertStore['count'] = async (filter, signal) => {
    const counts = await this.#ofBoth<number>({ kind: 'count', filter }, signal);
    return counts.reduce((sum, count) => sum + count, 0);
  };

  countBy: AlertStore['countBy'] = async (filter, by, limit, signal) =>
    joinCounts(await this.#ofBoth<CountsPart>({ kind: 'countBy', filter, by }, signal), limit);

  timeline: AlertStore['timeline'] = async (filter, request, signal) =>
    joinTimelines(await this.#ofBoth<TimelinePart>({ kind: 'timeline', filter, request }, signal), request);

  get: AlertStore['get'] = async (idOrUuid) => {
    const seq = seqOf(idOrUuid);
    if (seq !== undefined) return (await this.#alertsAt([seq]))[0];
    if (!/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(idOrUuid)) return undefined;
    const rows = await this.#ofBoth<KeptRow | undefined>({ kind: 'withUuid', uuid: idOrUuid });
    const row = rows.findLast((found) => found !== undefined);
    return row && keptFrom(row)[0];
  };

  story: AlertStore['story'] = (id) => this.#thread.ask({ kind: 'story', id });
  continueStory: AlertStore['continueStory'] = (key, after) =>
    this.#thread.ask({ kind: 'continueStory', key, after });
  fieldNames: AlertStore['fieldNames'] = (limit) => this.#thread.ask({ kind: 'fieldNames', limit });
  incidents: AlertStore['incidents'] = (filter, page) =>
    this.#thread.ask({ kind: 'incidents', filter, page });
  incidentCounts: AlertStore['incidentCounts'] = (filter) =>
    this.#thread.ask({ kind: 'incidentCounts', filter });
  incident = (id: string): Promise<Incident | undefined> => this.#thread.ask({ kind: 'incident', id });
  triage: AlertStore['triage'] = (target, change) => this.#thread.ask({ kind: 'triage', target, change });
  retain: AlertStore['retain'] = (retention, nowMs) => this.#thread.ask({ kind: 'retain', retention, nowMs });
  facts = (): Promise<StoreFacts> => this.#thread.ask({ kind: 'facts' });

  async close(): Promise<void> {
    await this.#threads.reader.close({ kind: 'close' });
    await this.#thread.close({ kind: 'close' });
  }
}

/** None for a body that no hub wrote. */
function keptFrom({ json, ...facts }: KeptRow): KeptAlert[] {
  const alert = decodeAlert(json);
  return alert === undefined ? [] : [{ ...facts, alert }];
}

/** One transaction after the other, and nothing else in between. */
class ThreadRecords implements SqlDatabase {
  readonly #thread: AskedThread<StoreCall>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(thread: AskedThread<StoreCall>) {
    this.#thread = thread;
  }

  all(sql: string, parameters: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
    return this.#inTurn(() => this.#ask(sql, parameters, true));
  }

  run(sql: string, parameters: readonly SqlValue[] = []): Promise<number> {
    return this.#inTurn(() => this.#ask(sql, parameters, false));
  }

  transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      const session: SqlSession = {
        all: (sql, parameters = []) => this.#ask(sql, parameters, true),
        run: (sql, parameters = []) => this.#ask(sql, parameters, false),
      };
      await session.run('BEGIN IMMEDIATE');
      try {
        const value = await work(session);
        await session.run('COMMIT');
        return value;
      } catch (error) {
        await session.run('ROLLBACK');
        throw error;
      }
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }

  #ask<T>(sql: string, parameters: readonly SqlValue[], isQuery: boolean): Promise<T> {
    return this.#thread.ask({ kind: 'sql', sql, parameters, isQuery });
  }
}
