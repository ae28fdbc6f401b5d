import { postgresObstacle } from '@peregrine/outputs/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDatabases, type TestDatabases } from '../../testing/postgres-databases.ts';
import { numberedAlert } from '../../testing/sample.ts';
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

  test('a question that nobody waits for any more ends at the server, and the store goes on', async () => {
    const connection = await databases.create();
    const store = await openPostgresStore({ connection });
    await store.append(Array.from({ length: 500 }, (_, i) => ({ alert: numberedAlert(i) })));
    for (let round = 0; round < 20; round++) {
      const stop = new AbortController();
      const counted = store.count({ condition: 'proc.name regex "^s.*"' }, stop.signal);
      setTimeout(() => stop.abort(), round);
      await counted.catch((error: Error) => expect(error.name).toBe('AbortError'));
      expect(await store.count({})).toBe(500);
    }
    await store.close();
  });

  describe('whose parts and blocks are small', () => {
    describeStore(async () =>
      openPostgresStore({
        connection: await databases.create(),
        arrangement: { partRows: 60, blockRows: 3, firstLook: 2 },
      }),
    );
  });
});
