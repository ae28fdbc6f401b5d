import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderIp } from './ip-address.ts';

function ip6(...words: number[]): string {
  return words.map((word) => String.fromCharCode(word >> 8, word & 255)).join('');
}

test.each([
  [0, '0.0.0.0'],
  [0x7f000001, '127.0.0.1'],
  [0xffffffff, '255.255.255.255'],
  [ip6(0, 0, 0, 0, 0, 0, 0, 0), '::'],
  [ip6(0, 0, 0, 0, 0, 0, 0, 1), '::1'],
  [ip6(0x2001, 0xdb8, 0, 0, 1, 0, 0, 1), '2001:db8::1:0:0:1'],
  [ip6(0x2001, 0xdb8, 0, 1, 1, 1, 1, 1), '2001:db8:0:1:1:1:1:1'],
  [ip6(0xfe80, 0, 0, 0, 0, 0, 0, 0), 'fe80::'],
  [ip6(0, 0, 1, 0, 0, 0, 1, 0xabcd), '0:0:1::1:abcd'],
  [ip6(0, 0, 0, 0, 0, 0xffff, 0xc0a8, 0x0101), '::ffff:192.168.1.1'],
  [ip6(0, 0, 0, 0, 0, 0, 0xc0a8, 0x0101), '::192.168.1.1'],
])('%j is %s', (address, text) => {
  expect(renderIp(address)).toBe(text);
});

test('every IPv6 address has a text that reads as one', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      (octets) => isIP(renderIp(String.fromCharCode(...octets))) === 6,
    ),
  );
});
