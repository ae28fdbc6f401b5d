/** Random operations, failures, crashes and damage, against what a journal promises. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DiskStep, SimulatedDisk } from '../testing/simulated-disk.ts';
import { type Appended, type Journal, openJournal } from './journal.ts';

type Step =
  | { readonly kind: 'append'; readonly sizes: readonly number[]; readonly calls: number }
  | { readonly kind: 'read'; readonly consumer: number; readonly most: number; readonly commits: boolean }
  | { readonly kind: 'save' }
  | { readonly kind: 'fail'; readonly step: DiskStep }
  | { readonly kind: 'restart' }
  | {
      readonly kind: 'kill';
      readonly whileAppending: boolean;
      readonly share: number;
      readonly isGarbled: boolean;
    };

const harmless: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      sizes: fc.array(fc.nat(300), { minLength: 1, maxLength: 5 }),
      calls: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      consumer: fc.nat(1),
      most: fc.integer({ min: 1, max: 20 }),
      commits: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'save' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

const failures: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('fail' as const),
    step: fc.constantFrom<DiskStep>('write', 'sync', 'truncate', 'create', 'replace'),
  }),
  fc.record({
    kind: fc.constant('kill' as const),
    whileAppending: fc.boolean(),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    isGarbled: fc.boolean(),
  }),
);

const NAMES = ['a', 'b'] as const;

/** Runs the steps; what it saw and what it was promised come out. */
class Run {
  readonly disk = new SimulatedDisk();
  /** Payload by sequence number, of everything that was acknowledged. */
  readonly acknowledged = new Map<number, string>();
  /** Payloads that were handed over, whatever came of it. */
  readonly tried = new Set<string>();
  /** What each consumer was given, by sequence number. */
  readonly seen = NAMES.map(() => new Map<number, string>());
  readonly lost = NAMES.map(() => 0);
  readonly tailBytes: number;
  damagedBytes = 0;
  #journal: Journal | undefined;
  #detach = (): void => {};
  #payloadCount = 0;

  constructor(tailBytes: number) {
    this.tailBytes = tailBytes;
  }

  async open(): Promise<Journal> {
    for (;;) {
      const { disk, detach } = this.disk.attach();
      try {
        this.#detach = detach;
        this.#journal = await openJournal({
          disk,
          segmentBytes: 1_500,
          mostBytes: 10_000_000,
          whenFull: 'refuse',
          sync: { kind: 'always' },
          tailBytes: this.tailBytes,
          mostWaitingBytes: 1_000_000,
          cursorIntervalMs: 1_000_000,
          monotonicMs: () => 0,
          onReport: (report) => {
            if (report.kind === 'lost')
              this.lost[NAMES.indexOf(report.consumer === 'a' ? 'a' : 'b')] =
                (this.lost[NAMES.indexOf(report.consumer === 'a' ? 'a' : 'b')] ?? 0) + report.count;
            if (report.kind === 'damaged') this.damagedBytes += report.bytes;
          },
        });
        for (const name of NAMES) this.#journal.consumer(name);
        return this.#journal;
      } catch {
        // The disk refused: whoever starts it starts it again.
        detach();
      }
    }
  }

  async step(step: Step): Promise<void> {
    const journal = this.#journal ?? (await this.open());
    switch (step.kind) {
      case 'append':
        await Promise.all(Array.from({ length: step.calls }, () => this.#append(journal, step.sizes)));
        return;
      case 'read':
        await this.read(journal, step.consumer, step.most, step.commits);
        return;
      case 'save':
        await journal.saveCursors();
        return;
      case 'fail':
        this.disk.failing.push(step.step);
        return;
      case 'restart':
        await journal.close().catch(() => {});
        this.#detach();
        await this.open();
        return;
      case 'kill': {
        const pending = step.whileAppending ? this.#append(journal, [10, 200, 30]) : undefined;
        for (let i = 0; i < 3; i++) await Promise.resolve();
        this.#detach();
        await pending;
        this.disk.stop(step.share, step.isGarbled);
        await this.open();
      }
    }
  }

  async read(journal: Journal, index: number, most: number, commits: boolean): Promise<number> {
    const consumer = journal.consumer(NAMES[index] ?? 'a');
    if (!consumer.hasMore) return 0;
    const records = await consumer.read({ mostRecords: most, mostBytes: 1_000 }, AbortSignal.timeout(5_000));
    let before = 0;
    for (const { seq, payload } of records) {
      expect(seq).toBeGreaterThan(before);
      before = seq;
      this.seen[index]?.set(seq, Buffer.from(payload).toString());
    }
    if (commits) consumer.commit(before + 1);
    return records.length;
  }

  async drain(): Promise<void> {
    this.disk.failing.length = 0;
    const journal = await this.#reopened();
    for (const [index] of NAMES.entries()) {
      const consumer = journal.consumer(NAMES[index] ?? 'a');
      await consumer.rewind();
      while (consumer.hasMore) await this.read(journal, index, 100, true);
    }
    await journal.close();
  }

  async #reopened(): Promise<Journal> {
    await this.#journal?.close().catch(() => {});
    this.#detach();
    return this.open();
  }

  async #append(journal: Journal, sizes: readonly number[]): Promise<void> {
    const payloads = sizes.map((size) => `${++this.#payloadCount}:${'x'.repeat(size)}`);
    for (const payload of payloads) this.tried.add(payload);
    const appended: Appended = await journal.append(payloads.map((payload) => Buffer.from(payload)));
    if (appended.kind !== 'stored') return;
    for (const [i, payload] of payloads.entries()) this.acknowledged.set(appended.firstSeq + i, payload);
  }
}

