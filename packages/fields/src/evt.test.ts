import type { EventInput } from '@peregrine/events';
import { describe, expect, test, vi } from 'vitest';
import { CAT, createShellWorld, START_NS } from '../testing/world.ts';

// 2023-11-14 22:13:20 UTC; clock times below are those of a zone two hours ahead.
vi.stubEnv('TZ', 'EET');

const GENERIC = 1;
const READ = 7;
const GETUID = 203;
const PROCEXIT = 186;
const CREAT = 59;
const OPENAT = 307;
const AT_FDCWD = -100n;
const TIME = START_NS + 5_000_007n;

const cases: readonly [title: string, input: EventInput, values: Record<string, unknown>][] = [
  [
    'a read',
    { code: READ, tid: CAT, cpu: 3, timestampNs: TIME, params: [4n, Buffer.from('a\0bc'), 0n, 9] },
    {
      'evt.num': 1,
      'evt.type': 'read',
      'syscall.type': 'read',
      'evt.dir': '<',
      'evt.category': 'file',
      'evt.cpu': 3,
      'evt.rawres': 4,
      'evt.res': 'SUCCESS',
      'evt.failed': false,
      'evt.buffer': 'a.bc',
      'evt.buflen': 4,
      'evt.buflen.in': 4,
      'evt.buflen.out': null,
      'evt.buflen.file.in': 4,
      'evt.buflen.net': null,
      'evt.io_dir': 'read',
      'evt.is_io': true,
      'evt.is_io_write': false,
      'evt.count': 1,
      'evt.count.error': 0,
      'evt.count.error.file': 0,
      'evt.time': TIME,
      'evt.rawtime': TIME,
      'evt.rawtime.s': 1_700_000_000,
      'evt.rawtime.ns': 5_000_007,
      'evt.reltime': 0,
      'evt.deltatime': 0,
      'evt.latency.human': '0ns',
      'evt.source': 'syscall',
      'evt.is_async': false,
      'evt.asynctype': null,
      'evt.pluginname': null,
      'evt.type.is.read': 1,
      'evt.type.is.write': 0,
      'evt.type.is.7': 1,
      'evt.is_open_read': false,
      'evt.args': 'res=4 data=a.bc fd=0(<f>/dev/null) size=9',
      'evt.arg[3]': '9',
      'evt.arg[9]': null,
      'evt.arg.path': null,
      'evt.rawarg.size': 9,
      'thread.exectime': 0,
    },
  ],
  [
    'a call without a type of its own',
    { code: GENERIC, tid: CAT, params: [19, 0] },
    {
      'evt.type': 'alarm',
      'syscall.type': 'alarm',
      'evt.rawres': null,
      'evt.res': null,
      'evt.failed': null,
      'evt.args': '',
      'evt.count.exit': 1,
    },
  ],
  [
    'a call that returns an id',
    { code: GETUID, tid: CAT, params: [0xffff_ffff] },
    { 'evt.rawres': 4_294_967_295, 'evt.res': 'SUCCESS' },
  ],
  [
    'the end of a process',
    { code: PROCEXIT, tid: CAT, params: [0n, 0n, 0, 0, 0n] },
    { 'evt.type': 'procexit', 'syscall.type': null, 'evt.dir': '>', 'evt.res': null, 'evt.count.exit': null },
  ],
  [
    'a new file that may be executed',
    { code: CREAT, tid: CAT, params: [5n, '/tmp/x', 0o755, 0, 0n, 0] },
    { 'evt.is_open_exec': true, 'evt.is_open_write': false, 'evt.is_open_create': false },
  ],
  [
    'an open that would make a file',
    { code: OPENAT, tid: CAT, params: [-13n, AT_FDCWD, '/tmp/x', 0x6, 0o700, 0, 0n] },
    { 'evt.is_open_exec': true, 'evt.is_open_write': true, 'evt.is_open_create': false, 'evt.res': 'EACCES' },
  ],
  [
    'an open that made a file',
    { code: OPENAT, tid: CAT, params: [5n, AT_FDCWD, '/tmp/x', 0x4006, 0o600, 0, 0n] },
    {
      'evt.is_open_exec': false,
      'evt.is_open_create': true,
      'evt.arg.flags': 'O_CREAT|O_WRONLY|O_F_CREATED',
    },
  ],
];

describe.each(cases)('%s', (_title, input, values) => {
  test.each(Object.entries(values))('%s', (field, value) => {
    const world = createShellWorld();
    expect(world.show(field, world.apply(input))).toEqual(value);
  });
});

describe('times', () => {
  test.each([
    ['evt.time', '00:13:20.005000007'],
    ['evt.time.s', '00:13:20'],
    ['evt.time.iso8601', '2023-11-14T22:13:20.005000007+0000'],
    ['evt.datetime', '2023-11-15 00:13:20.005000007'],
    ['evt.datetime.s', '2023-11-15 00:13:20'],
  ] as const)('%s is compared as text', (field, text) => {
    const world = createShellWorld();
    const event = world.apply({ code: GETUID, tid: CAT, timestampNs: TIME, params: [0] });
    expect(world.read(field, event)).toBe(text);
  });

  test('from event to event', () => {
    const world = createShellWorld();
    world.apply({ code: GETUID, tid: CAT, timestampNs: START_NS, params: [0] });
    world.apply({ code: GETUID, tid: CAT, timestampNs: START_NS + 10n, params: [0] });
    const event = world.apply({
      code: GETUID,
      tid: CAT,
      timestampNs: START_NS + 2_000_000_015n,
      params: [0],
    });
    expect(world.show('evt.deltatime', event)).toBe(2_000_000_005);
    expect(world.show('evt.deltatime.s', event)).toBe(2);
    expect(world.show('evt.deltatime.ns', event)).toBe(5);
    expect(world.show('evt.reltime', event)).toBe(2_000_000_015);
    expect(world.show('evt.reltime.ns', event)).toBe(15);
  });
});

test('each use of util.cnt counts for itself', () => {
  const world = createShellWorld();
  const event = world.apply({ code: GETUID, tid: CAT, params: [0] });
  expect([world.show('util.cnt', event), world.show('util.cnt', event)]).toEqual([2, 2]);
});
