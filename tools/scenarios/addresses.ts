/** Addresses as scenarios write them, in the form that events and tables have. */

import { type IpAddress, parseIp } from '@peregrine/base';

/** IPv4: unsigned 32-bit, first octet highest. IPv6: 16 bytes as byte text. Throws when it is neither. */
export function parseAddress(text: string): IpAddress {
  const address = parseIp(text);
  if (address === undefined) throw new Error(`\`${text}\` is not an address`);
  return address;
}
