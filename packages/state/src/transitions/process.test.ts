/** clone, exec and exit, in every order in which their events come. */

import { describe, expect, test } from 'vitest';
import { cloneFlag, codes, Scenario } from '../../testing/scenario.ts';
import { type Thread, threadFlag } from '../thread.ts';

describe('clone', () => {
  test('the caller’s side makes the child, with what it has from the parent', () => {
    const scenario = new Scenario();
    const parent = scenario.start(100, { comm: 'bash', env: 'A=1\0' });
    scenario.open(100, 3, '/tmp/a');
    scenario.event(codes.chdir, 100, [0, '/tmp']);
    scenario.clone({ tid: 100, result: 200, pid: 100, ptid: 0, comm: 'bash' });
    const child = scenario.thread(200);
    expect(child.parent).toBe(parent);
    expect([...parent.children]).toEqual([child]);
    expect(child).toMatchObject({
      ptid: 100,
      pid: 200,
      vtid: 200,
      vpid: 200,
      exepath: '/usr/bin/bash',
      tty: 34_816,
    });
    expect(child.process).toMatchObject({ cwd: '/tmp/', env: 'A=1\0', threadCount: 1 });
    expect(child.process.fds.get(3)?.name).toBe('/tmp/a');
    expect(child.capEffectiveLow).toBe(7);
    expect(child.flags & threadFlag.inverted).toBe(0);
  });

  test('the child’s side, when it is first, makes the child; the caller’s then changes nothing', () => {
    const scenario = new Scenario();
    const parent = scenario.start(100);
    scenario.clone({ tid: 200, result: 0, pid: 200, ptid: 100, comm: 'first' });
    const child = scenario.thread(200);
    expect(child.flags & threadFlag.inverted).not.toBe(0);
    scenario.clone({ tid: 100, result: 200, pid: 100, ptid: 0, comm: 'second' });
    expect(scenario.thread(200)).toBe(child);
    expect(child.comm).toBe('first');
    expect(child.parent).toBe(parent);
  });

  test('the child’s side keeps a young entry, and replaces one that is left from an earlier use of the id', () => {
    const scenario = new Scenario();
    scenario.start(100);
    const child = scenario.fork(100, 200);
    scenario.wait(3);
    scenario.clone({ tid: 200, result: 0, pid: 200, ptid: 100 });
    expect(scenario.thread(200)).not.toBe(child);
    expect(scenario.engine.tables.threadCount).toBe(3);
  });

  /** A child that was made at the time given, as a source tells of it. */
  function listedChild(scenario: Scenario, startNs: bigint): Thread {
    scenario.start(100);
    scenario.fork(100, 200);
    const record = [...scenario.engine.snapshot().processes].find(({ tid }) => tid === 200);
    if (record === undefined) throw new Error('a child was made');
    scenario.engine.sink.process({ ...record, comm: 'listed', cloneTsNs: startNs });
    return scenario.thread(200);
  }

  test('what a source told of a child is newer than what its maker’s call says when it ends', () => {
    const scenario = new Scenario();
    const child = listedChild(scenario, scenario.timeNs);
    scenario.clone({ tid: 100, result: 200, pid: 100, ptid: 0 });
    expect(scenario.thread(200)).toBe(child);
    scenario.exec({ tid: 200, comm: 'other' });
    scenario.clone({ tid: 200, result: 0, pid: 200, ptid: 100 });
    // However long that call takes to end.
    scenario.wait(3);
    scenario.clone({ tid: 100, result: 200, pid: 100, ptid: 0 });
    expect(scenario.thread(200)).toBe(child);
    expect(child.comm).toBe('other');
  });

  test('what a source told of an earlier use of the id is replaced', () => {
    const scenario = new Scenario();
    const child = listedChild(scenario, scenario.timeNs);
    scenario.wait(3);
    scenario.clone({ tid: 100, result: 200, pid: 100, ptid: 0, comm: 'new' });
    expect(scenario.thread(200)).not.toBe(child);
    expect(scenario.thread(200).comm).toBe('new');
  });

  test.each([
    ['a new PID namespace', cloneFlag.newpid],
    ['the caller’s parent as parent', cloneFlag.parent],
    ['a child in a PID namespace', cloneFlag.childInPidns],
    ['vfork', cloneFlag.vfork],
  ])('the caller’s side makes no child with %s', (_name, flags) => {
    const scenario = new Scenario();
    scenario.start(100);
    scenario.clone({ tid: 100, result: 200, pid: 100, ptid: 0, flags });
    expect(scenario.engine.tables.thread(200)).toBeUndefined();
  });

  test('the caller’s side makes no child where the caller has another id for itself', () => {
    const scenario = new Scenario();
    scenario.clone({ tid: 100, result: 0, pid: 100, ptid: 1, vtid: 5, vpid: 5 });
    scenario.clone({ tid: 100, result: 6, pid: 100, ptid: 1 });
    expect(scenario.engine.tables.thread(6)).toBeUndefined();
    expect(scenario.thread(100).pidnsInitStartNs).toBe(777);
  });

  test('a child that is gone is not brought back by the caller’s side', () => {
    const scenario = new Scenario();
    scenario.start(100);
    scenario.clone({ tid: 200, result: 0, pid: 200, ptid: 100 });
    scenario.exit(200);
    scenario.tick(100);
    scenario.clone({ tid: 100, result: 200, pid: 100, ptid: 0 });
    expect(scenario.engine.tables.thread(200)).toBeUndefined();
    scenario.wait(3);
    scenario.clone({ tid: 100, result: 200, pid: 100, ptid: 0 });
    expect(scenario.thread(200).parent).toBe(scenario.thread(100));
  });

  test('a thread shares its process', () => {
    const scenario = new Scenario();
    const main = scenario.start(100);
    const thread = scenario.fork(100, 101, cloneFlag.thread);
    expect(thread.process).toBe(main.process);
    expect(thread.main).toBe(main);
    expect(main.process.threadCount).toBe(2);
    scenario.open(101, 7, '/tmp/x');
    expect(scenario.engine.tables.fd(main, 7)?.name).toBe('/tmp/x');
  });

  test('a thread is told by its ids where its flags were lost', () => {
    const scenario = new Scenario();
    const main = scenario.start(100);
    scenario.clone({ tid: 101, result: 0, pid: 100, ptid: 0, code: codes.clone3 });
    expect(scenario.thread(101).process).toBe(main.process);
  });

  test('an unknown caller becomes known by its child', () => {
    const scenario = new Scenario();
    scenario.clone({ tid: 100, result: 200, pid: 100, ptid: 50, comm: 'sh', vtid: 100, vpid: 100 });
    expect(scenario.thread(100)).toMatchObject({ comm: 'sh', exe: '/bin/sh', pid: 100, ptid: 0 });
    expect(scenario.thread(100).flags & threadFlag.fake).toBe(0);
    expect(scenario.thread(200).parent).toBe(scenario.thread(100));
  });

  test('an unknown parent is made up, and is nobody’s parent', () => {
    const scenario = new Scenario();
    scenario.clone({ tid: 200, result: 0, pid: 200, ptid: 100 });
    expect(scenario.thread(100)).toMatchObject({
      comm: '<NA>',
      exe: '<NA>',
      ptid: -1,
      pid: -1,
      containerId: 'host',
    });
    expect(scenario.thread(200)).toMatchObject({ parent: undefined, ptid: 0 });
  });

  test('a call that failed makes nothing', () => {
    const scenario = new Scenario();
    scenario.start(100);
    const count = scenario.engine.tables.threadCount;
    scenario.clone({ tid: 100, result: -11, pid: 100, ptid: 0 });
    expect(scenario.engine.tables.threadCount).toBe(count);
  });
});

