/** IP networks as text, to the values that conditions compare. */

import { parseIp } from '@peregrine/base';

export type IpNetwork =
  | { readonly kind: 'net4'; readonly address: number; readonly mask: number }
  | { readonly kind: 'net6'; readonly address: string; readonly prefixBits: number };

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
