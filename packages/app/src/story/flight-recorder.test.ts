import { cloneFlag, codes, Scenario } from '@peregrine/state/testing/scenario';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { FlightRecorder, type RecordPlace } from './flight-recorder.ts';
import { storyEventOf } from './record-text.ts';

const MEGABYTE = 2 ** 20;
const EVER = Number.POSITIVE_INFINITY;
/** In a container of Docker. */
const cgroupsOf = (id: string): string => `cpuset=/docker/${id.repeat(64)}\0`;

const texts = (places: readonly RecordPlace[]): readonly string[] =>
  places.map((place) => storyEventOf(place).text);

/** Tables and a recorder that sees their events. */
function observed(maxBytes = 4 * MEGABYTE): {
  readonly scenario: Scenario;
  readonly recorder: FlightRecorder;
} {
  const recorder = new FlightRecorder({ maxBytes, mostWatches: 2 });
  const own = new Scenario();
  const scenario = new Scenario(
    {},
    {
      engine: own.engine,
      take: (view) => {
        const event = own.engine.apply(view);
        if (event !== undefined) recorder.take(event);
        return undefined;
      },
    },
  );
  return { scenario, recorder };
}

describe('a process', () => {
  let { scenario, recorder } = observed();
  beforeEach(() => {
    ({ scenario, recorder } = observed());
    scenario.start(100, { comm: 'sh' });
  });
  const of = (tid: number): readonly string[] => texts(recorder.ofProcess(scenario.thread(tid).process));

  test('has its own history, which its threads share', () => {
    scenario.fork(100, 101, cloneFlag.thread);
    scenario.open(101, 3, '/etc/shadow');
    scenario.fork(100, 200);
    scenario.open(200, 3, '/etc/group');
    expect(of(100)).toEqual(['ran /usr/bin/sh', 'opened /etc/shadow for reading', 'started process 200']);
    expect(of(200)).toEqual(['opened /etc/group for reading']);
  });

  test('what every program does is left out, and what it tried is not', () => {
    scenario.open(100, 3, '/usr/lib/x86_64-linux-gnu/libc.so.6');
    scenario.open(100, 3, '/etc/ld.so.cache');
    scenario.open(100, -2, '/nowhere');
    scenario.open(100, -13, '/root/secret');
    scenario.open(100, 4, '/usr/lib/systemd/system/evil.service', 0x6);
    expect(of(100).slice(1)).toEqual([
      'could not open /root/secret for reading: EACCES',
      'opened /usr/lib/systemd/system/evil.service for writing, made if missing',
    ]);
  });

  test('keeps its latest 32', () => {
    for (let i = 0; i < 50; i++) scenario.open(100, 3, `/tmp/${i}`);
    expect(of(100)).toHaveLength(32);
    expect(of(100).at(-1)).toBe('opened /tmp/49 for reading');
  });

  test('that gets the id of one that is gone begins anew', () => {
    scenario.open(100, 3, '/tmp/first');
    scenario.exit(100);
    scenario.start(100, { comm: 'sh' });
    expect(of(100)).toEqual(['ran /usr/bin/sh']);
  });

  test('has a session: its parent, and what else that started, gone or not', () => {
    scenario.start(400, { comm: 'shell' });
    scenario.event(codes.setsid, 400, [400]);
    scenario.fork(400, 500);
    scenario.exec({ tid: 500, comm: 'curl' });
    scenario.exit(500);
    scenario.fork(400, 600);
    scenario.exec({ tid: 600, comm: 'cat' });
    scenario.fork(400, 700);
    scenario.event(codes.setsid, 700, [700]);
    scenario.exec({ tid: 700, comm: 'daemon' });
    expect(texts(recorder.ofSession(scenario.thread(600)))).toEqual(
      expect.arrayContaining(['ran /usr/bin/curl', 'ended', 'started process 600']),
    );
    expect(texts(recorder.ofSession(scenario.thread(600)))).not.toContain('ran /usr/bin/daemon');
    expect(recorder.ofSession(scenario.thread(700))).toEqual([]);
  });

  test('is followed with what it starts, and nothing else', () => {
    scenario.start(900, { comm: 'other' });
    const watch = recorder.openWatch(scenario.thread(100), EVER);
    if (watch === undefined) throw new Error('there is no watch');
    scenario.fork(100, 200);
    scenario.exec({ tid: 200, comm: 'curl' });
    scenario.fork(200, 300);
    scenario.open(300, 3, '/tmp/x');
    scenario.open(900, 3, '/tmp/y');
    expect(recorder.closeWatch(watch, texts)).toEqual([
      'started process 200',
      'ran /usr/bin/curl',
      'started process 300',
      'opened /tmp/x for reading',
    ]);
  });

  test('is followed until the time is over, and as far as there is room', () => {
    const endNs = Number(scenario.timeNs) + 500_000;
    const watch = recorder.openWatch(scenario.thread(100), endNs);
    const crowded = recorder.openWatch(scenario.thread(100), EVER);
    expect(recorder.openWatch(scenario.thread(100), EVER)).toBeUndefined();
    if (watch === undefined || crowded === undefined) throw new Error('there is no watch');
    for (let i = 0; i < 30; i++) scenario.open(100, 3, `/tmp/${i}`);
    scenario.wait(1);
    for (let i = 30; i < 100; i++) scenario.open(100, 3, `/tmp/${i}`);
    expect(recorder.closeWatch(watch, texts)).toHaveLength(30);
    const first = recorder.closeWatch(crowded, texts);
    expect([first.length, first[0], first.at(-1)]).toEqual([
      64,
      'opened /tmp/0 for reading',
      'opened /tmp/63 for reading',
    ]);
    expect(recorder.openWatch(scenario.thread(100), EVER)).toBeDefined();
  });
});

