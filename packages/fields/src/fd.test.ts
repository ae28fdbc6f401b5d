import type { EventInput } from '@peregrine/events';
import { fdFlag, fdKind, l4 } from '@peregrine/state';
import { describe, expect, test } from 'vitest';
import { CAT, createShellWorld, type World } from '../testing/world.ts';

const CLOSE = 5;
const OPENAT = 307;
const UNLINKAT = 303;
const RENAME = 175;
const MKDIR = 277;
const SYMLINKAT = 181;
const POLL = 81;
const AT_FDCWD = -100n;

function openat(fd: bigint, dirfd: bigint, path: string): EventInput {
  return { code: OPENAT, tid: CAT, params: [fd, dirfd, path, 1, 0, 0, 0n] };
}

function socketWorld(): World {
  const world = createShellWorld();
  world.state.sink.interface({ name: 'eth0', address: 0x0a000001, netmask: 0xff000000 });
  const connection = {
    tid: CAT,
    kind: fdKind.ipv4,
    name: '10.0.0.1:40000->10.0.0.9:443',
    l4: l4.tcp,
    sourceIp: 0x0a000001,
    sourcePort: 40000,
    destinationIp: 0x0a000009,
    destinationPort: 443,
  };
  world.fd({ ...connection, fd: 5, flags: fdFlag.roleClient | fdFlag.connected });
  world.fd({ ...connection, fd: 6 });
  world.fd({
    ...connection,
    fd: 7,
    kind: fdKind.ipv4Server,
    name: '10.0.0.9:443',
    sourceIp: undefined,
    sourcePort: 0,
    flags: fdFlag.roleServer,
  });
  world.settle();
  return world;
}

function close(fd: number): EventInput {
  return { code: CLOSE, tid: CAT, params: [0n, BigInt(fd)] };
}

const cases: readonly [title: string, input: EventInput, values: Record<string, unknown>][] = [
  [
    'an open that made an fd',
    openat(4n, AT_FDCWD, 'sub//x.txt'),
    {
      'fd.num': 4,
      'fd.type': 'file',
      'fd.name': '/root/sub/x.txt',
      'fd.nameraw': 'sub/x.txt',
      'fd.directory': '/root/sub',
      'fd.filename': 'x.txt',
      'fd.containername': ':/root/sub/x.txt',
      'fd.uid': '2004',
      'fs.path.name': '/root/sub/x.txt',
      'evt.abspath': '/root/sub/x.txt',
      'evt.abspath.src': null,
      'evt.is_open_read': true,
      'evt.is_open_write': false,
      'evt.arg.name': '/root/sub/x.txt',
      'evt.rawarg.name': 'sub//x.txt',
      'evt.rawarg.flags': 1,
      'evt.arg[1]': 'AT_FDCWD',
    },
  ],
  [
    'an open that failed',
    openat(-2n, 3n, 'shadow'),
    {
      'fd.num': -1,
      'fd.type': null,
      'fd.typechar': 'f',
      'fd.name': '/etc/shadow',
      'fd.nameraw': 'shadow',
      'fd.directory': '/etc',
      'fd.filename': null,
      'fs.path.name': '/etc/shadow',
      'evt.res': 'ENOENT',
      'evt.failed': true,
      'evt.count.error.file': 1,
      'evt.count.error.other': null,
      'evt.is_open_read': true,
    },
  ],
  [
    'an open below a directory that nobody knows',
    openat(-2n, 44n, 'x'),
    { 'fd.name': '<UNKNOWN>x', 'evt.abspath': '<UNKNOWN>x' },
  ],
  [
    'a directory',
    close(3),
    {
      'fd.type': 'directory',
      'fd.directory': '/etc',
      'fd.filename': null,
      'fd.types': ['directory', 'file'],
    },
  ],
  [
    'an fd that nobody knows',
    close(77),
    { 'fd.num': 77, 'fd.type': null, 'fd.typechar': 'o', 'fd.name': '', 'fd.directory': '/', 'fd.ino': null },
  ],
  [
    'an event without an fd',
    { code: MKDIR, tid: CAT, params: [0n, 'new', 0o755] },
    {
      'fd.num': null,
      'fd.name': null,
      'fd.types': null,
      'fs.path.name': '/root/new',
      'fs.path.nameraw': 'new',
    },
  ],
  [
    'a removal that failed',
    { code: UNLINKAT, tid: CAT, params: [-2n, AT_FDCWD, 'x', 0] },
    { 'fs.path.name': null, 'evt.abspath': '/root/x' },
  ],
  [
    'a rename',
    { code: RENAME, tid: CAT, params: [0n, 'a', '/b'] },
    { 'fs.path.source': '/root/a', 'fs.path.sourceraw': 'a', 'fs.path.target': '/b', 'fs.path.name': null },
  ],
  [
    'a symbolic link',
    { code: SYMLINKAT, tid: CAT, params: [0n, '/etc/shadow', AT_FDCWD, 'link'] },
    { 'fs.path.source': '/root/link', 'fs.path.target': '/etc/shadow', 'fs.path.targetraw': '/etc/shadow' },
  ],
];

