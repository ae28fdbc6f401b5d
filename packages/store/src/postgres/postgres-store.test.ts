import { postgresObstacle } from '@peregrine/outputs/testing';
import { afterAll, beforeAll, describe } from 'vitest';
import { startDatabases, type TestDatabases } from '../../testing/postgres-databases.ts';
import { describeStore } from '../../testing/store-contract.ts';
import { openPostgresStore } from './postgres-store.ts';

const obstacle = postgresObstacle();

describe.skipIf(obstacle !== undefined)(`a store on PostgreSQL ${obstacle ?? ''}`, () => {
  let databases: TestDatabases;
  beforeAll(async () => {
    databases = await startDatabases();
  }, 120_000);
  afterAll(() => databases?.server.server.remove());

  describeStore(async () => openPostgresStore({ connection: await databases.create() }));

  describe('whose parts and blocks are small', () => {
    describeStore(async () =>
      openPostgresStore({
        connection: await databases.create(),
        arrangement: { partRows: 60, blockRows: 3, firstLook: 2 },
      }),
    );
  });
});
