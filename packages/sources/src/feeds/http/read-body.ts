/** The body of a request, up to a limit of size and time. */

import type { IncomingMessage } from 'node:http';
import type { BodyPool } from './body-pool.ts';

/** Between two pieces of a body, milliseconds. */
const MOST_PAUSE_MS = 10_000;

export class BodyFailure extends Error {
  override readonly name = 'BodyFailure';
  readonly kind: 'too_large' | 'no_room' | 'slow' | 'aborted';

  constructor(kind: BodyFailure['kind']) {
    super(kind);
    this.kind = kind;
  }
}

export interface BodyOptions {
  readonly mostBytes: number;
  /** The whole body must be here by then, milliseconds from now. */
  readonly withinMs: number;
  /** Whether so many bytes more may come. */
  readonly takeRoom: (bytes: number) => boolean;
  readonly pool: BodyPool;
}

/**
 * Asks for room as the bytes come, not before: who only says that much will come takes nobody's place. Rejects with a
 * `BodyFailure`. The body is to be given back to the pool.
 */
export function readBody(
  request: IncomingMessage,
  { mostBytes, withinMs, takeRoom, pool }: BodyOptions,
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const body = pool.begin(Number(request.headers['content-length'] ?? 0));
  let size = 0;
  let isOver = false;
  const end = (failure?: BodyFailure): void => {
    // A request that has ended closes as well.
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    clearTimeout(deadline);
    if (failure === undefined) {
      resolve(body.finish());
      return;
    }
    body.giveUp();
    request.removeAllListeners('data');
    reject(failure);
  };
  const slow = (): void => end(new BodyFailure('slow'));
  const timer = setTimeout(slow, Math.min(MOST_PAUSE_MS, withinMs));
  const deadline = setTimeout(slow, withinMs);
  request.on('data', (piece: Buffer) => {
    timer.refresh();
    size += piece.length;
    if (size > mostBytes) end(new BodyFailure('too_large'));
    else if (!takeRoom(piece.length)) end(new BodyFailure('no_room'));
    else body.add(piece);
  });
  request.once('end', () => end());
  // An aborted request closes without end.
  request.once('close', () => end(request.complete ? undefined : new BodyFailure('aborted')));
  request.once('error', () => end(new BodyFailure('aborted')));
  return promise;
}
