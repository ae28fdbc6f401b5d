/** Networks of addresses, and those that a machine cannot do without. */

import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { type IpAddress, parseIp, renderIp } from '@peregrine/base';

export interface Network {
  readonly address: IpAddress;
  /** Bits from the left that count. */
  readonly bitCount: number;
}

/** An address, or `ADDRESS/BITS`; `undefined` for what is neither. */
export function parseNetwork(text: string): Network | undefined {
  const [, written = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = parseAddress(written);
  if (address === undefined) return undefined;
  const most = typeof address === 'number' ? 32 : 128;
  const bitCount = bits === undefined ? most : Number(bits);
  return bitCount <= most ? { address, bitCount } : undefined;
}

/** An IPv4 address in IPv6's clothes is taken for what it is; `%eth0` after an address is left out. */
export function parseAddress(text: string): IpAddress | undefined {
  const address = parseIp(text.replace(/%.*$/, ''));
  if (typeof address !== 'string' || !address.startsWith(`${'\0'.repeat(10)}\xff\xff`)) return address;
  return [...address.slice(12)].reduce((sum, byte) => sum * 256 + byte.charCodeAt(0), 0);
}

export function isWithin(address: IpAddress, network: Network): boolean {
  const [one, other] = [bytesOf(address), bytesOf(network.address)];
  if (one.length !== other.length) return false;
  return one.every((byte, index) => {
    const bits = Math.min(8, Math.max(0, network.bitCount - index * 8));
    const mask = (0xff00 >> bits) & 0xff;
    return (byte & mask) === ((other[index] ?? 0) & mask);
  });
}

function bytesOf(address: IpAddress): readonly number[] {
  return typeof address === 'number'
    ? [address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255]
    : [...address].map((byte) => byte.charCodeAt(0));
}

/** The machine itself, everybody at once, and nobody. */
const special: readonly string[] = [
  ...['0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/4', '255.255.255.255'],
  ...['::/127', 'ff00::/8'],
];

/** Why blocking the address would hurt the machine; `undefined`: it would not. */
export function whyNeeded(address: IpAddress, protectedOnes: readonly string[]): string | undefined {
  const text = renderIp(address);
  const isIn = (networks: readonly string[]): string | undefined =>
    networks.find((written) => {
      const network = parseNetwork(written);
      return network !== undefined && isWithin(address, network);
    });
  const within = isIn(special);
  if (within !== undefined) return `address ${text} is in ${within}, which is no other machine`;
  if (isIn(ownAddresses()) !== undefined) return `address ${text} is this machine's own`;
  if (isIn(gateways()) !== undefined) return `address ${text} is a gateway of this machine`;
  const named = isIn(protectedOnes);
  return named === undefined ? undefined : `address ${text} is protected: \`response.protected.addresses\``;
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((list = []) => list.map(({ address }) => address));
}

/** Of all routes that have one. */
export function gateways(
  routes4 = readOrEmpty('/proc/net/route'),
  routes6 = readOrEmpty('/proc/net/ipv6_route'),
): readonly string[] {
  const of4 = routes4.split('\n').flatMap((line) => {
    const [, , gateway = ''] = line.split('\t');
    // As the machine keeps numbers: the last octet first.
    const octets = /^[0-9A-F]{8}$/i.test(gateway) ? [...Buffer.from(gateway, 'hex')].reverse() : [];
    return octets.some((octet) => octet !== 0) ? [octets.join('.')] : [];
  });
  const of6 = routes6.split('\n').flatMap((line) => {
    const gateway = line.split(/\s+/)[4] ?? '';
    return /^[0-9a-f]{32}$/.test(gateway) && /[^0]/.test(gateway)
      ? [gateway.replace(/(.{4})(?!$)/g, '$1:')]
      : [];
  });
  return [...of4, ...of6];
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