test('nothing that was acknowledged is lost, and nothing comes that was not appended', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof({ weight: 4, arbitrary: harmless }, { weight: 1, arbitrary: failures }), {
        maxLength: 60,
      }),
      fc.constantFrom(1, 1_000, 100_000),
      async (steps, tailBytes) => {
        const run = new Run(tailBytes);
        await run.open();
        for (const step of steps) await run.step(step);
        await run.drain();
        for (const seen of run.seen) {
          for (const [seq, payload] of run.acknowledged) expect(seen.get(seq)).toBe(payload);
          for (const payload of seen.values()) expect(run.tried.has(payload)).toBe(true);
        }
        expect(run.damagedBytes).toBe(0);
      },
    ),
    { numRuns: 300 },
  );
}, 60_000);

test('damage costs what it hits, which is counted, and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(harmless, { minLength: 3, maxLength: 25 }),
      fc.array(fc.tuple(fc.nat(20), fc.double({ min: 0, max: 0.999, noNaN: true })), {
        minLength: 1,
        maxLength: 3,
      }),
      async (steps, hits) => {
        const run = new Run(1);
        await run.open();
        for (const step of steps) await run.step(step);
        await run.step({ kind: 'restart' });
        // The segment that is written to is read to its end when it is opened: damage there is another matter.
        const segments = run.disk.names
          .filter((name) => name.endsWith('.log'))
          .sort()
          .slice(0, -1);
        fc.pre(segments.length > 0);
        const before = run.lost.slice();
        for (const [segment, share] of hits)
          run.disk.damage(segments[segment % segments.length] ?? '', share);
        for (const seen of run.seen) seen.clear();
        const journal = await run.open();
        for (const [index, name] of NAMES.entries()) {
          const consumer = journal.consumer(name);
          const first = Math.max(journal.firstSeq, consumer.committedSeq);
          await consumer.rewind(first);
          while (consumer.hasMore) await run.read(journal, index, 100, true);
          const expected = [...run.acknowledged.keys()].filter((seq) => seq >= first);
          const missing = expected.filter((seq) => !run.seen[index]?.has(seq));
          expect(missing.length).toBeLessThanOrEqual(hits.length * 2);
          expect((run.lost[index] ?? 0) - (before[index] ?? 0)).toBe(missing.length);
          for (const [seq, payload] of run.seen[index] ?? []) expect(run.acknowledged.get(seq)).toBe(payload);
        }
      },
    ),
    { numRuns: 200 },
  );
}, 60_000);
