/** What the store does when its disk is full. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '@peregrine/base';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { numbersIn } from '../../testing/numbers-in.ts';
import { numberedAlert } from '../../testing/sample.ts';
import { openSqliteStore } from './sqlite-store.ts';

const BATCH = 200;
const folder = mkdtempSync(join(tmpdir(), 'peregrine-store-full-'));
let isMounted = false;

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { stdio: 'ignore' });
    isMounted = true;
  } catch {
    // Not every root may mount.
  }
});
afterAll(() => {
  if (isMounted) execFileSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
});

test('a full disk is told of, leaves nothing half done, and is no longer an obstacle when there is room', async ({
  skip,
}) => {
  skip(!isMounted, 'needs to mount a small disk');
  const path = join(folder, 'alerts.db');
  const ballast = join(folder, 'ballast');
  writeFileSync(ballast, Buffer.alloc(2_000_000));
  const troubles: string[] = [];
  const options = { path, segmentRows: 1_000, onTrouble: (text: string) => void troubles.push(text) };
  let store = await openSqliteStore(options);
  let next = 0;
  const append = async (): Promise<void> => {
    const batch = Array.from({ length: BATCH }, (_, i) => ({ alert: numberedAlert(next + i) }));
    await store.append(batch, { feed: 'numbers', seq: next + BATCH });
    next += BATCH;
  };
  const isWhole = async (): Promise<void> => {
    expect(await store.placeIn('numbers')).toBe(next);
    expect(await numbersIn(store)).toEqual(Array.from({ length: next }, (_, i) => i));
    expect(await store.count({})).toBe(next);
    const { incidents } = await store.incidents({}, { limit: 100 });
    expect(incidents.reduce((sum, { count }) => sum + count, 0)).toBe(next);
  };
  const refused = async (): Promise<unknown> => {
    for (let i = 0; i < 500; i++) {
      try {
        await append();
      } catch (error) {
        return error;
      }
    }
    return undefined;
  };

  const error = await refused();
  expect(error).toBeInstanceOf(Fault);
  expect(error).toMatchObject({ code: 'store-disk', message: `the disk of the store \`${path}\` is full` });
  expect(error instanceof Fault && error.hint).toContain('ui.maxbytes');
  expect(next).toBeGreaterThan(0);
  await isWhole();
  // Again and again, and still nothing half done.
  for (let i = 0; i < 3; i++) await expect(append()).rejects.toThrow(/is full/);
  await isWhole();

  rmSync(ballast);
  for (let i = 0; i < 5; i++) await append();
  await isWhole();
  for (const text of troubles) expect(text).toMatch(/is full|arranged on disk/);

  // Full again, and closed like that: what is there is there when there is room.
  expect(await refused()).toBeInstanceOf(Fault);
  await store.close();
  writeFileSync(ballast, '');
  const rest = statfsSync(folder);
  writeFileSync(ballast, Buffer.alloc(rest.bavail * rest.bsize));
  await expect(openSqliteStore(options)).rejects.toThrow(`the disk of the store \`${path}\` is full`);
  rmSync(ballast);
  execFileSync('mount', ['-o', 'remount,size=8m', folder]);
  store = await openSqliteStore(options);
  await isWhole();
  await store.close();
});
