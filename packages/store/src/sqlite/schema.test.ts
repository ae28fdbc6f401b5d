/** Stores of other versions: older ones become the present one; newer ones are refused. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { zstdDecompressSync } from 'node:zlib';
import { Fault } from '@peregrine/base';
import { afterAll, expect, test } from 'vitest';
import { numbersIn } from '../../testing/numbers-in.ts';
import { numberedAlert } from '../../testing/sample.ts';
import { migrations, schemaVersionOf } from './schema.ts';
import { openSqliteStore } from './sqlite-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'peregrine-store-schema-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const COUNT = 700;
/** Made by the program of schema 1: `numberedAlert` 0 to 699, in segments of 200 alerts. */
const first = zstdDecompressSync(
  readFileSync(join(import.meta.dirname, '..', '..', 'testing', 'schema-1.db.zst')),
);
const ofRule = (rule: number): number =>
  Array.from({ length: COUNT }, (_, i) => i).filter((i) => i % 7 === rule).length;

test('a store of schema 1 becomes one of this schema, with all that it had', async () => {
  const path = join(folder, 'first.db');
  writeFileSync(path, first);
  const told: string[] = [];
  const options = { path, segmentRows: 200, onTrouble: (text: string) => void told.push(text) };
  let store = await openSqliteStore(options);
  expect(told).toEqual(
    ['1 to 2', '2 to 3', '3 to 4'].map((step) => `the store \`${path}\` is brought from schema ${step}`),
  );
  const jsons = (await store.since(undefined, 1_000)).map(({ alert }) => alert.json);
  expect(jsons).toEqual(Array.from({ length: COUNT }, (_, i) => numberedAlert(i).json));
  expect(await store.placeIn('numbers')).toBe(COUNT);
  expect(await store.story('1')).toMatchObject({ key: 'story 0' });
  expect((await store.get('8'))?.mark).toBe('silence night');
  expect((await store.countBy({}, 'state', 9)).values).toEqual([
    { value: 'new', count: 665 },
    { value: 'investigating', count: 34 },
    { value: 'expected', count: 1 },
  ]);
  const { incidents } = await store.incidents({ assignee: 'ann' }, { limit: 9 });
  expect(incidents).toMatchObject([{ state: 'investigating', count: 34 }]);
  expect((await store.countBy({}, 'rule', 9)).values).toContainEqual({ value: 'Rule 3', count: ofRule(3) });
  // Words and columns as they were then, and as they are made now.
  for (const [text, count] of [
    ['number 77 was', 1],
    ['699', 1],
    ['quicksilver', 0],
  ] as const)
    expect(await store.count({ text })).toBe(count);
  for (let at = COUNT; at < COUNT + 300; at += 100)
    await store.append(
      Array.from({ length: 100 }, (_, i) => ({ alert: numberedAlert(at + i) })),
      { feed: 'numbers', seq: at + 100 },
    );
  await store.close();
  store = await openSqliteStore(options);
  expect(told).toHaveLength(3);
  expect(await numbersIn(store)).toHaveLength(COUNT + 300);
  expect(await store.count({ condition: 'proc.name contains url' })).toBe(333);
  const all = await store.incidents({}, { limit: 100 });
  expect(all.incidents.reduce((sum, { count }) => sum + count, 0)).toBe(COUNT + 300);
  await store.close();
});

test('a step that fails leaves the store as it was', async () => {
  const path = join(folder, 'fails.db');
  writeFileSync(path, first);
  const database = new DatabaseSync(path);
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
  await (await openSqliteStore({ path })).close();
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA user_version = ${migrations.length + 1}`);
  database.close();
  const before = readFileSync(path);
  const error = await openSqliteStore({ path }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Fault);
  expect(error).toMatchObject({ code: 'store-schema' });
  expect(String(error)).toContain('was made by a newer version: its schema is 5, this one knows up to 4');
  expect(readFileSync(path).equals(before)).toBe(true);
});
