/** Huffman tables of compressed data: one look-up of as many bits as the longest code has. */

export const MAX_CODE_BITS = 15;

/** `table[bits & mask]` is a symbol shifted left by four, and the length of its code; 0 where no code fits. */
export interface HuffmanTable {
  readonly table: Uint16Array;
  readonly mask: number;
}

/**
 * Builds the table of the code lengths; `undefined` when there are too many codes. Incomplete codes are allowed:
 * what is missing decodes to nothing.
 */
export function buildHuffman(lengths: Uint8Array): HuffmanTable | undefined {
  const counts = new Uint16Array(MAX_CODE_BITS + 1);
  let longest = 1;
  for (const length of lengths) {
    if (length === 0) continue;
    counts[length] = (counts[length] as number) + 1;
    if (length > longest) longest = length;
  }
  const next = new Uint16Array(MAX_CODE_BITS + 2);
  let code = 0;
  for (let length = 1; length <= longest; length++) {
    next[length] = code;
    code += counts[length] as number;
    if (code > 1 << length) return undefined;
    code <<= 1;
  }
  const size = 1 << longest;
  const table = new Uint16Array(size);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol] as number;
    if (length === 0) continue;
    const step = 1 << length;
    const entry = (symbol << 4) | length;
    for (let at = reverse(next[length] as number, length); at < size; at += step) table[at] = entry;
    next[length] = (next[length] as number) + 1;
  }
  return { table, mask: size - 1 };
}

/** Codes stand in the stream with their first bit lowest. */
function reverse(code: number, length: number): number {
  let reversed = 0;
  for (let i = 0; i < length; i++) reversed |= ((code >> i) & 1) << (length - 1 - i);
  return reversed;
}
