/** Whatever the events, in whatever order: the tables stay sound. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ancestorsOf, record } from '../testing/records.ts';
import { codes, Scenario } from '../testing/scenario.ts';
import { type Thread, threadFlag } from './index.ts';

describe('any sequence of events', () => {
  const tid = fc.integer({ min: 1, max: 8 });
  const fd = fc.integer({ min: -2, max: 5 });
  const path = fc.constantFrom('/a', 'b', '../c', '');
  const ends = fc.constantFrom(
    undefined,
    { family: 'inet', sourceIp: 1, sourcePort: 2, destinationIp: 3, destinationPort: 4 } as const,
    {
      family: 'inet',
      sourceIp: '\x01'.repeat(16),
      sourcePort: 2,
      destinationIp: '\x02'.repeat(16),
      destinationPort: 4,
    } as const,
    { family: 'unix', source: 1n, destination: 2n, path: '/s' } as const,
  );
  type Step = (scenario: Scenario) => unknown;
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc
      .record({
        tid,
        pid: tid,
        ptid: tid,
        result: fc.integer({ min: -1, max: 8 }),
        flags: fc.constantFrom(0, 8192, 64, 1 << 29),
        vtid: tid,
      })
      .map(
        (input): Step =>
          (s) =>
            s.clone({ ...input, vpid: input.vtid }),
      ),
    fc.record({ tid, pid: tid, result: fc.constantFrom(0, 0, -2), comm: fc.constantFrom('a', 'b') }).map(
      (input): Step =>
        (s) =>
          s.exec(input),
    ),
    fc.tuple(tid, tid).map(
      ([id, reaper]): Step =>
        (s) =>
          s.exit(id, reaper),
    ),
    fc.tuple(tid, fd, path, fd).map(
      ([id, number, name, dirfd]): Step =>
        (s) =>
          s.open(id, number, name, 4096, dirfd),
    ),
    fc.tuple(tid, fd).map(
      ([id, number]): Step =>
        (s) =>
          s.event(codes.close, id, [0, number]),
    ),
    fc.tuple(tid, fd, fd).map(
      ([id, to, from]): Step =>
        (s) =>
          s.event(codes.dup3, id, [to, from, to, 4096]),
    ),
    fc.tuple(tid, fd, fc.integer({ min: 0, max: 30 })).map(
      ([id, number, command]): Step =>
        (s) =>
          s.event(codes.fcntl, id, [0, number, command, 1]),
    ),
    fc.tuple(tid, fd).map(
      ([id, number]): Step =>
        (s) =>
          s.event(codes.socket, id, [number, 2, 2, 0, 0]),
    ),
    fc.tuple(tid, fd, ends).map(
      ([id, number, tuple]): Step =>
        (s) =>
          s.event(codes.sendto, id, [1, 'x', number, 1, tuple]),
    ),
    fc.tuple(tid, fd, ends).map(
      ([id, number, tuple]): Step =>
        (s) =>
          s.event(codes.recvfrom, id, [1, 'x', tuple, number, 1]),
    ),
    fc.tuple(tid, fd, ends).map(
      ([id, number, tuple]): Step =>
        (s) =>
          s.event(codes.connect, id, [0, tuple, number, undefined]),
    ),
    fc.tuple(tid, path).map(
      ([id, name]): Step =>
        (s) =>
          s.event(codes.chdir, id, [0, name]),
    ),
    fc.tuple(tid).map(
      ([id]): Step =>
        (s) =>
          s.event(codes.prctl, id, [0, 36, undefined, 1]),
    ),
    fc.constant<Step>((s) => s.wait(3)),
    fc.tuple(tid).map(
      ([id]): Step =>
        (s) =>
          s.engine.purge({ nowSeconds: 1e9, idleSeconds: 1, limit: 3, isAlive: (other) => other !== id }),
    ),
    fc.tuple(tid, tid).map(
      ([id, ptid]): Step =>
        (s) =>
          s.engine.sink.process({ ...record(id), ptid }),
    ),
  );

  test('leaves sound tables below their ceilings', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const scenario = new Scenario({ limits: { threads: 6, fdsPerProcess: 3 } });
        for (const act of steps) {
          act(scenario);
          checkTables(scenario);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("an id that was a main thread's is given to a new process: the threads of the old one are gone", () => {
    const scenario = new Scenario({ limits: { threads: 6, fdsPerProcess: 3 } });
    scenario.clone({ tid: 1, pid: 4, ptid: 1, result: 0 });
    checkTables(scenario);
    scenario.clone({ tid: 1, pid: 1, ptid: 1, result: 4 });
    checkTables(scenario);
    expect(scenario.engine.tables.thread(4)?.process.threadCount).toBe(1);
    expect(scenario.engine.tables.thread(1)).toBeUndefined();
  });

  function checkTables(scenario: Scenario): void {
    const { tables } = scenario.engine;
    expect(tables.threadCount).toBeLessThanOrEqual(6);
    const threads: Thread[] = [];
    for (let id = 1; id <= 8; id++) {
      const thread = tables.thread(id);
      if (thread !== undefined) threads.push(thread);
    }
    for (const thread of threads) {
      expect(ancestorsOf(thread)).not.toBeNaN();
      expect(thread.process.fds.size).toBeLessThanOrEqual(3);
      if (thread.parent !== undefined) {
        expect(thread.parent.children.has(thread)).toBe(true);
        expect(tables.thread(thread.parent.tid)).toBe(thread.parent);
        expect(thread.ptid).toBe(thread.parent.tid);
      }
      for (const child of thread.children) expect(child.parent).toBe(thread);
      if ((thread.flags & threadFlag.fake) !== 0) continue;
      const { process } = thread;
      const members = threads.filter((other) => other.process === process);
      const isAlive = (other: Thread): boolean => (other.flags & threadFlag.dead) === 0;
      expect(process.threadCount).toBe(members.filter(isAlive).length);
      if (process.mainThread !== undefined) expect(tables.thread(process.pid)).toBe(process.mainThread);
    }
  }
});
