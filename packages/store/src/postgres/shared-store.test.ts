/** Several hubs on one database. */

import { postgresObstacle } from '@peregrine/outputs/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { numbersIn } from '../../testing/numbers-in.ts';
import { startDatabases, type TestDatabases } from '../../testing/postgres-databases.ts';
import { numberedAlert } from '../../testing/sample.ts';
import type { AlertStore, KeptAlert } from '../alert-store.ts';
import { openPostgresStore } from './postgres-store.ts';
import { prepareAlertTables, schemaVersion } from './schema.ts';

const obstacle = postgresObstacle();
const LIMIT_MS = 30_000;

describe.skipIf(obstacle !== undefined)(`a store that hubs share ${obstacle ?? ''}`, () => {
  let databases: TestDatabases;
  beforeAll(async () => {
    databases = await startDatabases();
  }, 120_000);
  afterAll(() => databases?.server.server.remove());

  const arrangement = { partRows: 100, blockRows: 16, firstLook: 20 };
  async function openTwo(): Promise<readonly [AlertStore, AlertStore]> {
    const connection = await databases.create();
    const [a, b] = await Promise.all([
      openPostgresStore({ connection, arrangement }),
      openPostgresStore({ connection, arrangement }),
    ]);
    return [a, b];
  }

  const batch = (from: number, length: number) =>
    Array.from({ length }, (_, i) => ({ alert: numberedAlert(from + i) }));

  test('each hears of all alerts, once and in the same order, while both append', async () => {
    const stores = await openTwo();
    const heard = stores.map((store) => {
      const ids: string[] = [];
      store.onAppend((alerts: readonly KeptAlert[]) => ids.push(...alerts.map(({ id }) => id)));
      return ids;
    });
    await Promise.all(
      stores.map(async (store, of) => {
        for (let i = 0; i < 20; i++)
          await store.append(batch(of * 1_000 + i * 7, 7), { feed: `hub ${of}`, seq: (i + 1) * 7 });
      }),
    );
    const all = Array.from({ length: 280 }, (_, i) => (i + 1).toString(36));
    await expect.poll(() => heard, { timeout: LIMIT_MS }).toEqual([all, all]);
    const [a, b] = stores;
    expect(await numbersIn(a)).toEqual(await numbersIn(b));
    expect((await numbersIn(a)).toSorted((x, y) => x - y)).toEqual(
      [0, 1_000].flatMap((first) => Array.from({ length: 140 }, (_, i) => first + i)),
    );
    const { incidents } = await a.incidents({}, { limit: 100 });
    expect(incidents.reduce((sum, incident) => sum + incident.count, 0)).toBe(280);
    expect(await b.count({ text: 'number 1139' })).toBe(1);
    for (const store of stores) await store.close();
  });

  test('who lost its connection hears of what came meanwhile', async () => {
    const [a, b] = await openTwo();
    const ids: string[] = [];
    b.onAppend((alerts) => ids.push(...alerts.map(({ id }) => id)));
    await a.append(batch(0, 3));
    await expect.poll(() => ids, { timeout: LIMIT_MS }).toEqual(['1', '2', '3']);
    await databases.server.ask(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%last_seq FROM store_state%' AND pid <> pg_backend_pid()",
    );
    await expect
      .poll(
        () =>
          a.append(batch(3, 2)).then(
            () => true,
            () => false,
          ),
        { timeout: LIMIT_MS },
      )
      .toBe(true);
    await expect.poll(() => ids, { timeout: LIMIT_MS }).toEqual(['1', '2', '3', '4', '5']);
    await a.close();
    await b.close();
  });

  test('an append whose end nobody heard of is not done again', async () => {
    const [a, b] = await openTwo();
    expect(await a.placeIn('journal')).toBe(undefined);
    await a.append(batch(0, 5), { feed: 'journal', seq: 5 });
    // The same journal, as if a transaction came to its end after its place was asked for.
    expect(await b.placeIn('journal')).toBe(5);
    await a.append(batch(5, 5), { feed: 'journal', seq: 10 });
    await expect(b.append(batch(5, 5), { feed: 'journal', seq: 10 })).rejects.toThrow(/goes on from there/);
    expect(await b.placeIn('journal')).toBe(10);
    await b.append(batch(10, 5), { feed: 'journal', seq: 15 });
    expect(await numbersIn(a)).toEqual(Array.from({ length: 15 }, (_, i) => i));
    await a.close();
    await b.close();
  });

  test('old parts go as a whole, with what was known of their alerts', async () => {
    const [a, b] = await openTwo();
    for (let i = 0; i < 5; i++) await a.append(batch(i * 70, 70));
    const { sizeBytes } = await a.facts();
    expect(await b.retain({ maxAgeMs: 0, maxCount: 200, maxBytes: 0 }, 0)).toBe(100);
    const facts = await a.facts();
    expect(facts).toMatchObject({ alertCount: 250, oldestNs: numberedAlert(100).timeNs });
    expect(facts.sizeBytes).toBeLessThan(sizeBytes);
    expect(await a.count({ text: 'number' })).toBe(250);
    expect((await numbersIn(a))[0]).toBe(100);
    expect(await a.fieldNames(9)).toContainEqual({ name: 'number', count: 250 });
    expect(await a.retain({ maxAgeMs: 0, maxCount: 0, maxBytes: 1 }, 0)).toBe(200);
    expect(await b.count({})).toBe(50);
    await a.append(batch(350, 70));
    expect(await b.count({})).toBe(120);
    await a.close();
    await b.close();
  });

  test('tables of a newer version are refused; older ones are brought to this one', async () => {
    const connection = await databases.create();
    const store = await openPostgresStore({ connection });
    await prepareAlertTables(store.records, 0);
    await prepareAlertTables(store.records);
    await store.append(batch(0, 1));
    await store.records.run('UPDATE alerts_schema SET version = $1', [schemaVersion + 1]);
    await store.close();
    await expect(openPostgresStore({ connection })).rejects.toThrow(
      `the store on PostgreSQL was made by a newer version: its schema is ${schemaVersion + 1}, this one knows up to ${schemaVersion}`,
    );
  });
});
