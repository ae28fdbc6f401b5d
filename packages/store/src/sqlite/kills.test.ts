/** What a process leaves that is killed while it writes. */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { numbersIn } from '../../testing/numbers-in.ts';
import { openSqliteStore } from './sqlite-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'peregrine-store-kills-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = join(import.meta.dirname, '..', '..', 'testing', 'append-numbered.ts');

/** Kills it after so many batches and a bit; gives what was acknowledged last. */
async function appendUntilKilled(
  path: string,
  batches: number,
  { delayMs, incidents }: { readonly delayMs: number; readonly incidents: number },
): Promise<number> {
  const args = [program, path, '150', '40', String(incidents)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('close', (_, signal) => resolve(signal)),
  );
  child.stdout.on('data', (chunk: Buffer) => {
    const before = text.split('\n').length;
    text += chunk.toString();
    if (before <= batches && text.split('\n').length > batches) {
      setTimeout(() => child.kill('SIGKILL'), delayMs);
    }
  });
  expect(await ended, errors).toBe('SIGKILL');
  return Number(text.split('\n').at(-2));
}

test('a process that is killed while it writes loses nothing that is safe, and keeps nothing twice', async () => {
  const path = join(folder, 'alerts.db');
  let acknowledged = 0;
  for (let round = 0; round < 6; round++) {
    // Now all incidents are in memory, now most are written soon.
    const incidents = round % 2 === 0 ? 1_000 : 4;
    const reached = await appendUntilKilled(path, 2 + round * 3, { delayMs: (round * 7) % 13, incidents });
    expect(reached).toBeGreaterThanOrEqual(acknowledged);
    acknowledged = reached;
  }
  const store = await openSqliteStore({ path, segmentRows: 150 });
  const place = (await store.placeIn('numbers')) ?? 0;
  expect(place).toBeGreaterThanOrEqual(acknowledged);
  expect(await numbersIn(store)).toEqual(Array.from({ length: place }, (_, i) => i));
  expect(await store.count({})).toBe(place);
  const { values, total } = await store.countBy({}, 'rule', 10);
  expect([values.length, total]).toEqual([7, place]);

  const { incidents } = await store.incidents({}, { limit: 100 });
  expect(incidents.reduce((sum, { count }) => sum + count, 0)).toBe(place);
  for (const { id, count } of incidents)
    expect(await store.count({ where: [{ field: 'incident', values: [id], isNegated: false }] })).toBe(count);
  const counts = await store.incidentCounts({});
  expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(incidents.length);
  await store.close();
}, 60_000);
