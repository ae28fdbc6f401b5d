import { toByteText } from '@peregrine/base';
import { eventRoster } from '@peregrine/events';
import { expect, test } from 'vitest';
import { storyEventOf } from './record-text.ts';
import { Records, TextBudget } from './records.ts';

interface Given {
  readonly result?: number;
  readonly numbers?: readonly [number, number];
  readonly subject?: string;
  readonly detail?: string;
  readonly paths?: readonly [string, string?];
}

/** Of the latest event of that name. */
function codeOf(name: string): number {
  const type = eventRoster.findLast(
    (each) => each.name === name && (each.direction === 'exit' || name === 'procexit'),
  );
  if (type === undefined) throw new Error(`there is no event ${name}`);
  return type.code;
}

function told(
  name: string,
  { result = 0, numbers = [0, 0], subject = '', detail = '', paths = [''] }: Given,
): string {
  const records = new Records(1, new TextBudget(10_000));
  records.setHead(0, 7, 1, codeOf(name), 42, result);
  records.setNumbers(0, ...numbers);
  records.setTexts(0, 'sh', toByteText(subject), toByteText(detail));
  const [first, second = ''] = paths.map((path = '') => Buffer.from(path));
  if (first !== undefined && first.length > 0) records.setFirstPath(0, first, 0, first.length, 72);
  const other = Buffer.from(second);
  if (other.length > 0) records.setSecondPath(0, other, 0, other.length);
  const event = storyEventOf({ records, at: 0 });
  expect(event).toMatchObject({ timeNs: String(2 ** 32 + 7), type: name, pid: 42, processName: 'sh' });
  return event.text;
}

const LOOPBACK = 0x7f000001 | 0;

test.each<[string, Given, string]>([
  ['execve', { subject: '/usr/bin/sh', detail: '-c\0id\0' }, 'ran /usr/bin/sh -c id'],
  ['execve', { subject: '/bin/busybox', detail: 'x\0' }, 'ran sh x (/bin/busybox)'],
  ['execve', { subject: '/usr/bin/sh', detail: '--token\0abcdef\0' }, 'ran /usr/bin/sh --token ***'],
  ['execve', { result: -13, paths: ['/x/y'] }, 'could not run /x/y: EACCES'],
  ['openat', { subject: '/etc/shadow', numbers: [0x1, 0] }, 'opened /etc/shadow for reading'],
  [
    'openat',
    { subject: '/tmp/日本', numbers: [0x7, 0] },
    'opened /tmp/日本 for reading and writing, made if missing',
  ],
  ['openat', { result: -13, paths: ['/a'], numbers: [0x2, 0] }, 'could not open /a for writing: EACCES'],
  ['connect', { numbers: [LOOPBACK, 443] }, 'connected to 127.0.0.1:443'],
  ['connect', { result: -115, numbers: [LOOPBACK, 443] }, 'began to connect to 127.0.0.1:443'],
  ['connect', { result: -111, numbers: [LOOPBACK, 1] }, 'could not connect to 127.0.0.1:1: ECONNREFUSED'],
  ['connect', { subject: `${'\0'.repeat(15)}\x01`, numbers: [0, 53] }, 'connected to [::1]:53'],
  ['connect', { subject: 'ffff->0 /run/docker.sock' }, 'connected to /run/docker.sock'],
  ['connect', { result: -13, paths: ['/run/x.sock'] }, 'could not connect to /run/x.sock: EACCES'],
  ['accept4', { numbers: [LOOPBACK, 40_000] }, 'took a connection from 127.0.0.1:40000'],
  ['bind', { numbers: [0, 80] }, 'took the address 0.0.0.0:80'],
  ['listen', { numbers: [0, 80] }, 'listened at 0.0.0.0:80'],
  ['clone', { result: 77, numbers: [77, 0] }, 'started process 77'],
  ['clone', { result: 7 }, 'started a process'],
  ['procexit', {}, 'ended'],
  ['procexit', { numbers: [0x200, 0] }, 'ended with status 2'],
  ['procexit', { numbers: [9, 0] }, 'was ended by SIGKILL'],
  ['unlinkat', { paths: ['/var/log/x'] }, 'removed /var/log/x'],
  ['renameat2', { paths: ['/a', '/b'] }, 'renamed /a to /b'],
  ['fchmodat', { paths: ['/a'], numbers: [0o755, 0] }, 'changed the mode of /a to 0755'],
  ['fchown', { subject: '/a' }, 'changed the owner of /a'],
  ['mkdir', { paths: ['/a'], result: -1 }, 'could not make the directory /a: EPERM'],
  ['symlinkat', { paths: ['/etc/shadow', 'x'] }, 'linked /etc/shadow as x'],
  ['mount', { paths: ['/dev/sda', '/mnt'] }, 'mounted /dev/sda at /mnt'],
  ['umount2', { paths: ['/mnt'] }, 'unmounted /mnt'],
  ['memfd_create', { paths: ['x'] }, 'made the file in memory x'],
  ['setuid', { numbers: [0, 0] }, 'became user 0'],
  ['setresgid', { numbers: [-1, 5] }, 'became group 5'],
  ['kill', { numbers: [12, 15] }, 'sent SIGTERM to process 12'],
  ['ptrace', { numbers: [12, 11] }, 'traced process 12'],
  ['setns', {}, 'called setns'],
  ['bpf', { result: -1 }, 'could not call bpf: EPERM'],
])('%s %j', (name, given, expected) => {
  expect(told(name, given)).toBe(expected);
});
