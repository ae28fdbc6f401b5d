/** IP addresses and networks as text, to the values that conditions compare. */

import type { IpAddress } from '@peregrine/base';
export type IpNetwork =
  | { readonly kind: 'net4'; readonly address: number; readonly mask: number }
  | { readonly kind: 'net6'; readonly address: string; readonly prefixBits: number };

/** With a dot but no colon IPv4, otherwise IPv6. */
export function parseIp(text: string): IpAddress | undefined {
  return text.includes('.') && !text.includes(':') ? parseIp4(text) : parseIp6(text);
}

/** Four decimal octets to an unsigned 32-bit integer. */
export function parseIp4(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  let address = 0;
  for (let i = 1; i <= 4; i++) {
    const digits = match[i] ?? '';
    const octet = Number(digits);
    if (octet > 255 || (digits.length > 1 && digits.startsWith('0'))) return undefined;
    address = address * 256 + octet;
  }
  return address;
}

/** Sixteen bytes as byte text. */
export function parseIp6(text: string): string | undefined {
  let rest = text;
  let tail = '';
  const dotted = /^(.*:)([^:]*\.[^:]*)$/.exec(text);
  if (dotted !== null) {
    const address = parseIp4(dotted[2] ?? '');
    if (address === undefined) return undefined;
    tail = String.fromCharCode(address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255);
    rest = dotted[1] ?? '';
    // The colon before the dotted part ends a group, unless it is the second of a gap.
    if (!rest.endsWith('::')) rest = rest.slice(0, -1);
  }
  const halves = rest.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '');
  const back = halves.length === 2 ? parseGroups(halves[1] ?? '') : '';
  if (head === undefined || back === undefined) return undefined;
  const missing = 16 - head.length - back.length - tail.length;
  if (halves.length === 2 ? missing < 2 : missing !== 0) return undefined;
  return head + '\0'.repeat(missing) + back + tail;
}

function parseGroups(text: string): string | undefined {
  if (text === '') return '';
  let bytes = '';
  for (const group of text.split(':')) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    const value = Number.parseInt(group, 16);
    bytes += String.fromCharCode(value >> 8, value & 255);
  }
  return bytes;
}

/** `address/length`; a bare address is none. */
export function parseNetwork(text: string): IpNetwork | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const length = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(length)) return undefined;
  const prefixBits = Number(length);
  const address = parseIp(text.slice(0, slash));
  if (typeof address === 'number') {
    if (prefixBits > 32) return undefined;
    const mask = prefixBits === 0 ? 0 : (0xffffffff << (32 - prefixBits)) >>> 0;
    return { kind: 'net4', address: (address & mask) >>> 0, mask };
  }
  if (address === undefined || prefixBits > 128) return undefined;
  return { kind: 'net6', address, prefixBits };
}
