/** Finds where in a file a char of a scalar's value stands: through quotes, escapes, folding and indentation. */

import { unescapeDouble } from './lean-scalars.ts';
import type { YamlScalar } from './yaml-node.ts';

/** Offset in `source` of the char `at` of the value of `scalar`; its end for `at` beyond the value. */
export function offsetInSource(source: string, scalar: YamlScalar, at: number): number {
  const { style, value } = scalar;
  let raw = scalar.start;
  if (style === 'literal' || style === 'folded') {
    const headerEnd = source.indexOf('\n', raw);
    if (headerEnd < 0) return raw;
    raw = headerEnd + 1;
  } else if (style !== 'plain') {
    raw++;
  }
  // Blanks may be folded or indentation; everything else stands in the same order in both texts.
  for (let i = 0; i < value.length; i++) {
    const isBlank = isBlankAt(value, i);
    if (!isBlank) while (raw < source.length && isBlankAt(source, raw)) raw++;
    if (i >= at) return raw;
    if (style === 'double' && source.charAt(raw) === '\\') {
      raw += escapeLength(source, raw);
    } else if (style === 'single' && source.startsWith("''", raw)) {
      raw += 2;
    } else if (!isBlank || isBlankAt(source, raw)) {
      raw++;
    }
  }
  return Math.min(raw, source.length);
}

function isBlankAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 32 || code === 10 || code === 9 || code === 13;
}

function escapeLength(source: string, at: number): number {
  for (const length of [2, 4, 6, 10]) {
    if (unescapeDouble(source.slice(at, at + length)) !== undefined) return length;
  }
  return 2;
}
