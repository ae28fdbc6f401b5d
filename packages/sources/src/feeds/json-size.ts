/** How large a document is as compact JSON, and how deep: found by walking it, which is far cheaper than writing it. */

import type { Json } from '@peregrine/base';

/** Deeper documents are nobody's events, and would exhaust the stack of whoever walks them. */
export const MOST_DEPTH = 200;

export type Measured = 'fits' | 'too_large' | 'too_deep';

/** Bytes are counted as UTF-16 units, escapes and the punctuation included roughly: within a few percent. */
export function measureJson(value: Json, limitBytes: number): Measured {
  const left = walk(value, limitBytes, 0);
  if (left === TOO_DEEP) return 'too_deep';
  return left < 0 ? 'too_large' : 'fits';
}

const TOO_DEEP = Number.NEGATIVE_INFINITY;

/** What is left of the room after the value; negative when it did not fit. */
function walk(value: Json, room: number, depth: number): number {
  if (typeof value === 'string') return room - value.length - 2;
  if (typeof value !== 'object' || value === null) return room - 5;
  if (depth >= MOST_DEPTH) return TOO_DEEP;
  let left = room - 2;
  if (Array.isArray(value)) {
    for (const item of value) {
      if (left < 0) return left;
      left = walk(item, left - 1, depth + 1);
    }
    return left;
  }
  for (const key in value) {
    if (left < 0) return left;
    const member = (value as { readonly [key: string]: Json })[key]; // An object, as it is neither of the others.
    left = walk(member ?? null, left - key.length - 4, depth + 1);
  }
  return left;
}
