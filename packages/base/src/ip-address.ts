/** Addresses of the internet protocol: how they are held, and how people write them. */

/**
 * A 128-bit address is its 16 bytes as byte text; a 32-bit address is an unsigned integer with the first octet
 * highest. So `===` compares addresses of either family, and an address never equals one of the other family.
 */
export type IpAddress = number | string;

/** A dotted quad, or IPv6 in its shortest form (RFC 5952, with an embedded IPv4 address as `inet_ntop` has it). */
export function renderIp(address: IpAddress): string {
  return typeof address === 'number' ? renderIp4(address) : renderIp6(address);
}

function renderIp4(address: number): string {
  return `${(address >>> 24) & 255}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

function renderIp6(bytes: string): string {
  const words: number[] = [];
  for (let i = 0; i < 16; i += 2)
    words.push(((bytes.charCodeAt(i) & 255) << 8) | (bytes.charCodeAt(i + 1) & 255));
  const gap = longestZeros(words);
  const isIp4Inside = gap.start === 0 && (gap.length === 6 || (gap.length === 5 && words[5] === 0xffff));
  const wordCount = isIp4Inside ? 6 : 8;
  const texts = words.slice(0, wordCount).map((word) => word.toString(16));
  if (isIp4Inside) texts.push(renderIp4((((words[6] ?? 0) << 16) | (words[7] ?? 0)) >>> 0));
  if (gap.length < 2) return texts.join(':');
  const before = texts.slice(0, gap.start).join(':');
  return `${before}::${texts.slice(gap.start + gap.length).join(':')}`;
}

/** The first of the longest runs of zero words. */
function longestZeros(words: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let i = 0; i <= words.length; i++) {
    if (i < words.length && words[i] === 0) continue;
    if (i - start > best.length) best = { start, length: i - start };
    start = i + 1;
  }
  return best;
}

/** With a dot but no colon IPv4, otherwise IPv6. */
export function parseIp(text: string): IpAddress | undefined {
  return text.includes('.') && !text.includes(':') ? parseIp4(text) : parseIp6(text);
}

/** Four decimal octets to an unsigned 32-bit integer. */
function parseIp4(text: string): number | undefined {
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
function parseIp6(text: string): string | undefined {
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
