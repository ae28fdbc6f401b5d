/** The thread that reads: answers about what is written in segments. */

import { workerData } from 'node:worker_threads';
import { answerCalls } from './answer-calls.ts';
import type { SearchCall, SearchStart } from './messages.ts';
import { SearchEngine } from './search-engine.ts';

const start = workerData as SearchStart; // Only `SqliteStore` starts it.

/** Opened when it is asked for the first time: by then, whoever writes has made the tables as they should be. */
interface Opened {
  readonly engine: () => SearchEngine;
  readonly close: () => void;
}

answerCalls<SearchCall, Opened>({
  path: start.path,
  open: (tell) => {
    let engine: SearchEngine | undefined;
    return {
      engine: () => {
        engine ??= SearchEngine.open({ ...start, onTrouble: (text) => tell({ kind: 'trouble', text }) });
        return engine;
      },
      close: () => engine?.close(),
    };
  },
  answer: async ({ engine, close }, call, turn) => {
    switch (call.kind) {
      case 'shared':
        return engine().answer(call.question, call.written, turn);
      case 'rows':
        return engine().rows(call.seqs, call.written);
      case 'close':
        return close();
    }
  },
});
