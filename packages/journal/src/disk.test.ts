/** The journal on a real disk, and the lock of its folder. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDisk } from './disk.ts';
import { type Journal, type JournalReport, openJournal } from './journal.ts';
import { lockFolder } from './lock.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peregrine-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function open(reports: JournalReport[] = []): Promise<Journal> {
  return openJournal({
    disk: await openDisk(join(folder, 'journal')),
    segmentBytes: 100_000,
    mostBytes: 10_000_000,
    whenFull: 'refuse',
    sync: { kind: 'always' },
    tailBytes: 1_000,
    mostWaitingBytes: 1_000_000,
    cursorIntervalMs: 10,
    monotonicMs: () => performance.now(),
    onReport: (report) => reports.push(report),
  });
}

async function readAll(journal: Journal): Promise<readonly string[]> {
  const consumer = journal.consumer('a');
  const texts: string[] = [];
  while (consumer.hasMore) {
    const records = await consumer.read({ mostRecords: 100, mostBytes: 1 << 20 });
    texts.push(...records.map(({ payload }) => Buffer.from(payload).toString()));
  }
  return texts;
}

test('what is written is there after a start anew, in several segments, for nobody else to read', async () => {
  const journal = await open();
  journal.consumer('a');
  const expected = Array.from({ length: 2_000 }, (_, i) => `${i} `.repeat(30));
  for (let i = 0; i < expected.length; i += 100) {
    await journal.append(expected.slice(i, i + 100).map((text) => Buffer.from(text)));
  }
  expect(await readAll(journal)).toEqual(expected);
  await journal.close();
  const names = readdirSync(join(folder, 'journal'));
  expect(names.filter((name) => name.endsWith('.log')).length).toBeGreaterThan(2);
  for (const name of names) expect(statSync(join(folder, 'journal', name)).mode & 0o077).toBe(0);
  const again = await open();
  expect(await readAll(again)).toEqual(expected);
  await again.close();
});

test('an end that is cut off anywhere costs the records that it cuts', async () => {
  const journal = await open();
  journal.consumer('a');
  await journal.append(Array.from({ length: 20 }, (_, i) => Buffer.from(`record ${i}`)));
  await journal.close();
  const [name = ''] = readdirSync(join(folder, 'journal')).filter((file) => file.endsWith('.log'));
  const path = join(folder, 'journal', name);
  truncateSync(path, statSync(path).size - 40);
  const reports: JournalReport[] = [];
  const again = await open(reports);
  expect(await readAll(again)).toEqual(Array.from({ length: 18 }, (_, i) => `record ${i}`));
  expect(reports).toEqual([expect.objectContaining({ kind: 'torn' })]);
  await again.close();
});

test('a folder is for one process, as long as that lives', () => {
  const release = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(/in use by process/);
  release();
  lockFolder(folder)();
  const { pid } = spawnSync('true');
  writeFileSync(join(folder, 'lock'), `${pid} 12345\n`);
  lockFolder(folder)();
  writeFileSync(join(folder, 'lock'), `${process.pid} 1\n`);
  lockFolder(folder)();
  writeFileSync(join(folder, 'lock'), 'nonsense');
  lockFolder(folder)();
  expect(readdirSync(folder)).toEqual([]);
});
