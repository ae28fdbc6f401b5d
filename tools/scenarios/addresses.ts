/** Addresses as scenarios write them, in the form that events and tables have. */

import { isIPv4, isIPv6 } from 'node:net';
import type { IpAddress } from '@peregrine/base';

/** IPv4: unsigned 32-bit, first octet highest. IPv6: 16 bytes as byte text. Throws when it is neither. */
export function parseAddress(text: string): IpAddress {
  if (isIPv4(text)) return text.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  if (!isIPv6(text)) throw new Error(`\`${text}\` is not an address`);
  const [head = '', tail] = text.split('::');
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  return [...before, ...zeros, ...after]
    .map((group) => String.fromCharCode(group >> 8, group & 255))
    .join('');
}

function groupsOf(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
