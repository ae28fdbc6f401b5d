/** The thread of the store: opens the database, and answers one call after the other; long ones make way for short ones. */

import { parentPort, workerData } from 'node:worker_threads';
import { Fault } from '@peregrine/base';
import { FilterError } from '../alert-store.ts';
import { Abandoned, Engine, nextTurn } from './engine.ts';
import type { FromStore, StoreCall, StoreFailure, StoreStart, ToStore } from './messages.ts';
import { faultOf } from './open-database.ts';
import { openRecords, type RecordsFile } from './records-file.ts';

const port = parentPort;
if (port === null) throw new Error('this module runs in a thread');
const start = workerData as StoreStart; // Only `SqliteStore` starts it.
const tell = (message: FromStore): void => port.postMessage(message);

function failureOf(thrown: unknown): StoreFailure {
  const error = faultOf(thrown, start.path);
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Fault) return { kind: 'fault', code: error.code, message, hint: error.hint };
  if (error instanceof FilterError)
    return { kind: 'filter', code: 'bad-condition', message, hint: undefined };
  if (error instanceof Abandoned) return { kind: 'abandoned', code: 'abandoned', message, hint: undefined };
  const where = error instanceof Error ? (error.stack ?? message) : message;
  return { kind: 'bug', code: 'bug', message: where, hint: undefined };
}

let engine: Engine | undefined;
let records: RecordsFile | undefined;
try {
  engine = Engine.open({ ...start, onTrouble: (text) => tell({ kind: 'trouble', text }) });
  records = openRecords(start.recordsPath);
  tell({ kind: 'opened' });
} catch (error) {
  tell({ kind: 'unusable', failure: failureOf(error) });
}

const abandoned = new Set<number>();

async function answer(
  store: Engine,
  sql: RecordsFile,
  call: StoreCall,
  turn: () => Promise<void>,
): Promise<unknown> {
  switch (call.kind) {
    case 'append': {
      // Full segments are written as fast as they come, or alerts wait.
      if (store.isBehind) await store.caughtUp();
      return store.append(call.bodies, call.place);
    }
    case 'placeIn':
      return store.placeIn(call.feed);
    case 'search':
      return store.search(call.filter, call.page, turn);
    case 'since':
      return store.since(call.id, call.limit);
    case 'latestId':
      return store.latestId();
    case 'count':
      return store.count(call.filter, turn);
    case 'countBy':
      return store.countBy(call.filter, call.by, call.limit, turn);
    case 'timeline':
      return store.timeline(call.filter, call.request, turn);
    case 'get':
      return store.get(call.id);
    case 'story':
      return store.story(call.id);
    case 'continueStory':
      return store.continueStory(call.key, call.after);
    case 'fieldNames':
      return store.fieldNames(call.limit);
    case 'incidents':
      return store.incidents(call.filter, call.page);
    case 'incident':
      return store.incident(call.id);
    case 'triage':
      return store.triage(call.target, call.change, turn);
    case 'retain':
      return store.retain(call.retention, call.nowMs);
    case 'facts':
      return store.facts();
    case 'sql':
      return call.isQuery ? sql.all(call.sql, call.parameters) : sql.run(call.sql, call.parameters);
    case 'close':
      sql.close();
      return store.close();
  }
}

port.on('message', (message: ToStore) => {
  if (message.kind === 'abandon') {
    abandoned.add(message.id);
    return;
  }
  const { id, call } = message;
  if (engine === undefined || records === undefined) return;
  let sinceMs = performance.now();
  const turn = async (): Promise<void> => {
    if (abandoned.has(id)) throw new Abandoned('nobody waits for it');
    if (performance.now() - sinceMs < MOST_MS) return;
    await nextTurn();
    sinceMs = performance.now();
  };
  answer(engine, records, call, turn)
    .then(
      (value) => {
        tell({ kind: 'answer', id, value });
        // Nothing keeps the thread then, and it ends by itself.
        if (call.kind === 'close') port.close();
      },
      (error: unknown) => tell({ kind: 'failure', id, failure: failureOf(error) }),
    )
    .finally(() => abandoned.delete(id));
});

/** A call works for so long before others get their turn. */
const MOST_MS = 5;
