import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ipText, ipv4Text, ipv6Text, wordAt } from './ip.ts';

const bytes = (...groups: number[]): string =>
  groups.map((group) => String.fromCharCode(group >> 8, group & 255)).join('');

test.each([
  [0x7f000001, '127.0.0.1'],
  [0xffffffff, '255.255.255.255'],
  [0, '0.0.0.0'],
])('IPv4 %d is %s', (address, text) => {
  expect(ipv4Text(address)).toBe(text);
  expect(ipText(address)).toBe(text);
});

test.each([
  [bytes(0, 0, 0, 0, 0, 0, 0, 1), '::1'],
  [bytes(0, 0, 0, 0, 0, 0, 0, 0), '::'],
  [bytes(0x2001, 0xdb8, 0, 0, 0, 0, 0, 4), '2001:db8::4'],
  [bytes(0x2001, 0xdb8, 0, 1, 0, 0, 0, 4), '2001:db8:0:1::4'],
  [bytes(0x2001, 0, 0, 1, 0, 0, 0x10, 4), '2001::1:0:0:10:4'],
  [bytes(1, 2, 3, 4, 5, 6, 7, 0), '1:2:3:4:5:6:7:0'],
  [bytes(0, 0, 0, 0, 0, 0xffff, 0x7f00, 1), '::ffff:127.0.0.1'],
])('IPv6 address %#', (address, text) => {
  expect(ipv6Text(address)).toBe(text);
  expect(ipText(address)).toBe(text);
});

test('every IPv6 address has a text that reads as one', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      (octets) => isIP(ipv6Text(String.fromCharCode(...octets))) === 6,
    ),
  );
});

test('a word is read in network order, unsigned', () => {
  expect(wordAt(bytes(0xff01, 0x0203), 0)).toBe(0xff010203);
});
