/** Asks the process that acts on this machine, over a stream. Answers are matched by number, and checked. */

import type { Duplex } from 'node:stream';
import { type JsonObject, listIn, objectIn, parseObject, textIn } from '@peregrine/base';
import type { ActionOutcome, Change } from '../action.ts';
import type { HandsPort } from './hands-port.ts';
import { MOST_LINE_BYTES } from './hands-server.ts';
import { LineReader } from './lines.ts';

/** Longest answer, bytes. */
const MOST_ANSWER_BYTES = 4 * 2 ** 20;

export interface HandsConnection {
  readonly port: HandsPort;
  /** The process ends; what is being done is `unknown`. */
  close(): void;
}

/** `hostname`: as the alerts of this machine have it. The stream is the connection's from now on. */
export function connectHands(stream: Duplex, hostname: string): HandsConnection {
  const asked = new Map<number, (outcome: ActionOutcome) => void>();
  const reader = new LineReader(MOST_ANSWER_BYTES);
  let lastId = 0;
  let whyBroken: string | undefined;

  const breakOff = (why: string): void => {
    whyBroken ??= why;
    stream.destroy();
    for (const settle of asked.values()) settle({ kind: 'unknown', reason: whyBroken });
    asked.clear();
  };
  stream.on('data', (piece: Buffer) => {
    const lines = reader.push(piece);
    if (lines === undefined) breakOff('what acts on this machine gave an answer without end');
    for (const line of lines ?? []) {
      const { id, outcome } = parseObject(line) ?? {};
      if (typeof id !== 'number') continue;
      asked.get(id)?.(decodeOutcome(outcome));
      asked.delete(id);
    }
  });
  const ended = 'what acts on this machine has ended; start Peregrine again';
  stream.on('error', (error) => breakOff(`${ended} (${error.message})`));
  stream.on('end', () => breakOff(ended));
  stream.on('close', () => breakOff(ended));

  const ask: HandsPort['ask'] = ({ deed, data, isDryRun }, signal) => {
    if (whyBroken !== undefined) return Promise.resolve({ kind: 'refused', reason: whyBroken });
    if (signal.aborted)
      return Promise.resolve({ kind: 'retry', reason: 'there was no time to begin', afterMs: undefined });
    const id = ++lastId;
    const line = Buffer.from(`${JSON.stringify({ id, deed, data, isDryRun })}\n`);
    if (line.length > MOST_LINE_BYTES)
      return Promise.resolve({ kind: 'refused', reason: 'it is about more than can be handed over' });
    const { promise, resolve } = Promise.withResolvers<ActionOutcome>();
    const onAbort = (): void => {
      asked.delete(id);
      resolve({ kind: 'unknown', reason: 'what acts on this machine did not answer in time' });
    };
    asked.set(id, (outcome) => {
      signal.removeEventListener('abort', onAbort);
      resolve(outcome);
    });
    signal.addEventListener('abort', onAbort, { once: true });
    stream.write(line);
    return promise;
  };
  return {
    port: { hostname, ask },
    close: () => breakOff('what acts on this machine was told to end'),
  };
}

/** What is no outcome is `unknown`: something may have been done. */
export function decodeOutcome(given: unknown): ActionOutcome {
  const outcome = objectIn(given) ?? {};
  const reason = textIn(outcome.reason);
  switch (outcome.kind) {
    case 'done':
      return decodeDone(outcome);
    case 'unchanged':
    case 'refused':
    case 'unknown':
      return { kind: outcome.kind, reason };
    case 'retry': {
      const { afterMs } = outcome;
      return { kind: 'retry', reason, afterMs: typeof afterMs === 'number' ? afterMs : undefined };
    }
    default:
      return { kind: 'unknown', reason: 'what acts on this machine gave an answer that is none' };
  }
}

function decodeDone(outcome: JsonObject): ActionOutcome {
  const undo = objectIn(outcome.undo);
  const results = Object.entries(objectIn(outcome.results) ?? {}).filter(
    (entry): entry is [string, string | number | boolean] =>
      ['string', 'number', 'boolean'].includes(typeof entry[1]),
  );
  return {
    kind: 'done',
    summary: textIn(outcome.summary),
    changes: listIn(outcome.changes).map(decodeChange),
    ...(undo === undefined ? {} : { undo }),
    results: Object.fromEntries(results),
  };
}

function decodeChange(given: unknown): Change {
  const change = objectIn(given) ?? {};
  const optionalText = (key: 'part' | 'before' | 'after'): Partial<Change> =>
    typeof change[key] === 'string' ? { [key]: change[key] } : {};
  return {
    object: textIn(change.object),
    ...optionalText('part'),
    ...optionalText('before'),
    ...optionalText('after'),
  };
}
