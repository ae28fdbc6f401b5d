/**
 * Addresses. A 32-bit address is an unsigned integer with the first octet highest; a 128-bit address is its
 * 16 bytes as byte text. The same form as the rule language's `IpAddress`.
 */
export type IpBytes = number | string;

/** Bytes of an IPv6 address. */
const IPV6_BYTES = 16;

export function ipText(address: IpBytes): string {
  return typeof address === 'number' ? ipv4Text(address) : ipv6Text(address);
}

export function ipv4Text(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** RFC 5952: lower-case hex, the first longest run of two or more zero groups as `::`. */
export function ipv6Text(bytes: string): string {
  const groups: number[] = [];
  for (let i = 0; i < IPV6_BYTES; i += 2) groups.push((bytes.charCodeAt(i) << 8) | bytes.charCodeAt(i + 1));
  if (isEmbeddedIpv4(groups)) return `${mappedPrefix(groups)}${ipv4Text(wordAt(bytes, 12))}`;
  const run = longestZeroRun(groups);
  if (run.length < 2) return groups.map(hex).join(':');
  return `${groups.slice(0, run.start).map(hex).join(':')}::${groups
    .slice(run.start + run.length)
    .map(hex)
    .join(':')}`;
}

/** Unsigned 32-bit word of an address in network order. */
export function wordAt(bytes: string, offset: number): number {
  return (
    ((bytes.charCodeAt(offset) << 24) |
      (bytes.charCodeAt(offset + 1) << 16) |
      (bytes.charCodeAt(offset + 2) << 8) |
      bytes.charCodeAt(offset + 3)) >>>
    0
  );
}

/** `::ffff:a.b.c.d` and `::a.b.c.d` are written with the IPv4 part in decimal, as inet_ntop does. */
function isEmbeddedIpv4(groups: readonly number[]): boolean {
  for (let i = 0; i < 5; i++) if (groups[i] !== 0) return false;
  return groups[5] === 0xffff || (groups[5] === 0 && groups[6] !== 0);
}

function mappedPrefix(groups: readonly number[]): string {
  return groups[5] === 0xffff ? '::ffff:' : '::';
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (let i = 0; i < groups.length; i++) {
    length = groups[i] === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: i - length + 1, length };
  }
  return best;
}

function hex(group: number): string {
  return group.toString(16);
}