test('a container has the history of all its processes, whoever else is busy', () => {
  const { scenario, recorder } = observed();
  for (const [tid, id] of [
    [100, 'a'],
    [200, 'b'],
  ] as const) {
    scenario.clone({ tid, result: 0, pid: tid, ptid: 1, cgroups: cgroupsOf(id) });
    scenario.exec({ tid, comm: 'init', cgroups: cgroupsOf(id) });
  }
  scenario.open(100, 3, '/data/a');
  for (let i = 0; i < 3_000; i++) {
    scenario.fork(200, 1_000 + i);
    scenario.exec({ tid: 1_000 + i, comm: 'busy', cgroups: cgroupsOf('b') });
    scenario.exit(1_000 + i);
  }
  expect(texts(recorder.ofContainer('a'.repeat(12)))).toEqual([
    'ran /usr/bin/init',
    'opened /data/a for reading',
  ]);
  expect(texts(recorder.ofContainer('b'.repeat(12))).slice(-2)).toEqual(['ran /usr/bin/busy', 'ended']);
  // Of processes there were too many: the one that did nothing has been forgotten.
  expect(recorder.ofProcess(scenario.thread(100).process)).toEqual([]);
});

test('whatever comes, records are of the process that they are said to be of', () => {
  const step = fc.tuple(
    fc.constantFrom('fork', 'exec', 'exit', 'open', 'long', 'chdir'),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 12 }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      // Room for few processes, so that they take each other's places.
      const { scenario, recorder } = observed(100_000);
      for (const [what, a, b] of steps) {
        const tid = 100 + a;
        const { tables } = scenario.engine;
        if (tables.thread(tid) === undefined) scenario.start(tid);
        if (what === 'fork' && tables.thread(100 + b) === undefined) scenario.fork(tid, 100 + b);
        if (what === 'exec') scenario.exec({ tid, comm: `c${b}` });
        if (what === 'exit') scenario.exit(tid);
        if (what === 'open') scenario.open(tid, 3, `/tmp/${tid}`);
        if (what === 'long') scenario.open(tid, -13, `/tmp/${tid}/${'x'.repeat(500)}`);
        if (what === 'chdir') scenario.event(codes.chdir, tid, [0, '/']);
      }
      for (let tid = 101; tid <= 112; tid++) {
        const thread = scenario.engine.tables.thread(tid);
        const events = thread === undefined ? [] : recorder.ofProcess(thread.process).map(storyEventOf);
        for (const { pid, text } of events) {
          expect(pid).toBe(thread?.pid);
          if (text.includes('/tmp/')) expect(text).toContain(`/tmp/${pid}`);
        }
        const times = events.map(({ timeNs }) => BigInt(timeNs));
        expect(times).toEqual([...times].sort((x, y) => (x < y ? -1 : 1)));
      }
    }),
  );
});
