import { describe, expect, test } from 'vitest';
import { ancestorsOf, record } from '../testing/records.ts';
import { cloneFlag, codes, Scenario } from '../testing/scenario.ts';
import { StateEngine, threadFlag } from './index.ts';

const CONTAINER = '5892b41bcf46aa4d5f2b7b1f8d3a9c0e6d7f8a9b0c1d2e3f405162738495a6b7';

describe('what rules get to see', () => {
  test('exits and tracepoints, but no enter events and no meta events', () => {
    const scenario = new Scenario();
    scenario.start(100);
    expect(scenario.tick(100)?.type.name).toBe('getuid');
    expect(scenario.event(codes.pageFault, 100, [1, 2, 3])?.thread?.comm).toBe('bash');
    expect(scenario.event(codes.pageFault, 555, [1, 2, 3])).toMatchObject({ thread: undefined });
    expect(scenario.event(codes.openatEnter, 100, [-100, '/x', 0, 0])).toBeUndefined();
    expect(scenario.event(codes.userAdded, -1, [0, 0, 'root', '/root', '/bin/sh', ''])).toBeUndefined();
    expect(scenario.event(codes.async, -1, [0, 'anything', 'x'])?.thread).toBeUndefined();
  });

  test('numbers that count every event, and the time since the one before', () => {
    const scenario = new Scenario();
    expect(scenario.tick(100)).toMatchObject({ num: 1, deltaNs: 0 });
    scenario.engine.skip(5);
    scenario.wait(2);
    expect(scenario.tick(100)).toMatchObject({ num: 7, deltaNs: 2_000_001_000 });
  });
});

describe('wanted codes', () => {
  test('are those that change state, and more the more is needed', () => {
    const bare = new StateEngine({ needs: new Set() }).wantedCodes();
    const memory = new StateEngine({ needs: new Set(['memory']) }).wantedCodes();
    const all = new StateEngine().wantedCodes();
    for (const code of [codes.openat, codes.close, codes.clone, codes.execve, codes.procexit, codes.async])
      expect(bare[code]).toBe(1);
    for (const code of [codes.mmap, codes.switch]) expect([bare[code], memory[code]]).toEqual([0, 1]);
    expect(bare[codes.pageFault]).toBe(0);
    expect(all.every((wanted) => wanted === 1)).toBe(true);
  });
});

describe('memory and faults', () => {
  test('follow calls, and switches speak for the process', () => {
    const scenario = new Scenario();
    const main = scenario.start(100);
    const thread = scenario.fork(100, 101, cloneFlag.thread);
    scenario.event(codes.mmap, 101, [0, 9_000, 900, 1, 0, 0, 0, 0, -1, 0]);
    expect([thread.vmsizeKb, main.vmsizeKb]).toEqual([9_000, 8_000]);
    scenario.event(codes.switch, 101, [0, 3, 4, 9_500, 950, 2]);
    expect([thread.vmsizeKb, main.vmsizeKb, main.vmswapKb]).toEqual([9_000, 9_500, 2]);
    expect([thread.pfmajor, thread.pfminor, main.pfmajor]).toEqual([3, 4, 0]);
  });
});

describe('credentials and limits', () => {
  test.each([
    ['setuid', codes.setuid, [0, 33], 33],
    ['setuid that failed', codes.setuid, [-1, 33], 0],
    ['setresuid takes the effective id', codes.setresuid, [0, 1, 2, 3], 2],
    ['setresuid keeps even -1', codes.setresuid, [0, 1, 0xffff_ffff, 3], 0xffff_ffff],
  ])('%s', (_name, code, params, uid) => {
    const scenario = new Scenario();
    scenario.start(100);
    expect(scenario.event(code, 100, params)?.thread?.uid).toBe(uid);
  });

  test('a session, capabilities, a user namespace, a limit of fds', () => {
    const scenario = new Scenario();
    const thread = scenario.start(100);
    scenario.event(codes.setsid, 100, [100]);
    expect(thread.sid).toBe(100);
    scenario.event(codes.capset, 100, [0, 1n, 2n << 32n, 3n]);
    expect(thread).toMatchObject({ capInheritableLow: 1, capPermittedHigh: 2, capEffectiveLow: 3 });
    scenario.event(codes.unshare, 100, [0, 1 << 20]);
    expect(thread).toMatchObject({ capEffectiveLow: 0xffff_ffff, capEffectiveHigh: 0x1ff });
    scenario.event(codes.prlimit, 100, [0, 77, 88, 0, 0, 0, 7]);
    expect(thread.fdlimit).toBe(77);
    scenario.event(codes.prlimit, 100, [0, -1, -1, 0, 0, 0, 7]);
    expect(thread.fdlimit).toBe(77);
  });
});

