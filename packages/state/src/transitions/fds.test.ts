/** Files, copies of fds, and fds of other kinds. */

import { describe, expect, test } from 'vitest';
import { codes, Scenario } from '../../testing/scenario.ts';
import { NO_FD, NO_NEW_FD } from '../event-context.ts';
import { fdFlag, fdKind } from '../fd.ts';

const O_DIRECTORY = 1024;
const O_CLOEXEC = 4096;

function started(): Scenario {
  const scenario = new Scenario();
  scenario.start(100);
  scenario.event(codes.chdir, 100, [0, '/home/me']);
  return scenario;
}

describe('open', () => {
  test('enters the file by its resolved name', () => {
    const event = started().open(100, 3, 'notes/../a', 1 | (1 << 15));
    expect(event).toMatchObject({ fdNum: 3, isFdNameChanged: true });
    expect(event?.fd).toMatchObject({
      kind: fdKind.file,
      name: '/home/me/a',
      rawName: 'notes/../a',
      dev: 6,
      ino: 42,
    });
    expect(event?.fd?.flags).toBe(fdFlag.upperLayer);
  });

  test('resolves below a directory fd, and says so where that is unknown', () => {
    const scenario = started();
    scenario.open(100, 3, '/etc', O_DIRECTORY);
    expect(scenario.open(100, 4, 'passwd', 1, 3)?.fd?.name).toBe('/etc/passwd');
    expect(scenario.open(100, 5, 'passwd', 1, 77)?.fd?.name).toBe('<UNKNOWN>passwd');
    expect(scenario.open(100, 6, '/abs', 1, 77)?.fd?.name).toBe('/abs');
  });

  test('a failure enters nothing', () => {
    const scenario = started();
    const event = scenario.open(100, -2, '/nowhere');
    expect(event).toMatchObject({ fdNum: NO_NEW_FD, fd: undefined });
    expect(scenario.thread(100).process.fds.size).toBe(0);
  });

  test('the path of the enter event wins, once', () => {
    const scenario = started();
    expect(scenario.event(codes.openatEnter, 100, [-100, '/asked', 2, 0o644])).toBeUndefined();
    const event = scenario.open(100, 3, '/swapped', 1 | (1 << 14));
    expect(event).toMatchObject({
      enterPath: '/asked',
      enterDirfd: -100,
      enterOpenFlags: 2,
      enterMode: 0o644,
    });
    expect(event?.fd).toMatchObject({ name: '/asked', openFlags: 2 | (1 << 14) });
    expect(scenario.open(100, 4, '/later')).toMatchObject({ enterPath: undefined });
    expect(scenario.engine.counters).toMatchObject({ n_stored_evts: 1, n_retrieved_evts: 1 });
  });

  test('an enter event of another call is dropped', () => {
    const scenario = started();
    scenario.event(2, 100, ['/asked', 2, 0]);
    expect(scenario.open(100, 3, '/opened')?.fd?.name).toBe('/opened');
    expect(scenario.engine.counters.n_retrieve_evts_drops).toBe(1);
  });
});

describe('close', () => {
  test('the entry is there for the event, and gone with the next', () => {
    const scenario = started();
    scenario.open(100, 3, '/a');
    expect(scenario.event(codes.close, 100, [0, 3])?.fd?.name).toBe('/a');
    expect(scenario.thread(100).process.fds.size).toBe(1);
    expect(scenario.tick(100)?.fdNum).toBe(NO_FD);
    expect(scenario.thread(100).process.fds.size).toBe(0);
  });

  test('a number that is given again at once is kept', () => {
    const scenario = started();
    scenario.open(100, 3, '/a');
    scenario.event(codes.close, 100, [0, 3]);
    scenario.open(100, 3, '/b');
    scenario.tick(100);
    expect(scenario.thread(100).process.fds.get(3)?.name).toBe('/b');
  });

  test('a range', () => {
    const scenario = started();
    for (const fd of [3, 4, 5, 9]) scenario.open(100, fd, `/${fd}`);
    scenario.event(codes.closeRange, 100, [0, 4, 8, 0]);
    scenario.tick(100);
    expect([...scenario.thread(100).process.fds.keys()]).toEqual([3, 9]);
    scenario.event(codes.closeRange, 100, [0, 3, 0xffff_ffff, 4]);
    scenario.exec({ tid: 100 });
    expect(scenario.thread(100).process.fds.size).toBe(0);
  });

  test('a failure closes nothing', () => {
    const scenario = started();
    scenario.open(100, 3, '/a');
    scenario.event(codes.close, 100, [-9, 3]);
    scenario.tick(100);
    expect(scenario.thread(100).process.fds.size).toBe(1);
  });
});

