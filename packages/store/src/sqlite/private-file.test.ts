import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { sampleAlert } from '../../testing/sample.ts';
import { prepareRecords } from '../records/prepare-records.ts';
import { openSqliteStore } from './sqlite-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'peregrine-private-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('nobody else reads the files of a store, also in a folder that others see', async () => {
  chmodSync(folder, 0o755);
  const store = await openSqliteStore({ path: join(folder, 'alerts.db') });
  await prepareRecords(store.records);
  await store.append([{ alert: sampleAlert() }]);
  const modes = readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mode & 0o077]);
  await store.close();
  expect(modes.map(([name]) => name)).toEqual(expect.arrayContaining(['alerts.db', 'alerts-records.db']));
  expect(modes.filter(([, mode]) => mode !== 0)).toEqual([]);
});