describe.each(cases)('%s', (_title, input, values) => {
  test.each(Object.entries(values))('%s', (field, value) => {
    const world = createShellWorld();
    expect(world.show(field, world.apply(input))).toEqual(value);
  });
});

describe('sockets', () => {
  const sockets: readonly [fd: number, values: Record<string, unknown>][] = [
    [
      5,
      {
        'fd.cip': '10.0.0.1',
        'fd.sip': '10.0.0.9',
        'fd.lip': '10.0.0.1',
        'fd.rip': '10.0.0.9',
        'fd.lport': 40000,
        'fd.rport': 443,
        'fd.sproto': '443',
        'fd.l4proto': 'tcp',
        'fd.sockfamily': 'ip',
        'fd.is_server': false,
        'fd.connected': true,
        'fd.directory': null,
        'evt.category': 'net',
      },
    ],
    [6, { 'fd.cip': null, 'fd.sip': null, 'fd.sport': null, 'fd.l4proto': '<NA>', 'fd.cproto': null }],
    [
      7,
      {
        'fd.cip': null,
        'fd.sip': '10.0.0.9',
        'fd.sport': 443,
        'fd.lip': null,
        'fd.cproto': '',
        'fd.sproto': '',
        'fd.is_server': true,
        'fd.l4proto': 'tcp',
      },
    ],
  ];
  describe.each(sockets)('fd %i', (fd, values) => {
    test.each(Object.entries(values))('%s', (field, value) => {
      const world = socketWorld();
      expect(world.show(field, world.apply(close(fd)))).toEqual(value);
    });
  });

  test('both ends are candidates, known or not', () => {
    const world = socketWorld();
    expect(world.read('fd.ip', world.apply(close(5)))).toEqual([0x0a000001, 0x0a000009]);
    expect(world.read('fd.port', world.apply(close(6)))).toEqual([40000, 443]);
    expect(world.read('fd.net', world.apply(close(7)))).toEqual([0x0a000009]);
    expect(world.read('fd.ip', world.apply(close(0)))).toBeUndefined();
  });

  test('lists of polled fds', () => {
    const world = socketWorld();
    const fds = [0, 5, 7, 99].map((fd) => ({ fd, flags: 1 }));
    const event = world.apply({ code: POLL, tid: CAT, params: [1n, fds, 0n] });
    expect(world.show('fdlist.nums', event)).toBe('0,5,7,99');
    expect(world.show('fdlist.names', event)).toBe('/dev/null,10.0.0.1:40000->10.0.0.9:443,10.0.0.9:443');
    expect(world.show('fdlist.cips', event)).toBe('10.0.0.1');
    expect(world.show('fdlist.sips', event)).toBe('10.0.0.9,10.0.0.9');
    expect(world.show('fdlist.sports', event)).toBe('443,443');
  });
});
