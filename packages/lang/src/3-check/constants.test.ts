/** Constants by type: what is read, as what, and what is refused. */

import type { ValueType } from '@peregrine/base';
import { describe, expect, test } from 'vitest';
import { parseConstant } from './constants.ts';

function valueIn(text: string, type: ValueType): unknown {
  const parsed = parseConstant(text, type);
  if (parsed.kind === 'invalid') return undefined;
  const { constant } = parsed;
  return constant.kind === 'scalar' ? constant.value : constant;
}

describe('parseConstant', () => {
  test.each<[string, ValueType, unknown]>([
    ['5', 'INT32', 5],
    ['+5', 'INT32', 5],
    ['007', 'UINT8', 7],
    ['-1', 'INT64', -1],
    ['-1', 'UINT32', 4294967295],
    ['-1', 'UINT64', 18446744073709551615n],
    ['9007199254740993', 'INT64', 9007199254740993n],
    ['true', 'BOOL', true],
    ['443', 'PORT', 443],
    ['https', 'PORT', 443],
    ['', 'PORT', 0],
    ['10', 'DOUBLE', 10],
    ['', 'CHARBUF', ''],
    ['\xc3\xa9', 'FSPATH', '\xc3\xa9'],
    ['a\0b', 'BYTEBUF', 'a\0b'],
    ['10.0.0.1', 'IPADDR', 0x0a000001],
    ['::1', 'IPADDR', `${'\0'.repeat(15)}\x01`],
    ['::ffff:1.2.3.4', 'IPADDR', `${'\0'.repeat(10)}\xff\xff\x01\x02\x03\x04`],
    ['1:2:3:4:5:6:7:8', 'IPADDR', '\0\x01\0\x02\0\x03\0\x04\0\x05\0\x06\0\x07\0\x08'],
    ['10.1.2.3/8', 'IPNET', { kind: 'net4', address: 0x0a000000, mask: 0xff000000, text: '10.1.2.3/8' }],
    ['0.0.0.0/0', 'IPNET', { kind: 'net4', address: 0, mask: 0, text: '0.0.0.0/0' }],
    [
      'fe80::/10',
      'IPNET',
      { kind: 'net6', address: `\xfe\x80${'\0'.repeat(14)}`, prefixBits: 10, text: 'fe80::/10' },
    ],
  ])('%s as %s', (text, type, value) => {
    expect(valueIn(text, type)).toEqual(value);
  });

  test.each<[string, ValueType]>([
    ['0x10', 'INT32'],
    ['1.5', 'INT32'],
    ['', 'INT32'],
    ['256', 'UINT8'],
    ['2147483648', 'INT32'],
    ['99999999999999999999', 'UINT64'],
    ['1', 'BOOL'],
    ['TRUE', 'BOOL'],
    ['no-such-service', 'PORT'],
    ['constructor', 'PORT'],
    ['70000', 'PORT'],
    ['1.5', 'DOUBLE'],
    ['a\0b', 'CHARBUF'],
    ['10.0.0.0/8', 'IPADDR'],
    ['10.0.0', 'IPADDR'],
    ['256.0.0.1', 'IPADDR'],
    ['1::2::3', 'IPADDR'],
    ['12345::', 'IPADDR'],
    ['10.0.0.1', 'IPNET'],
    ['::1', 'IPNET'],
    ['10.0.0.0/33', 'IPNET'],
    ['::/129', 'IPNET'],
    ['10.0.0.0/', 'IPNET'],
  ])('refuses %s as %s', (text, type) => {
    expect(valueIn(text, type)).toBeUndefined();
  });
});
