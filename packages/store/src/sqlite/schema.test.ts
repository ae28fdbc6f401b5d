/** Stores of other versions: older ones become the present one, and back; newer ones are refused. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32, zstdDecompressSync } from 'node:zlib';
import { Fault } from '@peregrine/base';
import { afterAll, expect, test } from 'vitest';
import { numbersIn } from '../../testing/numbers-in.ts';
import { numberedAlert } from '../../testing/sample.ts';
import type { AlertStore } from '../alert-store.ts';
import { migrate, migrations, schemaVersionOf } from './schema.ts';
import { openSqliteStore } from './sqlite-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'peregrine-store-schema-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const COUNT = 700;

async function fill(path: string): Promise<void> {
  const store = await openSqliteStore({ path, segmentRows: 200 });
  for (let at = 0; at < COUNT; at += 100) {
    const batch = Array.from({ length: 100 }, (_, i) => ({ alert: numberedAlert(at + i) }));
    await store.append(batch, { feed: 'numbers', seq: at + 100 });
  }
  const { incidents } = await store.incidents({}, { limit: 2 });
  await store.triage(
    { kind: 'incidents', ids: [incidents[0]?.id ?? ''] },
    { state: 'investigating', assignee: 'ann' },
  );
  await store.triage({ kind: 'alerts', ids: ['3'] }, { state: 'expected' });
  await store.close();
}

async function answersOf(store: AlertStore) {
  return {
    numbers: await numbersIn(store),
    place: await store.placeIn('numbers'),
    byState: await store.countBy({}, 'state', 9),
    byAssignee: await store.countBy({ text: 'curl' }, 'assignee', 9),
    fields: await store.fieldNames(9),
    incidents: await store.incidents({ order: 'urgent' }, { limit: 100 }),
    facts: { ...(await store.facts()), sizeBytes: 0 },
  };
}

/** As the program of schema 1 reads blobs. */
function readFirst(packed: unknown): Buffer {
  if (!(packed instanceof Uint8Array)) throw new Error('no blob');
  const bytes = Buffer.from(packed);
  const body = bytes.subarray(5);
  expect(crc32(body)).toBe(bytes.readUInt32LE(1));
  return bytes[0] === 0 ? body : zstdDecompressSync(body);
}

test('a store goes to the schema before, and comes back with all that it had', async () => {
  const path = join(folder, 'both-ways.db');
  await fill(path);
  let store = await openSqliteStore({ path, segmentRows: 200 });
  const right = await answersOf(store);
  await store.close();

  const database = new DatabaseSync(path);
  migrate(database, { path, version: 1 });
  expect(schemaVersionOf(database)).toBe(1);
  const bodies = database.prepare('SELECT data FROM blocks ORDER BY first_seq').all();
  const lines = bodies.flatMap(({ data }) => readFirst(data).toString('utf8').split('\n'));
  expect(lines.map((line) => line.split('\t').at(-1))).toHaveLength(COUNT);
  for (const table of ['columns', 'postings', 'stories'])
    for (const { data } of database.prepare(`SELECT data FROM ${table}`).all()) readFirst(data);
  const sum = database.prepare('SELECT sum(count) AS sum FROM incidents').get()?.sum;
  expect(Number(sum)).toBe(COUNT);
  database.close();

  const told: string[] = [];
  store = await openSqliteStore({ path, segmentRows: 200, onTrouble: (text) => void told.push(text) });
  expect(told).toEqual([`the store \`${path}\` is brought from schema 1 to 2`]);
  expect(await answersOf(store)).toEqual(right);
  await store.append([{ alert: numberedAlert(COUNT) }], { feed: 'numbers', seq: COUNT + 1 });
  expect(await store.count({})).toBe(COUNT + 1);
  await store.close();
});

test('a step that fails leaves the store as it was', async () => {
  const path = join(folder, 'fails.db');
  await fill(path);
  const database = new DatabaseSync(path);
  migrate(database, { path, version: 1 });
  database.exec('CREATE TABLE new_incidents (name TEXT)');
  database.close();
  await expect(openSqliteStore({ path })).rejects.toThrow(/is damaged: table new_incidents already exists/);
  const after = new DatabaseSync(path);
  expect(schemaVersionOf(after)).toBe(1);
  expect(after.prepare('PRAGMA integrity_check').get()?.integrity_check).toBe('ok');
  after.exec('DROP TABLE new_incidents');
  after.close();
  const store = await openSqliteStore({ path, segmentRows: 200 });
  expect(await store.count({})).toBe(COUNT);
  await store.close();
});

test('what a newer version made is refused, and not touched', async () => {
  const path = join(folder, 'newer.db');
  await fill(path);
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA user_version = ${migrations.length + 1}`);
  database.close();
  const before = readFileSync(path);
  const error = await openSqliteStore({ path }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Fault);
  expect(error).toMatchObject({ code: 'store-schema' });
  expect(String(error)).toContain('was made by a newer version: its schema is 3, this one knows up to 2');
  expect(readFileSync(path).equals(before)).toBe(true);
});