describe('containers and users', () => {
  test('a process whose cgroups name a container is in it, and so are its children', () => {
    const scenario = new Scenario();
    const thread = scenario.start(100, { cgroups: `memory=/docker/${CONTAINER}\0` });
    expect(thread.containerId).toBe('5892b41bcf46');
    expect(scenario.engine.tables.container('5892b41bcf46')).toMatchObject({
      fullId: CONTAINER,
      type: 'docker',
    });
    scenario.clone({ tid: 100, result: 200, pid: 100, ptid: 0, cgroups: `memory=/docker/${CONTAINER}\0` });
    expect(scenario.thread(200).containerId).toBe('5892b41bcf46');
    expect(scenario.start(300).containerId).toBe('host');
  });

  test('metadata come with events, and go with them', () => {
    const scenario = new Scenario();
    const json = JSON.stringify({ container: { type: 0, id: '5892b41bcf46', name: 'web' } });
    scenario.event(codes.async, -1, [0, 'container', Buffer.from(json)]);
    expect(scenario.engine.tables.container('5892b41bcf46')?.metadata?.name).toBe('web');
    scenario.event(codes.async, -1, [0, 'container_removed', Buffer.from(json)]);
    expect(scenario.engine.tables.container('5892b41bcf46')).toBeUndefined();
    scenario.event(codes.containerJson, -1, [json]);
    expect(scenario.engine.tables.container('5892b41bcf46')?.type).toBe('docker');
    scenario.event(codes.containerJson, -1, ['nonsense']);
    expect(scenario.engine.counters.n_bad_container_evts).toBe(1);
  });

  test('users of a container are not those of the host', () => {
    const scenario = new Scenario();
    scenario.event(codes.userAdded, -1, [33, 33, 'www', '/var/www', '/bin/sh', '']);
    scenario.event(codes.groupAdded, -1, [33, 'web', 'c1']);
    const { tables } = scenario.engine;
    expect(tables.user('host', 33)?.name).toBe('www');
    expect(tables.user('c1', 33)).toBeUndefined();
    expect(tables.group('c1', 33)?.name).toBe('web');
  });
});

describe('unknown threads', () => {
  test('are made up once', () => {
    const scenario = new Scenario();
    expect(scenario.tick(100)?.thread).toMatchObject({
      comm: '<NA>',
      uid: 0xffff_ffff,
      process: { cwd: './' },
    });
    expect(scenario.tick(100)?.thread?.flags).toBe(threadFlag.fake);
    expect(scenario.engine.counters.n_failed_thread_lookups).toBe(1);
  });

  test('are looked up first where that can be done', () => {
    const asked: number[] = [];
    const scenario: Scenario = new Scenario({
      lookUpProcess: (tid) => {
        asked.push(tid);
        scenario.engine.sink.process(record(tid));
        return true;
      },
    });
    expect(scenario.tick(100)?.thread).toMatchObject({ comm: 'found', containerId: 'host' });
    scenario.tick(100);
    expect(asked).toEqual([100]);
  });
});

test('a purge removes the made-up and those that are gone, a few at a time', () => {
  const scenario = new Scenario();
  scenario.engine.setTime(1_000);
  for (const tid of [100, 200, 300]) scenario.start(tid);
  scenario.tick(400);
  const purge = (limit: number): number =>
    scenario.engine.purge({ nowSeconds: 2_000, idleSeconds: 300, limit, isAlive: (tid) => tid === 200 });
  expect(purge(2)).toBe(2);
  expect(purge(100)).toBe(2);
  expect(scenario.engine.tables.threadCount).toBe(1);
  expect(scenario.engine.purge({ nowSeconds: 1_100, idleSeconds: 300, limit: 9, isAlive: () => false })).toBe(
    0,
  );
});

describe('verdicts on threads are forgotten', () => {
  function known(scenario: Scenario, ...tids: number[]): () => number[] {
    for (const tid of tids) scenario.thread(tid).terms.prepare({}, 1).known[0] = 1;
    return () => tids.filter((tid) => scenario.engine.tables.thread(tid)?.terms.known[0] !== 1);
  }

  const family = (): Scenario => {
    const scenario = new Scenario();
    scenario.start(100);
    scenario.fork(100, 101, cloneFlag.thread);
    scenario.fork(101, 200);
    scenario.fork(200, 300);
    scenario.start(900);
    return scenario;
  };

  test.each<[string, (scenario: Scenario) => void, number[]]>([
    ['by an exec: here and below', (s) => s.exec({ tid: 200 }), [200, 300]],
    ['by an exec of a process with threads', (s) => s.exec({ tid: 100 }), [100, 101, 200, 300]],
    ['by a new session: here and below', (s) => s.event(codes.setsid, 200, [200]), [200, 300]],
    ['by a change of user: in the process', (s) => s.event(codes.setuid, 101, [0, 5]), [100, 101]],
    [
      'by new users: everywhere',
      (s) => s.event(codes.userAdded, -1, [5, 5, 'x', '', '', '']),
      [100, 101, 200, 300, 900],
    ],
    ['by a parent’s death: below it', (s) => [s.exit(200), s.tick(900)], [200, 300]],
    [
      'not by opening a file, or going elsewhere',
      (s) => [s.open(200, 3, '/x'), s.event(codes.chdir, 200, [0, '/'])],
      [],
    ],
    ['not by a call that failed', (s) => s.exec({ tid: 200, result: -2 }), []],
    ['not by a fork', (s) => s.fork(200, 400), []],
  ])('%s', (_name, act, expected) => {
    const scenario = family();
    const forgotten = known(scenario, 100, 101, 200, 300, 900);
    act(scenario);
    expect(forgotten()).toEqual(expected);
  });
});

describe('records of a source', () => {
  test('link parents whatever their order', () => {
    const { sink, tables } = new StateEngine();
    sink.reset();
    sink.process({ ...record(200), ptid: 100 });
    sink.process({ ...record(100), ptid: 1 });
    sink.settle();
    expect(tables.thread(200)?.parent).toBe(tables.thread(100));
    expect(tables.thread(100)?.ptid).toBe(0);
    expect(tables.thread(100)?.process.cwd).toBe('/work/');
  });

  test('rings of parents are cut', () => {
    const { sink, tables } = new StateEngine();
    sink.process({ ...record(100), ptid: 200 });
    sink.process({ ...record(200), ptid: 100 });
    sink.settle();
    expect(ancestorsOf(tables.thread(100)) + ancestorsOf(tables.thread(200))).toBe(1);
  });
});