describe('exec', () => {
  test('replaces what the process runs, and is seen after the change', () => {
    const scenario = new Scenario();
    scenario.start(100);
    const event = scenario.exec({
      tid: 100,
      exe: './nc',
      comm: 'nc',
      args: '-l\0',
      exepath: '/tmp/nc (deleted)',
      uid: 33,
    });
    expect(event?.thread).toMatchObject({
      exe: './nc',
      comm: 'nc',
      args: '-l\0',
      exepath: '/tmp/nc',
      uid: 33,
      gid: 0,
    });
    expect(event?.thread).toMatchObject({
      exeIno: 99,
      exeInoCtimeNs: 1_600_000_000_000_000_000n,
      exeInoMtimeNs: 5,
    });
    expect(event?.thread?.flags).toBe(threadFlag.mainThread | threadFlag.inverted | threadFlag.exeWritable);
  });

  test('a call that failed changes nothing', () => {
    const scenario = new Scenario();
    scenario.start(100, { comm: 'bash' });
    const event = scenario.exec({ tid: 100, result: -2, comm: 'nc' });
    expect(event?.thread?.comm).toBe('bash');
  });

  test('close-on-exec fds are gone, in this process only', () => {
    const scenario = new Scenario();
    const parent = scenario.start(100);
    scenario.open(100, 3, '/a', 1 | 4096);
    scenario.open(100, 4, '/b');
    const child = scenario.fork(100, 200);
    scenario.exec({ tid: 200 });
    expect([...child.process.fds.keys()]).toEqual([4]);
    expect([...parent.process.fds.keys()]).toEqual([3, 4]);
  });

  test('other threads of the process are gone', () => {
    const scenario = new Scenario();
    const main = scenario.start(100);
    scenario.fork(100, 101, cloneFlag.thread);
    scenario.fork(100, 102, cloneFlag.thread);
    scenario.exec({ tid: 100 });
    expect(main.process.threadCount).toBe(1);
    expect(scenario.engine.tables.thread(101)).toBeUndefined();
  });

  test('a dead main thread whose id another thread takes over lives', () => {
    const scenario = new Scenario();
    const main = scenario.start(100);
    scenario.fork(100, 101, cloneFlag.thread);
    scenario.exit(100);
    scenario.tick(101);
    expect(main.flags & threadFlag.dead).not.toBe(0);
    scenario.exec({ tid: 100 });
    expect(scenario.thread(100)).toBe(main);
    expect(main.flags & threadFlag.dead).toBe(0);
    expect(main.process.threadCount).toBe(1);
  });

  test('a made-up thread becomes a real one', () => {
    const scenario = new Scenario();
    const event = scenario.exec({ tid: 300, comm: 'nc' });
    expect(event?.thread).toMatchObject({ comm: 'nc', pid: 300, vtid: 300, vpid: 300, ptid: 0 });
    expect(event?.thread?.process.cwd).toBe('');
  });

  test('the environment is the new program’s', () => {
    const scenario = new Scenario();
    scenario.start(100, { env: 'B=2\0' });
    expect(scenario.exec({ tid: 100, env: 'C=3\0' })?.thread?.process.env).toBe('C=3\0');
  });
});

