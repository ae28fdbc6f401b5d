import { describe, expect, test } from 'vitest';
import { SimulatedDisk } from '../testing/simulated-disk.ts';
import { type Journal, type JournalOptions, type JournalReport, openJournal } from './journal.ts';

const all = { mostRecords: 1_000, mostBytes: 1 << 20 };

interface Opened {
  readonly journal: Journal;
  readonly reports: JournalReport[];
  /** The process is gone. */
  readonly kill: () => void;
  advance(ms: number): void;
}

async function open(disk: SimulatedDisk, options: Partial<JournalOptions> = {}): Promise<Opened> {
  const reports: JournalReport[] = [];
  let nowMs = 0;
  const { disk: attached, detach } = disk.attach();
  const journal = await openJournal({
    disk: attached,
    segmentBytes: 1_000,
    mostBytes: 1_000_000,
    whenFull: 'drop_oldest',
    sync: { kind: 'always' },
    tailBytes: 100_000,
    mostWaitingBytes: 100_000,
    cursorIntervalMs: 1_000_000,
    monotonicMs: () => nowMs,
    onReport: (report) => reports.push(report),
    ...options,
  });
  return {
    journal,
    reports,
    kill: detach,
    advance: (ms) => {
      nowMs += ms;
    },
  };
}

function bytesOf(...texts: readonly string[]): readonly Buffer[] {
  return texts.map((text) => Buffer.from(text));
}

async function texts(journal: Journal, name: string, limits = all): Promise<readonly string[]> {
  const records = await journal.consumer(name).read(limits);
  return records.map(({ payload }) => Buffer.from(payload).toString());
}

test('records come back in order, from memory and from disk', async () => {
  const disk = new SimulatedDisk();
  const { journal } = await open(disk);
  journal.consumer('a');
  expect(await journal.append(bytesOf('one', 'two'))).toEqual({ kind: 'stored', firstSeq: 1, lastSeq: 2 });
  expect(await journal.append(bytesOf('three'))).toEqual({ kind: 'stored', firstSeq: 3, lastSeq: 3 });
  expect(await texts(journal, 'a')).toEqual(['one', 'two', 'three']);
  await journal.close();
  const again = await open(disk);
  expect(await texts(again.journal, 'a')).toEqual(['one', 'two', 'three']);
  expect(again.reports).toEqual([]);
});

test('a new consumer sees what comes; one that is known goes on where it was', async () => {
  const disk = new SimulatedDisk();
  const { journal } = await open(disk);
  await journal.append(bytesOf('before'));
  const consumer = journal.consumer('a');
  await journal.append(bytesOf('one', 'two'));
  const [first] = await consumer.read({ ...all, mostRecords: 1 });
  consumer.commit((first?.seq ?? 0) + 1);
  expect(consumer.lagCount).toBe(1);
  await journal.close();
  const again = await open(disk);
  expect(await texts(again.journal, 'a')).toEqual(['two']);
});

test('what comes together goes to the disk together', async () => {
  const disk = new SimulatedDisk();
  const { journal } = await open(disk);
  const before = disk.syncCount;
  await Promise.all(Array.from({ length: 50 }, (_, i) => journal.append(bytesOf(String(i)))));
  expect(disk.syncCount - before).toBeLessThan(50 / 10);
  expect(journal.appendedCount).toBe(50);
});

test('reading waits for what comes, and ends when told', async () => {
  const { journal } = await open(new SimulatedDisk());
  const reading = texts(journal, 'a');
  await journal.append(bytesOf('late'));
  expect(await reading).toEqual(['late']);
  const stop = new AbortController();
  const stopped = journal.consumer('a').read(all, stop.signal);
  stop.abort();
  expect(await stopped).toEqual([]);
  const closing = journal.consumer('a').read(all);
  await journal.close();
  expect(await closing).toEqual([]);
});