describe('copies', () => {
  test('have the name, but not close-on-exec', () => {
    const scenario = started();
    scenario.open(100, 3, '/a', 1 | O_CLOEXEC);
    const event = scenario.event(codes.dup2, 100, [1, 3, 1]);
    expect(event).toMatchObject({ fdNum: 1 });
    expect(event?.fd).toMatchObject({ name: '/a', flags: 0 });
    expect(scenario.event(codes.dup3, 100, [5, 3, 5, O_CLOEXEC])?.fd?.flags).toBe(fdFlag.closeOnExec);
    expect(scenario.event(codes.fcntl, 100, [6, 3, 26, 0])).toMatchObject({ fdNum: 6 });
    expect(scenario.thread(100).process.fds.get(6)?.flags).toBe(fdFlag.closeOnExec);
  });

  test('need the original', () => {
    const scenario = started();
    const event = scenario.event(codes.dup2, 100, [1, 77, 1]);
    expect(event).toMatchObject({ fdNum: 77, fd: undefined });
    expect(scenario.thread(100).process.fds.size).toBe(0);
  });

  test('a fork’s table is its own as soon as either writes', () => {
    const scenario = started();
    scenario.open(100, 3, '/a');
    scenario.fork(100, 200);
    scenario.event(codes.fcntl, 200, [0, 3, 3, 1]);
    expect(scenario.thread(200).process.fds.get(3)?.flags).toBe(fdFlag.closeOnExec);
    expect(scenario.thread(100).process.fds.get(3)?.flags).toBe(0);
    scenario.open(100, 4, '/b');
    expect(scenario.thread(200).process.fds.has(4)).toBe(false);
  });

  test('from another process, through a pidfd', () => {
    const scenario = started();
    scenario.start(200);
    scenario.open(200, 8, '/theirs');
    expect(scenario.event(codes.pidfdOpen, 100, [4, 200, 0])?.fd?.name).toBe('/proc/200');
    expect(scenario.event(codes.pidfdGetfd, 100, [5, 4, 8, 0])).toMatchObject({ fdNum: 5 });
    expect(scenario.thread(100).process.fds.get(5)?.name).toBe('/theirs');
  });
});

test('a pipe’s ends share an inode and have no name', () => {
  const scenario = started();
  const event = scenario.event(codes.pipe2, 100, [0, 3, 4, 555, O_CLOEXEC]);
  expect(event).toMatchObject({ fdNum: 4, fd: { kind: fdKind.fifo, name: '', ino: 555 } });
  expect(scenario.thread(100).process.fds.get(3)).toMatchObject({ ino: 555, flags: fdFlag.closeOnExec });
});

test('memory has its name', () => {
  const event = started().event(codes.memfdCreate, 100, [7, 'secret', 1]);
  expect(event).toMatchObject({
    fdNum: 7,
    fd: { kind: fdKind.memfd, name: 'secret', flags: fdFlag.closeOnExec },
  });
});

test('a working directory by fd', () => {
  const scenario = started();
  scenario.open(100, 3, '/srv', O_DIRECTORY);
  scenario.event(codes.fchdir, 100, [0, 3]);
  expect(scenario.thread(100).process.cwd).toBe('/srv/');
});
