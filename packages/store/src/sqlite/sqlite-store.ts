/** The store on SQLite, seen from the main thread, which never waits for a disk or a search: a thread has the database. */

import { Worker } from 'node:worker_threads';
import { decodeStored } from '@peregrine/alert';
import { Fault } from '@peregrine/base';
import {
  type AlertStore,
  FilterError,
  type Incident,
  type IncomingAlert,
  type KeptAlert,
  type StoreFacts,
} from '../alert-store.ts';
import { MOST_ROWS } from '../segments/column.ts';
import type { SqlDatabase, SqlRow, SqlSession, SqlValue } from '../sql/sql-database.ts';
import type { KeptFacts, KeptRow } from './engine.ts';
import type { FromStore, StoreCall, StoreFailure, StoreStart, ToStore } from './messages.ts';
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
  /** Something that users should know, such as a part that is damaged. */
  readonly onTrouble?: (text: string) => void;
}

const INCIDENT_GAP_MS = 24 * 60 * 60_000;
const CACHE_BYTES = 64 * 1024 * 1024;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Resolves when it can be used. Throws a `Fault` when it cannot be opened. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<AlertStore> {
  const start: StoreStart = {
    path: options.path,
    recordsPath: recordsPathOf(options.path),
    incidentGapMs: options.incidentGapMs ?? INCIDENT_GAP_MS,
    cacheBytes: options.cacheBytes ?? CACHE_BYTES,
    segmentRows: options.segmentRows ?? MOST_ROWS,
  };
  const thread = new StoreThread(start, options.onTrouble ?? (() => {}));
  await thread.opened;
  return new SqliteStore(thread);
}

class StoreThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #opened = Promise.withResolvers<void>();
  #nextId = 1;
  #isClosed = false;

  constructor(start: StoreStart, onTrouble: (text: string) => void) {
    this.#worker = new Worker(new URL('./store-worker.ts', import.meta.url), { workerData: start });
    this.#worker.on('message', (message: FromStore) => {
      switch (message.kind) {
        case 'opened':
          this.#opened.resolve();
          return;
        case 'unusable':
          this.#fail(errorOf(message.failure));
          return;
        case 'trouble':
          onTrouble(message.text);
          return;
        case 'answer':
          this.#take(message.id)?.resolve(message.value);
          return;
        case 'failure':
          this.#take(message.id)?.reject(errorOf(message.failure));
          return;
      }
    });
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Fault('store-ended', 'the store has ended')));
  }

  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** The answer has the type that the engine gives for the call. */
  ask<T>(call: StoreCall, signal?: AbortSignal): Promise<T> {
    if (this.#isClosed) return Promise.reject(new Fault('store-ended', 'the store has ended'));
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    this.#send({ kind: 'call', id, call });
    const abandon = (): void => this.#send({ kind: 'abandon', id });
    if (signal?.aborted === true) abandon();
    signal?.addEventListener('abort', abandon, { once: true });
    return promise.finally(() => signal?.removeEventListener('abort', abandon)) as Promise<T>; // As above.
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    const ended = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    await this.ask({ kind: 'close' });
    this.#isClosed = true;
    await ended;
  }

  #send(message: ToStore): void {
    this.#worker.postMessage(message);
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #fail(error: unknown): void {
    this.#isClosed = true;
    this.#opened.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    void this.#worker.terminate();
  }
}

function errorOf({ kind, code, message, hint }: StoreFailure): Error {
  switch (kind) {
    case 'fault':
      return new Fault(code, message, hint === undefined ? {} : { hint });
    case 'filter':
      return new FilterError(message);
    case 'abandoned':
      return new DOMException(message, 'AbortError');
    case 'bug':
      return new Error(message);
  }
}

class SqliteStore implements AlertStore {
  readonly #thread: StoreThread;
  readonly #listeners = new Set<(alerts: readonly KeptAlert[]) => void>();
  readonly records: SqlDatabase;

  constructor(thread: StoreThread) {
    this.#thread = thread;
    this.records = new ThreadRecords(thread);
  }

  async append(
    batch: readonly IncomingAlert[],
    place?: { readonly feed: string; readonly seq: number },
  ): Promise<void> {
    const bodies = batch.map(({ alert, story, mark }) => ({ json: alert.json, story, mark }));
    const facts = await this.#thread.ask<readonly KeptFacts[]>({ kind: 'append', bodies, place });
    if (this.#listeners.size === 0) return;
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

  search: AlertStore['search'] = async (filter, page, signal) => {
    const { rows, next } = await this.#thread.ask<{
      readonly rows: readonly KeptRow[];
      readonly next: string | undefined;
    }>({ kind: 'search', filter, page }, signal);
    return { alerts: rows.flatMap(keptFrom), next };
  };

  since: AlertStore['since'] = async (id, limit) =>
    (await this.#thread.ask<readonly KeptRow[]>({ kind: 'since', id, limit })).flatMap(keptFrom);

  latestId: AlertStore['latestId'] = () => this.#thread.ask({ kind: 'latestId' });
  count: AlertStore['count'] = (filter, signal) => this.#thread.ask({ kind: 'count', filter }, signal);
  countBy: AlertStore['countBy'] = (filter, by, limit, signal) =>
    this.#thread.ask({ kind: 'countBy', filter, by, limit }, signal);
  timeline: AlertStore['timeline'] = (filter, request, signal) =>
    this.#thread.ask({ kind: 'timeline', filter, request }, signal);

  get: AlertStore['get'] = async (id) => {
    const row = await this.#thread.ask<KeptRow | undefined>({ kind: 'get', id });
    return row && keptFrom(row)[0];
  };

  story: AlertStore['story'] = (id) => this.#thread.ask({ kind: 'story', id });
  continueStory: AlertStore['continueStory'] = (key, after) =>
    this.#thread.ask({ kind: 'continueStory', key, after });
  fieldNames: AlertStore['fieldNames'] = (limit) => this.#thread.ask({ kind: 'fieldNames', limit });
  incidents: AlertStore['incidents'] = (filter, page) =>
    this.#thread.ask({ kind: 'incidents', filter, page });
  incident = (id: string): Promise<Incident | undefined> => this.#thread.ask({ kind: 'incident', id });
  triage: AlertStore['triage'] = (target, change) => this.#thread.ask({ kind: 'triage', target, change });
  retain: AlertStore['retain'] = (retention, nowMs) => this.#thread.ask({ kind: 'retain', retention, nowMs });
  facts = (): Promise<StoreFacts> => this.#thread.ask({ kind: 'facts' });
  close = (): Promise<void> => this.#thread.close();
}

/** None for a body that no hub wrote. */
function keptFrom({ json, ...facts }: KeptRow): KeptAlert[] {
  const stored = decodeStored(Buffer.from(`\n${json}`, 'utf8'));
  return stored === undefined ? [] : [{ ...facts, alert: stored.alert }];
}

/** One transaction after the other, and nothing else in between. */
class ThreadRecords implements SqlDatabase {
  readonly #thread: StoreThread;
  #last: Promise<unknown> = Promise.resolve();

  constructor(thread: StoreThread) {
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