test('limits of reading hold, and one record is always given', async () => {
  const { journal } = await open(new SimulatedDisk());
  journal.consumer('a');
  await journal.append(bytesOf('x'.repeat(100), 'y'.repeat(100), 'z'));
  expect(await texts(journal, 'a', { mostRecords: 9, mostBytes: 10 })).toEqual(['x'.repeat(100)]);
  expect(await texts(journal, 'a', { mostRecords: 1, mostBytes: 1_000 })).toEqual(['y'.repeat(100)]);
});

test('a consumer that came before a record sees it, whatever happens in between', async () => {
  const disk = new SimulatedDisk();
  const { journal, kill } = await open(disk);
  journal.consumer('a');
  disk.failing.push('replace');
  expect(await journal.append(bytesOf('none'))).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('cursors'),
  });
  await journal.append(bytesOf('one'));
  kill();
  disk.stop(0, false);
  const again = await open(disk);
  expect(await texts(again.journal, 'a')).toEqual(['one']);
});

describe('segments', () => {
  test('go when everybody has passed them, and that is on disk', async () => {
    const disk = new SimulatedDisk();
    const { journal } = await open(disk, { tailBytes: 1 });
    const slow = journal.consumer('slow');
    const fast = journal.consumer('fast');
    for (let i = 0; i < 10; i++) await journal.append(bytesOf('x'.repeat(400)));
    const segmentCount = () => disk.names.filter((name) => name.endsWith('.log')).length;
    const before = segmentCount();
    fast.commit(((await fast.read(all)).at(-1)?.seq ?? 0) + 1);
    await journal.saveCursors();
    expect(segmentCount()).toBe(before);
    slow.commit(((await slow.read(all)).at(-1)?.seq ?? 0) + 1);
    expect(segmentCount()).toBe(before);
    await journal.saveCursors();
    expect(segmentCount()).toBe(1);
    expect(journal.sizeBytes).toBe(disk.sizeOf(disk.names.find((name) => name.endsWith('.log')) ?? ''));
  });

  test('of a consumer that is forgotten are not kept', async () => {
    const disk = new SimulatedDisk();
    const { journal } = await open(disk);
    journal.consumer('gone');
    for (let i = 0; i < 10; i++) await journal.append(bytesOf('x'.repeat(400)));
    journal.forget('gone');
    await journal.saveCursors();
    expect(disk.names.filter((name) => name.endsWith('.log'))).toHaveLength(1);
  });

  test('the oldest make room, and who has not read them is told how many are lost', async () => {
    const disk = new SimulatedDisk();
    const { journal, reports } = await open(disk, { mostBytes: 3_000, tailBytes: 1 });
    const consumer = journal.consumer('a');
    for (let i = 0; i < 20; i++) {
      expect(await journal.append(bytesOf(`${i}`.padEnd(400)))).toMatchObject({ kind: 'stored' });
    }
    expect(journal.sizeBytes).toBeLessThanOrEqual(3_000);
    const seen: number[] = [];
    while (consumer.hasMore) seen.push(...(await texts(journal, 'a')).map(Number));
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, i) => 20 - seen.length + i));
    expect(consumer.lostCount).toBe(20 - seen.length);
    expect(reports).toContainEqual({ kind: 'lost', consumer: 'a', count: 20 - seen.length });
    expect(reports).toContainEqual(expect.objectContaining({ kind: 'dropped', why: 'full' }));
  });

  test('or what comes is refused, until somebody reads', async () => {
    const { journal } = await open(new SimulatedDisk(), { mostBytes: 3_000, whenFull: 'refuse' });
    const consumer = journal.consumer('a');
    const results: string[] = [];
    for (let i = 0; i < 10; i++) results.push((await journal.append(bytesOf('x'.repeat(400)))).kind);
    expect(results.indexOf('refused')).toBe(7);
    expect(await journal.append(bytesOf('x'.repeat(400)))).toMatchObject({ why: 'full' });
    consumer.commit(((await consumer.read(all)).at(-1)?.seq ?? 0) + 1);
    await journal.saveCursors();
    expect(await journal.append(bytesOf('x'.repeat(400)))).toMatchObject({ kind: 'stored' });
  });

  test('that are too old go, by a clock that only runs while the journal is open', async () => {
    const disk = new SimulatedDisk();
    const first = await open(disk, { mostAgeMs: 5_000 });
    first.journal.consumer('a');
    await first.journal.append(bytesOf('x'.repeat(900)));
    first.advance(4_000);
    await first.journal.append(bytesOf('y'.repeat(900)));
    await first.journal.close();
    const second = await open(disk, { mostAgeMs: 5_000 });
    expect(second.journal.clockMs).toBe(4_000);
    await second.journal.append(bytesOf('z'));
    expect(second.reports).toEqual([]);
    second.advance(5_500);
    await second.journal.append(bytesOf('z'.repeat(900)));
    expect(second.reports).toEqual([expect.objectContaining({ kind: 'dropped', why: 'age' })]);
  });
});

