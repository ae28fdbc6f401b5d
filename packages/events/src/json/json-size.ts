/** How large a value is as compact JSON, and how deep, found by going over its bytes. */

import type { JsonNode } from './json-node.ts';
import { scanner } from './json-scanner.ts';

/** Deeper values are nobody's events, and would exhaust the stack of whoever walks them. */
export const MOST_DEPTH = 200;

export type Measured = 'fits' | 'too_large' | 'too_deep';

/** Blanks between values do not count, since whoever sends them is free to leave them out. */
export function measureJson(node: JsonNode, limitBytes: number): Measured {
  const { tape, start, end } = node;
  if (tape.deepest > MOST_DEPTH && depthOf(node) > MOST_DEPTH) return 'too_deep';
  return end - start <= limitBytes || compactBytes(tape.bytes, start, end) <= limitBytes
    ? 'fits'
    : 'too_large';
}

function depthOf({ tape, start, end }: JsonNode): number {
  scanner.scan(tape.bytes, start, end, 0);
  return scanner.deepest;
}

function compactBytes(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  let isText = false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (isText || byte > 0x20) count++;
    if (byte === 0x22) isText = !isText;
    else if (byte === 0x5c && isText) {
      // What is escaped ends nothing.
      at++;
      count++;
    }
  }
  return count;
}
