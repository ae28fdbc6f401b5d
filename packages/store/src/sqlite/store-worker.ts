/** The thread that writes: has the database, and what is not yet in segments of its own. */

import { workerData } from 'node:worker_threads';
import { answerCalls } from './answer-calls.ts';
import { Engine } from './engine.ts';
import type { KeptFacts } from './kept-row.ts';
import type { StoreCall, StoreStart } from './messages.ts';
import { openRecords, type RecordsFile } from './records-file.ts';

const start = workerData as StoreStart; // Only `SqliteStore` starts it.

interface Opened {
  readonly store: Engine;
  readonly records: RecordsFile;
}

answerCalls<StoreCall, Opened>({
  path: start.path,
  open: (tell) => {
    const store = Engine.open({
      ...start,
      onTrouble: (text) => tell({ kind: 'trouble', text }),
      onWritten: (written) => tell({ kind: 'written', written }),
    });
    const records = openRecords(start.recordsPath);
    tell({ kind: 'written', written: store.written });
    return { store, records };
  },
  answer: async ({ store, records }, call, turn) => {
    switch (call.kind) {
      case 'shared':
        return store.answer(call.question, call.afterId, turn);
      case 'append':
        return tellOf(await store.append(call.bodies, call.place), call.isTold);
      case 'placeIn':
        return store.placeIn(call.feed);
      case 'since':
        return store.since(call.id, call.limit);
      case 'latestId':
        return store.latestId();
      case 'story':
        return store.story(call.id);
      case 'continueStory':
        return store.continueStory(call.key, call.after);
      case 'fieldNames':
        return store.fieldNames(call.limit);
      case 'incidents':
        return store.incidents(call.filter, call.page);
      case 'incidentCounts':
        return store.incidentCounts(call.filter);
      case 'incident':
        return store.incident(call.id);
      case 'triage':
        return store.triage(call.target, call.change, turn);
      case 'retain':
        return store.retain(call.retention, call.nowMs);
      case 'facts':
        return store.facts();
      case 'sql':
        return call.isQuery ? records.all(call.sql, call.parameters) : records.run(call.sql, call.parameters);
      case 'close':
        records.close();
        return store.close();
    }
  },
});

/** To copy what nobody listens to would take as long as a part of the work. */
function tellOf(facts: readonly KeptFacts[], isTold: boolean): readonly KeptFacts[] {
  return isTold ? facts : [];
}