describe('a disk that refuses', () => {
  test.each(['write', 'sync'] as const)(
    '%s: what was appended is refused, what follows is not',
    async (step) => {
      const disk = new SimulatedDisk();
      const { journal } = await open(disk);
      journal.consumer('a');
      await journal.append(bytesOf('one'));
      disk.failing.push(step);
      expect(await journal.append(bytesOf('two', 'three'))).toMatchObject({ kind: 'refused', why: 'disk' });
      expect(await journal.append(bytesOf('four'))).toEqual({ kind: 'stored', firstSeq: 2, lastSeq: 2 });
      await journal.close();
      const again = await open(disk);
      expect(await texts(again.journal, 'a')).toEqual(['one', 'four']);
      expect(again.reports).toEqual([]);
    },
  );

  test('and refuses to have the failed part cut off, is asked again', async () => {
    const disk = new SimulatedDisk();
    const { journal } = await open(disk);
    journal.consumer('a');
    disk.failing.push('write', 'truncate');
    expect(await journal.append(bytesOf('one'))).toMatchObject({ kind: 'refused' });
    expect(await journal.append(bytesOf('two'))).toMatchObject({ kind: 'refused' });
    expect(await journal.append(bytesOf('three'))).toMatchObject({ kind: 'stored' });
    expect(await texts(journal, 'a')).toEqual(['three']);
  });

  test('since it is full takes alerts again when there is room', async () => {
    const disk = new SimulatedDisk();
    const { journal, reports } = await open(disk);
    journal.consumer('a');
    disk.capacityBytes = disk.usedBytes + 500;
    expect(await journal.append(bytesOf('x'.repeat(400)))).toMatchObject({ kind: 'stored' });
    expect(await journal.append(bytesOf('y'.repeat(400)))).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('ENOSPC'),
    });
    expect(reports).toContainEqual(expect.objectContaining({ kind: 'disk', what: 'append' }));
    disk.capacityBytes = Number.POSITIVE_INFINITY;
    expect(await journal.append(bytesOf('z'))).toMatchObject({ kind: 'stored' });
    expect(await texts(journal, 'a')).toEqual(['x'.repeat(400), 'z']);
  });

  test('cursors that cannot be written are written later', async () => {
    const disk = new SimulatedDisk();
    const { journal, reports } = await open(disk);
    const consumer = journal.consumer('a');
    await journal.append(bytesOf('one'));
    await consumer.read(all);
    consumer.commit(2);
    disk.failing.push('replace');
    await journal.saveCursors();
    expect(reports).toEqual([expect.objectContaining({ what: 'cursors' })]);
    await journal.saveCursors();
    await journal.close();
    const again = await open(disk);
    expect(again.journal.consumer('a').committedSeq).toBe(2);
  });

  test('what is too much at once, too large, or too late is refused', async () => {
    const { journal } = await open(new SimulatedDisk(), { mostWaitingBytes: 1_000, mostBytes: 5_000 });
    const results = await Promise.all(
      Array.from({ length: 3 }, () => journal.append(bytesOf('x'.repeat(600)))),
    );
    expect(results.map((result) => (result.kind === 'refused' ? result.why : result.kind))).toEqual([
      'stored',
      'busy',
      'busy',
    ]);
    expect(await journal.append(bytesOf('x'.repeat(6_000)))).toMatchObject({ why: 'too-large' });
    await journal.close();
    expect(await journal.append(bytesOf('x'))).toMatchObject({ why: 'closed' });
  });
});