describe('exit', () => {
  test('the thread is there for its own event, and gone with the next', () => {
    const scenario = new Scenario();
    scenario.start(100);
    scenario.start(200);
    expect(scenario.exit(200)?.thread?.comm).toBe('bash');
    expect(scenario.engine.tables.thread(200)).toBeDefined();
    scenario.tick(100);
    expect(scenario.engine.tables.thread(200)).toBeUndefined();
  });

  test('a main thread stays while its process has others', () => {
    const scenario = new Scenario();
    const main = scenario.start(100);
    scenario.fork(100, 101, cloneFlag.thread);
    scenario.exit(100);
    scenario.tick(101);
    expect(scenario.thread(101).main).toBe(main);
    expect(main.process.threadCount).toBe(1);
    scenario.exit(101);
    scenario.tick(1);
    expect(scenario.engine.tables.thread(100)).toBeUndefined();
  });

  test('children go to whom the kernel says', () => {
    const scenario = new Scenario();
    scenario.start(50);
    scenario.start(100);
    const child = scenario.fork(100, 200);
    scenario.exit(100, 50);
    scenario.tick(200);
    expect(child.parent).toBe(scenario.thread(50));
    expect(child.ptid).toBe(50);
  });

  test('else to a live thread of the process', () => {
    const scenario = new Scenario();
    scenario.start(100);
    const child = scenario.fork(100, 200);
    const sibling = scenario.fork(100, 101, cloneFlag.thread);
    scenario.exit(100);
    scenario.tick(200);
    expect(child.parent).toBe(sibling);
  });

  test('else to the nearest ancestor that takes orphans', () => {
    const scenario = new Scenario();
    const reaper = scenario.start(50);
    scenario.event(codes.prctl, 50, [0, 36, undefined, 1]);
    scenario.fork(50, 100);
    scenario.fork(100, 150);
    const child = scenario.fork(150, 200);
    scenario.exit(150);
    scenario.tick(200);
    expect(child.parent).toBe(reaper);
  });

  test('else nobody is their parent', () => {
    const scenario = new Scenario();
    scenario.start(50);
    scenario.fork(50, 100);
    const child = scenario.fork(100, 200);
    scenario.exit(100);
    scenario.tick(200);
    expect(child).toMatchObject({ parent: undefined, ptid: 0 });
  });

  test('an orphan is never handed to its own descendant', () => {
    const scenario = new Scenario();
    scenario.start(100);
    const child = scenario.fork(100, 200);
    scenario.fork(200, 300);
    scenario.exit(100, 300);
    scenario.tick(200);
    expect(child.parent).toBeUndefined();
  });

  test('the exit of a thread that nobody knows has no thread', () => {
    expect(new Scenario().exit(999)?.thread).toBeUndefined();
  });
});
