import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { describeRecords } from '../../testing/records-contract.ts';
import { describeStore } from '../../testing/store-contract.ts';
import { openSqliteStore } from './sqlite-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'peregrine-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
const nextPath = (): string => join(folder, `${count++}.db`);

describe('a store on SQLite', () => {
  describeStore(() => openSqliteStore({ path: nextPath() }));
});

describe('a store on SQLite whose alerts are arranged soon', () => {
  describeStore(() => openSqliteStore({ path: nextPath(), segmentRows: 5, cacheBytes: 20_000 }));
});

describe('records on SQLite', () => {
  describeRecords(async () => {
    const store = await openSqliteStore({ path: nextPath() });
    return { database: store.records, close: () => store.close() };
  });
});
