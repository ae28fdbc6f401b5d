/** Small tables beside the alerts, on PostgreSQL: several hubs may use them at once. */

import type { Pool } from 'pg';
import type { SqlDatabase, SqlSession } from '../sql/sql-database.ts';
import { type Asked, ask, inTransaction } from './ask.ts';

/**
 * Key of the advisory lock under which transactions run, one after the other over all hubs on a database: several read a
 * highest number and write the next. INVARIANT: every version of the program has the same.
 */
const TRANSACTIONS_LOCK = 7_365_012;

/** The pool stays its owner's, who closes it and listens for its errors. */
export function createPostgresRecords(pool: Pool): SqlDatabase {
  return {
    ...sessionOn(pool),
    transaction: (work) =>
      inTransaction(pool, async (client) => {
        await client.query('SELECT pg_advisory_xact_lock($1)', [TRANSACTIONS_LOCK]);
        return work(sessionOn(client));
      }),
  };
}

function sessionOn(asked: Asked): SqlSession {
  return {
    all: async (sql, parameters = []) => (await ask(asked, sql, parameters)).rows,
    run: async (sql, parameters = []) => (await ask(asked, sql, parameters)).rowCount ?? 0,
  };
}
