import { parseIp } from '@peregrine/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseGroups, parseUsers } from './accounts.ts';
import { parseCgroups } from './cgroups.ts';
import { KeyedLines } from './keyed-lines.ts';
import { openFlagsOf } from './open-flags.ts';
import { parseInternet, parseNetlink, parseUnix } from './socket-tables.ts';
import { parseStat, parseStatus } from './status.ts';

describe('addresses', () => {
  const v6 = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1');
  test.each([
    ['10.0.0.1', 0x0a000001],
    ['255.255.255.255', 0xffffffff],
    ['::', v6('00'.repeat(16))],
    ['fe80::1', v6(`fe80${'00'.repeat(13)}01`)],
    ['2001:db8:1:2:3:4:5:6', v6('20010db8000100020003000400050006')],
    ['ffff:ffff:ffff:ffff::', v6(`${'ff'.repeat(8)}${'00'.repeat(8)}`)],
    ['256.0.0.1', undefined],
    ['1:2:3', undefined],
    ['', undefined],
  ])('%s', (text, ip) => {
    expect(parseIp(text)).toBe(ip);
  });
});

test.each([
  [0o0, 1],
  [0o1, 2],
  [0o2, 3],
  [0o100000, 0x801],
  [0o2000000, 0x1001],
  [0o4010001, 0x92],
  [0o202000, 0x409],
])('open flags %o', (linux, event) => {
  expect(openFlagsOf(linux)).toBe(event);
});

test('control groups of one hierarchy', () => {
  expect(parseCgroups('0::/a.slice/b\n')).toBe(
    ['cpuset', 'cpu', 'cpuacct', 'io', 'memory'].map((name) => `${name}=/a.slice/b\0`).join(''),
  );
});

test('lines with keys, in order or not', () => {
  const lines = new KeyedLines('Name:\tsh\nPPid:\t10\nPid:\t7\nGroups:\t6 20 \nLast:\t\n');
  const keys = ['Pid', 'Name', 'Groups', 'PPid', 'Last', 'pid', 'Nam', 'Name'];
  const values = keys.map((key) => lines.value(key));
  expect(values).toEqual(['7', 'sh', '6 20', '10', '', undefined, undefined, 'sh']);
  expect(new KeyedLines('').value('Pid')).toBeUndefined();
});

test('no text makes a parser throw', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc
      .array(fc.constantFrom(' ', '\t', ':', '\n', '(', ')', '0', 'F', 'Tgid', 'Uid', '-', '00000000:0000'), {
        maxLength: 40,
      })
      .map((words) => words.join('')),
  );
  fc.assert(
    fc.property(text, (input) => {
      parseStatus(input);
      parseStat(input);
      parseCgroups(input);
      parseUsers(input, '');
      parseGroups(input, '');
      parseInternet(input, 2, new Map());
      parseUnix(input, new Map());
      parseNetlink(input, new Map());
      parseIp(input);
    }),
    { numRuns: 2_000 },
  );
});
