/** JSON objects over HTTP from a local socket. The answer's size is bounded. */

import { request } from 'node:http';
import { type JsonObject, parseObject } from '@peregrine/base';

/** Containers with thousands of mounts and labels stay far below. */
const MOST_BYTES = 4 * 1024 * 1024;

/** `undefined`: there is no such thing. Rejects on any other answer than an object. */
export function getJson(
  socketPath: string,
  path: string,
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<JsonObject | undefined>();
  const options = { socketPath, path, signal, agent: false, headers: { host: 'localhost' } } as const;
  const sent = request(options, (answer) => {
    const pieces: Buffer[] = [];
    let size = 0;
    answer.on('data', (piece: Buffer) => {
      size += piece.length;
      if (size > MOST_BYTES) sent.destroy(new Error(`its answer is longer than ${MOST_BYTES} bytes`));
      else pieces.push(piece);
    });
    answer.on('error', reject);
    answer.on('end', () => {
      if (answer.statusCode === 404) return resolve(undefined);
      if (answer.statusCode !== 200) return reject(new Error(`it answers with status ${answer.statusCode}`));
      const object = parseObject(Buffer.concat(pieces).toString());
      return object === undefined ? reject(new Error('its answer is no JSON object')) : resolve(object);
    });
  });
  sent.on('error', reject);
  sent.end();
  return promise;
}
