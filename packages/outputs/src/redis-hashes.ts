/** One field of many hashes in a Redis, for whoever moves away from it. */

import { Fault } from '@peregrine/base';

const KEYS_AT_ONCE = 500;
const CONNECT_MS = 10_000;

export interface HashRequest {
  /** `redis://USER:PASSWORD@HOST:PORT/DATABASE`, or `rediss:`. */
  readonly url: string;
  /** Names of the keys, with `*`. */
  readonly match: string;
  readonly field: string;
}

/** Values, in no order; while others write there, one may come twice. Throws a `Fault`. */
export async function* readRedisHashes({ url, match, field }: HashRequest): AsyncGenerator<string> {
  const where = URL.canParse(url) ? new URL(url).host : url;
  const { createClient } = await import('@redis/client');
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: CONNECT_MS } });
  // Every call rejects with what happened.
  client.on('error', () => {});
  try {
    await client.connect();
    for await (const keys of client.scanIterator({ MATCH: match, COUNT: KEYS_AT_ONCE })) {
      const values = await Promise.all(keys.map((key) => client.hGet(key, field)));
      // One that is gone since has nothing.
      for (const value of values) if (typeof value === 'string') yield value;
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Fault('redis-unreadable', `cannot read from Redis at \`${where}\`: ${reason}`, { cause });
  } finally {
    if (client.isOpen) client.destroy();
  }
}
