/** The thread that reads: answers about what is written in segments. */

import { workerData } from 'node:worker_threads';
import { answerCalls } from './answer-calls.ts';
import type { SearchCall, SearchStart, SharedQuestion, Written } from './messages.ts';
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
        return answerShared(engine(), call.question, { written: call.written, turn });
      case 'rows':
        return engine().rows(call.seqs, call.written);
      case 'close':
        return close();
    }
  },
});

function answerShared(
  engine: SearchEngine,
  question: SharedQuestion,
  { written, turn }: { readonly written: Written; readonly turn: () => Promise<void> },
): Promise<unknown> {
  switch (question.kind) {
    case 'places':
      return engine.places(question.filter, question.page, written, turn);
    case 'count':
      return engine.count(question.filter, written, turn);
    case 'countBy':
      return engine.countBy(question.filter, question.by, written, turn);
    case 'timeline':
      return engine.timeline(question.filter, question.request, written, turn);
    case 'withUuid':
      return engine.withUuid(question.uuid, written, turn);
  }
}
