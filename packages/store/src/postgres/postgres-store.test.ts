import { type PostgresServer, postgresObstacle, startPostgres } from '@peregrine/outputs/testing';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeStore } from '../../testing/store-contract.ts';
import { openPostgresStore } from './postgres-store.ts';

const obstacle = postgresObstacle();

describe.skipIf(obstacle !== undefined)(`a store on PostgreSQL ${obstacle ?? ''}`, () => {
  let postgres: PostgresServer;
  let count = 0;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 120_000);
  afterAll(() => postgres?.server.remove());

  async function createDatabase() {
    const database = `store_${count++}`;
    await postgres.ask(`CREATE DATABASE ${database}`);
    return { host: '127.0.0.1', port: postgres.port, user: 'postgres', password: 'hush', database };
  }

  describeStore(async () => openPostgresStore({ connection: await createDatabase() }));

  describe('whose parts and blocks are small', () => {
    describeStore(async () =>
      openPostgresStore({
        connection: await createDatabase(),
        arrangement: { partRows: 60, blockRows: 3, firstLook: 2 },
      }),
    );
  });
});
