/** Databases of a real PostgreSQL, for tests: a new one for each store. */

import { type PostgresServer, startPostgres } from '@peregrine/outputs/testing';
import type { ConnectionFacts } from '../src/postgres/connect.ts';

export interface TestDatabases {
  readonly server: PostgresServer;
  create(): Promise<ConnectionFacts>;
}

export async function startDatabases(): Promise<TestDatabases> {
  const server = await startPostgres();
  let count = 0;
  return {
    server,
    create: async () => {
      const database = `store_${count++}`;
      await server.ask(`CREATE DATABASE ${database}`);
      return server.connectionTo(database);
    },
  };
}
