import { type PostgresServer, postgresObstacle, startPostgres } from '@peregrine/outputs/testing';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeRecords } from '../../testing/records-contract.ts';
import { Accounts } from '../records/accounts.ts';
import { prepareRecords } from '../records/prepare-records.ts';
import { RulesVersions } from '../records/rules-versions.ts';
import { createPostgresRecords } from './records-database.ts';

const obstacle = postgresObstacle();

describe.skipIf(obstacle !== undefined)(`records on PostgreSQL ${obstacle ?? ''}`, () => {
  let postgres: PostgresServer;
  let count = 0;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 120_000);
  afterAll(() => postgres?.server.remove());

  const poolOn = (database: string): Pool =>
    new Pool({
      host: '127.0.0.1',
      port: postgres.port,
      user: 'postgres',
      password: 'hush',
      database,
      max: 4,
    });

  async function openEmpty() {
    const name = `records_${count++}`;
    await postgres.ask(`CREATE DATABASE ${name}`);
    const pool = poolOn(name);
    return { name, database: createPostgresRecords(pool), close: () => pool.end() };
  }

  describeRecords(openEmpty);

  test('all of a transaction, or nothing; whole numbers keep their digits, bytes stay bytes', async () => {
    const { database, close } = await openEmpty();
    await database.run('CREATE TABLE things (name TEXT PRIMARY KEY, number BIGINT, body BYTEA)');
    const bytes = new Uint8Array([0, 255, 92]);
    await database.run('INSERT INTO things VALUES ($1, $2, $3)', [
      "o'hara; --",
      9_007_199_254_740_993n,
      bytes,
    ]);
    await expect(
      database.transaction(async (session) => {
        await session.run('INSERT INTO things VALUES ($1, 1, NULL)', ['b']);
        await session.run('INSERT INTO things VALUES ($1, 1, NULL)', ['b']);
      }),
    ).rejects.toThrow(/duplicate key/);
    const [row, ...others] = await database.all('SELECT * FROM things');
    expect(others).toEqual([]);
    expect(row).toMatchObject({ name: "o'hara; --", number: 9_007_199_254_740_993n });
    expect(new Uint8Array(Object(row?.body))).toEqual(bytes);
    await close();
  });

  test('two hubs that write at once number everything once', async () => {
    const { name, database, close } = await openEmpty();
    await prepareRecords(database);
    const second = poolOn(name);
    const hubs = [database, createPostgresRecords(second)];
    const entry = { timeMs: 1, user: 'ann', address: '', action: 'a', target: '', detail: '' };
    const version = { timeMs: 1, user: 'ann', comment: '', text: 'x' };
    const numbers = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const hub = hubs[i % 2] ?? database;
        await new Accounts(hub).addAudit(entry);
        return new RulesVersions(hub).add('rules.yaml', version);
      }),
    );
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    const audit = { limit: 100, cursor: undefined, user: undefined, action: undefined };
    expect((await new Accounts(database).audit(audit)).entries).toHaveLength(40);
    await second.end();
    await close();
  });

  test('each hub has versions of its own files', async () => {
    const { database, close } = await openEmpty();
    await prepareRecords(database);
    const [a, b] = [new RulesVersions(database, 'a'), new RulesVersions(database, 'b')];
    const version = { timeMs: 1, user: 'ann', comment: '', text: 'x' };
    expect([await a.add('rules.yaml', version), await b.add('rules.yaml', version)]).toEqual([1, 1]);
    expect([await a.of('rules.yaml'), await b.of('rules.yaml')].map(({ length }) => length)).toEqual([1, 1]);
    await close();
  });

  test('two hubs that start at once on an empty database make the tables once', async () => {
    for (let round = 0; round < 5; round++) {
      const { name, database, close } = await openEmpty();
      const pools = [poolOn(name), poolOn(name), poolOn(name)];
      await Promise.all([database, ...pools.map(createPostgresRecords)].map((hub) => prepareRecords(hub)));
      expect(await database.all('SELECT * FROM records_schema')).toHaveLength(1);
      await Promise.all(pools.map((pool) => pool.end()));
      await close();
    }
  });

  test('a transaction whose connection the server ends is refused, and the next one goes on', async () => {
    const { database, close } = await openEmpty();
    await prepareRecords(database);
    const version = { timeMs: 1, user: 'ann', comment: '', text: 'x' };
    await expect(
      database.transaction(async (session) => {
        await session.run("INSERT INTO settings VALUES ('a', 'b')");
        const [row] = await session.all('SELECT pg_backend_pid() AS pid');
        await postgres.ask(`SELECT pg_terminate_backend(${Number(row?.pid)})`);
        await session.all('SELECT 1');
      }),
    ).rejects.toThrow();
    expect(await database.all('SELECT * FROM settings')).toEqual([]);
    expect(await new RulesVersions(database).add('rules.yaml', version)).toBe(1);
    await close();
  });
});
