/** Small tables beside the alerts, on PostgreSQL: several hubs may use them at once. Alerts themselves are not kept here. */

import type { ClientBase, Pool } from 'pg';
import type { SqlDatabase, SqlRow, SqlSession, SqlValue } from '../sql/sql-database.ts';

/**
 * Key of the advisory lock under which transactions run, one after the other over all hubs on a database: several read a
 * highest number and write the next. INVARIANT: every version of the program has the same.
 */
const TRANSACTIONS_LOCK = 7_365_012;
const BYTES_TYPE = 17;
/** Type numbers of `BIGINT`, `SMALLINT` and `INTEGER`. */
const INTEGER_TYPES: ReadonlySet<number> = new Set([20, 21, 23]);

type Asked = Pick<ClientBase, 'query'>;

/** The pool stays its owner's, who closes it and listens for its errors. */
export function createPostgresRecords(pool: Pool): SqlDatabase {
  return {
    ...sessionOn(pool),
    transaction: async (work) => {
      const client = await pool.connect();
      let trouble: Error | undefined;
      // A connection that the server ends says so here besides, while it is lent; the query that fails is enough.
      const onError = (error: Error): void => {
        trouble = error;
      };
      client.on('error', onError);
      try {
        await client.query('BEGIN');
        await client.query('SELECT pg_advisory_xact_lock($1)', [TRANSACTIONS_LOCK]);
        const value = await work(sessionOn(client));
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
    },
  };
}

function sessionOn(asked: Asked): SqlSession {
  return {
    all: async (sql, parameters = []) => {
      const { rows } = await ask(asked, sql, parameters);
      return rows;
    },
    run: async (sql, parameters = []) => (await ask(asked, sql, parameters)).rowCount ?? 0,
  };
}

function ask(asked: Asked, text: string, parameters: readonly SqlValue[]) {
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
