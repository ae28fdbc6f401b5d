/** Questions to PostgreSQL, and its answers as values of ours. */

import type { ClientBase, Pool } from 'pg';
import type { SqlRow, SqlValue } from '../sql/sql-database.ts';

const BYTES_TYPE = 17;
/** Type numbers of `BIGINT`, `SMALLINT` and `INTEGER`. */
const INTEGER_TYPES: ReadonlySet<number> = new Set([20, 21, 23]);

export type Asked = Pick<ClientBase, 'query'>;
export type Parameter = SqlValue | readonly string[] | readonly number[] | readonly bigint[];

export function ask(asked: Asked, text: string, parameters: readonly Parameter[] = []) {
  return asked.query<SqlRow>({ text, values: [...parameters], types: { getTypeParser } });
}

/** Bytes come as bytes; what is neither bytes nor a whole number as the text that PostgreSQL gives. */
function getTypeParser(type: number): (text: string) => SqlValue {
  if (INTEGER_TYPES.has(type)) return integerFrom;
  return type === BYTES_TYPE ? bytesFrom : (text) => text;
}

function bytesFrom(text: string): Uint8Array {
  return Buffer.from(text.slice('\\x'.length), 'hex');
}

function integerFrom(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

export const bigOf = (value: SqlValue | undefined): bigint =>
  BigInt(Number.isNaN(Number(value)) ? 0 : String(value));

/** All of it or, when it rejects, nothing. */
export async function inTransaction<T>(pool: Pool, work: (client: Asked) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let trouble: Error | undefined;
  // A connection that the server ends says so here besides, while it is lent; the query that fails is enough.
  const onError = (error: Error): void => {
    trouble = error;
  };
  client.on('error', onError);
  try {
    await client.query('BEGIN');
    const value = await work(client);
    await client.query('COMMIT');
    return value;
  } catch (error) {
    // A connection that does not even take this back is given up.
    await client.query('ROLLBACK').catch((failed: Error) => {
      trouble = failed;
    });
    throw error;
  } finally {
    client.off('error', onError);
    client.release(trouble);
  }
}

/** A question that ends when nobody waits for its answer any more. */
export async function askUnlessAborted(
  pool: Pool,
  { text, parameters }: { readonly text: string; readonly parameters: readonly Parameter[] },
  signal: AbortSignal | undefined,
): Promise<readonly SqlRow[]> {
  if (signal === undefined) return (await ask(pool, text, parameters)).rows;
  signal.throwIfAborted();
  const client = await pool.connect();
  let trouble: Error | undefined;
  const onError = (error: Error): void => {
    trouble = error;
  };
  client.on('error', onError);
  const cancel = (): void => {
    // Node's driver knows the process that works for this connection.
    const pid = (client as ClientBase & { readonly processID?: number }).processID;
    pool.query('SELECT pg_cancel_backend($1)', [pid]).catch(() => {});
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return (await ask(client, text, parameters)).rows;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', cancel);
    client.off('error', onError);
    client.release(trouble);
  }
}
