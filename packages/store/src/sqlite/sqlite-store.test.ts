import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { describeRecords } from '../../testing/records-contract.ts';
import { BASE_NS, sampleAlert } from '../../testing/sample.ts';
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
  describeStore(() =>
    openSqliteStore({ path: nextPath(), segmentRows: 5, recentIncidents: 2, cacheBytes: 20_000 }),
  );
});

describe('records on SQLite', () => {
  describeRecords(async () => {
    const store = await openSqliteStore({ path: nextPath() });
    return { database: store.records, close: () => store.close() };
  });
});

test('as many of the oldest alerts are removed as the space asks for, and no more', async () => {
  const path = nextPath();
  let store = await openSqliteStore({ path, segmentRows: 100 });
  // Nothing that would pack well.
  const noise = (): string => randomBytes(3_000).toString('base64');
  for (let i = 0; i < 20; i++) {
    await store.append(
      Array.from({ length: 100 }, (_, j) => ({
        alert: sampleAlert({ timeNs: BASE_NS + BigInt(i * 100 + j), fields: { noise: noise() } }),
      })),
    );
  }
  await store.close();
  store = await openSqliteStore({ path, segmentRows: 100 });
  const { sizeBytes } = await store.facts();
  const maxBytes = Math.floor(sizeBytes * 0.7);
  const removedCount = await store.retain({ maxAgeMs: 0, maxCount: 0, maxBytes }, 0);
  expect(removedCount).toBeGreaterThan(0);
  expect(removedCount).toBeLessThan(1_500);
  const after = await store.facts();
  expect(after.sizeBytes).toBeLessThanOrEqual(maxBytes);
  expect(after.alertCount).toBe(2_000 - removedCount);
  const [oldest] = (await store.search({}, { limit: 1, isOldestFirst: true })).alerts;
  expect(oldest?.alert.timeNs).toBe(BASE_NS + BigInt(removedCount));
  await store.close();
});
