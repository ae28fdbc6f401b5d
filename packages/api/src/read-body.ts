/** The body of a request, up to a limit of size; the listener limits its time. */

import type { IncomingMessage } from 'node:http';

export type Body =
  | { readonly kind: 'body'; readonly bytes: Buffer }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'no_room' }
  | { readonly kind: 'aborted' };

/**
 * `takeRoom` is asked as the bytes come, not before: who only says that much will come takes nobody's place. It may say
 * no; whoever gave room takes it back. Never rejects.
 */
export function readBody(
  request: IncomingMessage,
  mostBytes: number,
  takeRoom: (bytes: number) => boolean = () => true,
): Promise<Body> {
  const { promise, resolve } = Promise.withResolvers<Body>();
  if (Number(request.headers['content-length'] ?? 0) > mostBytes)
    return Promise.resolve({ kind: 'too_large' });
  const pieces: Buffer[] = [];
  let size = 0;
  const refuse = (kind: 'too_large' | 'no_room' | 'aborted'): void => {
    pieces.length = 0;
    request.removeAllListeners('data');
    resolve({ kind });
  };
  request.on('data', (piece: Buffer) => {
    size += piece.length;
    if (size > mostBytes) refuse('too_large');
    else if (!takeRoom(piece.length)) refuse('no_room');
    else pieces.push(piece);
  });
  request.once('end', () => resolve({ kind: 'body', bytes: Buffer.concat(pieces) }));
  request.once('error', () => refuse('aborted'));
  // An aborted request closes without an end.
  request.once('close', () => refuse('aborted'));
  return promise;
}
