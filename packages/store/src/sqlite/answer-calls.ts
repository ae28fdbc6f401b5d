/** The side of a thread that is asked: answers one call after the other; long ones make way for short ones. */

import { parentPort } from 'node:worker_threads';
import { Fault } from '@peregrine/base';
import { FilterError } from '../alert-store.ts';
import type { FromThread, StoreFailure, ToThread } from './messages.ts';
import { faultOf } from './open-database.ts';
import { Abandoned, createTurns } from './turns.ts';

export interface CallsPort<Call extends { readonly kind: string }, Engine> {
  readonly path: string;
  /** Throws when it cannot be opened. */
  readonly open: (tell: (message: FromThread) => void) => Engine;
  readonly answer: (engine: Engine, call: Call, turn: () => Promise<void>) => Promise<unknown>;
}

export function answerCalls<Call extends { readonly kind: string }, Engine>({
  path,
  open,
  answer,
}: CallsPort<Call, Engine>): void {
  const port = parentPort;
  if (port === null) throw new Error('this module runs in a thread');
  const tell = (message: FromThread): void => port.postMessage(message);
  let engine: Engine;
  try {
    engine = open(tell);
    tell({ kind: 'opened' });
  } catch (error) {
    tell({ kind: 'unusable', failure: failureOf(error, path) });
    return;
  }
  const abandoned = new Set<number>();
  port.on('message', (message: ToThread<Call>) => {
    if (message.kind === 'abandon') {
      abandoned.add(message.id);
      return;
    }
    const { id, call } = message;
    answer(
      engine,
      call,
      createTurns(() => abandoned.has(id)),
    )
      .then(
        (value) => {
          tell({ kind: 'answer', id, value });
          // Nothing keeps the thread then, and it ends by itself.
          if (call.kind === 'close') port.close();
        },
        (error: unknown) => tell({ kind: 'failure', id, failure: failureOf(error, path) }),
      )
      .finally(() => abandoned.delete(id));
  });
}

function failureOf(thrown: unknown, path: string): StoreFailure {
  const error = faultOf(thrown, path);
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Fault) return { kind: 'fault', code: error.code, message, hint: error.hint };
  if (error instanceof FilterError)
    return { kind: 'filter', code: 'bad-condition', message, hint: undefined };
  if (error instanceof Abandoned) return { kind: 'abandoned', code: 'abandoned', message, hint: undefined };
  const where = error instanceof Error ? (error.stack ?? message) : message;
  return { kind: 'bug', code: 'bug', message: where, hint: undefined };
}