describe('damage', () => {
  test('the end that is torn is cut off, and told of', async () => {
    const disk = new SimulatedDisk();
    const { journal, kill } = await open(disk);
    journal.consumer('a');
    await journal.saveCursors();
    await journal.append(bytesOf('one'));
    disk.failing.push('sync');
    await journal.append(bytesOf('never acknowledged'));
    kill();
    disk.stop(0.6, false);
    const again = await open(disk);
    expect(again.reports).toEqual([expect.objectContaining({ kind: 'torn' })]);
    await again.journal.append(bytesOf('two'));
    expect(await texts(again.journal, 'a')).toEqual(['one', 'two']);
  });

  test('in the middle costs the record that it hits, and no other', async () => {
    const disk = new SimulatedDisk();
    const { journal } = await open(disk, { segmentBytes: 100_000 });
    journal.consumer('a');
    for (let i = 0; i < 10; i++) await journal.append(bytesOf(`${i}`.padEnd(100)));
    await journal.close();
    disk.damage(disk.names.find((name) => name.endsWith('.log')) ?? '', 0.55);
    const again = await open(disk);
    expect((await texts(again.journal, 'a')).map((text) => text.trim())).toEqual([
      '0',
      '1',
      '2',
      '3',
      '4',
      '6',
      '7',
      '8',
      '9',
    ]);
    expect(again.reports).toContainEqual({ kind: 'lost', consumer: 'a', count: 1 });
  });

  test('that takes the cursors away has everything that is there done once more', async () => {
    const disk = new SimulatedDisk();
    const { journal, kill } = await open(disk);
    journal.consumer('a');
    await journal.append(bytesOf('one', 'two'));
    kill();
    disk.forget('cursors');
    const again = await open(disk);
    expect(await texts(again.journal, 'a')).toEqual(['one', 'two']);
  });

  test('of the cursors has everything that is there done once more', async () => {
    const disk = new SimulatedDisk();
    const { journal } = await open(disk);
    const consumer = journal.consumer('a');
    await journal.append(bytesOf('one', 'two'));
    await consumer.read(all);
    consumer.commit(3);
    await journal.close();
    disk.damage('cursors', 0.5);
    const again = await open(disk);
    expect(await texts(again.journal, 'a')).toEqual(['one', 'two']);
    expect(again.reports).toContainEqual(expect.objectContaining({ kind: 'damaged', segment: 'cursors' }));
  });

  test('numbers are not used twice, even where the end of the last segment is lost', async () => {
    const disk = new SimulatedDisk();
    const { journal } = await open(disk);
    const consumer = journal.consumer('a');
    await journal.append(bytesOf('one', 'two', 'three'));
    await consumer.read(all);
    consumer.commit(4);
    await journal.close();
    disk.damage(disk.names.find((name) => name.endsWith('.log')) ?? '', 0.99);
    const again = await open(disk);
    expect(await again.journal.append(bytesOf('four'))).toEqual({ kind: 'stored', firstSeq: 4, lastSeq: 4 });
    expect(await texts(again.journal, 'a')).toEqual(['four']);
  });
});

test('acknowledged at intervals, records are synced by the time it is closed', async () => {
  const disk = new SimulatedDisk();
  const { journal } = await open(disk, { sync: { kind: 'interval', intervalMs: 1_000_000 } });
  const before = disk.syncCount;
  await journal.append(bytesOf('one'));
  expect(disk.syncCount).toBe(before);
  await journal.close();
  expect(disk.syncCount).toBeGreaterThan(before);
});
