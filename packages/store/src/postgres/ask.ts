/** Questions to PostgreSQL, and its answers as values of ours. */

import { Fault } from '@peregrine/base';
import type { ClientBase, Pool } from 'pg';
import type { SqlRow, SqlValue } from '../sql/sql-database.ts';

const BYTES_TYPE = 17;
/** Type numbers of `BIGINT`, `SMALLINT` and `INTEGER`. */
const INTEGER_TYPES: ReadonlySet<number> = new Set([20, 21, 23]);

export type Asked = Pick<ClientBase, 'query'>;
export type Parameter = SqlValue | readonly string[] | readonly number[] | readonly bigint[];

/** Rejects with a `Fault` when the server is away or takes too long, otherwise with what PostgreSQL says. */
export async function ask(asked: Asked, text: string, parameters: readonly Parameter[] = []) {
  try {
    return await asked.query<SqlRow>({ text, values: [...parameters], types: { getTypeParser } });
  } catch (error) {
    throw faultOf(error);
  }
}

function faultOf(error: unknown): unknown {
  const reason = error instanceof Error ? error.message : String(error);
  if (isAway(error))
    return new Fault('store-away', `the store on PostgreSQL does not answer: ${reason}`, { cause: error });
  if (!/canceling statement due to (?:statement|lock) timeout/.test(reason)) return error;
  return new Fault('store-slow', 'the store on PostgreSQL takes too long', {
    cause: error,
    hint: 'ask for a shorter time',
  });
}

/** Whether the server or the network is away, not the question wrong. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  // Classes of PostgreSQL: connections, and a server that stops or starts. Others are of Node.
  if (/^(?:08...|57P0[1-5]|53300)$/.test(code)) return true;
  if (/^E(?:CONN|HOST|NET|PIPE|TIMEDOUT|AI_AGAIN|NOTFOUND)/.test(code)) return true;
  return /^(?:Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error)/i.test(
    error.message,
  );
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

async function connectionOf(pool: Pool) {
  try {
    return await pool.connect();
  } catch (error) {
    throw faultOf(error);
  }
}

/** All of it or, when it rejects, nothing. */
export async function inTransaction<T>(pool: Pool, work: (client: Asked) => Promise<T>): Promise<T> {
  const client = await connectionOf(pool);
  let trouble: Error | undefined;
  // A connection that the server ends says so here besides, while it is lent; the query that fails is enough.
  const onError = (error: Error): void => {
    trouble = error;
  };
  client.on('error', onError);
  try {
    await ask(client, 'BEGIN');
    const value = await work(client);
    await ask(client, 'COMMIT');
    return value;
  } catch (error) {
    // A connection that does not even take this back is given up, as is one that did not answer in time.
    if (isLate(error)) trouble = error;
    else
      await client.query('ROLLBACK').catch((failed: Error) => {
        trouble = failed;
      });
    throw error;
  } finally {
    client.off('error', onError);
    client.release(trouble);
  }
}

/** What the driver says when it waited long enough; the answer may still come. */
function isLate(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return error.message === 'Query read timeout' || (error.cause !== undefined && isLate(error.cause));
}

/** Connections for searches, which may take long; and for what must not wait for them, such as ending one. */
export interface SearchPools {
  readonly searching: Pool;
  readonly steady: Pool;
}

/** A question that ends when nobody waits for its answer any more. */
export async function askUnlessAborted(
  { searching, steady }: SearchPools,
  { text, parameters }: { readonly text: string; readonly parameters: readonly Parameter[] },
  signal: AbortSignal | undefined,
): Promise<readonly SqlRow[]> {
  if (signal === undefined) return (await ask(searching, text, parameters)).rows;
  signal.throwIfAborted();
  const client = await connectionOf(searching);
  let trouble: Error | undefined;
  const onError = (error: Error): void => {
    trouble = error;
  };
  client.on('error', onError);
  let cancelled: Promise<unknown> = Promise.resolve();
  const cancel = (): void => {
    // Node's driver knows the process that works for this connection.
    const pid = (client as ClientBase & { readonly processID?: number }).processID;
    cancelled = steady.query('SELECT pg_cancel_backend($1)', [pid]).catch(() => {});
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return (await ask(client, text, parameters)).rows;
  } catch (error) {
    if (isLate(error)) trouble = error;
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', cancel);
    // It must not meet whoever has the connection next.
    await cancelled;
    client.off('error', onError);
    client.release(trouble);
  }
}
