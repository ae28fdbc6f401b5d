/** What was found in segments lately: a page, its timeline and its counts ask for the same, and ask again. */

import type { FoundRows } from '../segments/match-rows.ts';
import { RowSet } from '../segments/row-set.ts';
import type { Segment } from '../segments/segment.ts';
import type { ByteCache } from './byte-cache.ts';

/** Of what is kept beside the rows. */
const OVERHEAD_BYTES = 128;

/** Few rows are kept by their numbers, many as bits. */
type Found =
  | { readonly kind: 'few'; readonly rows: Uint16Array }
  | { readonly kind: 'many'; readonly words: Uint32Array };

const NONE: Found = { kind: 'few', rows: new Uint16Array() };

export class FoundRowsCache implements FoundRows {
  readonly #cache: ByteCache;

  /** Segments that are given never change. */
  constructor(cache: ByteCache) {
    this.#cache = cache;
  }

  rows(segment: Segment, key: string, find: () => RowSet): RowSet {
    const found = this.#cache.get<Found>(keyOf(segment, key), () => {
      const value = shortened(find());
      const { byteLength } = value.kind === 'few' ? value.rows : value.words;
      return { value, sizeBytes: byteLength + OVERHEAD_BYTES };
    });
    return setOf(segment, found);
  }

  known(segment: Segment, key: string): RowSet | undefined {
    const found = this.#cache.known<Found>(keyOf(segment, key));
    return found && setOf(segment, found);
  }
}

const keyOf = ({ id }: Segment, key: string): string => `${id}/=${key}`;

function setOf({ rowCount }: Segment, found: Found): RowSet {
  if (found.kind === 'many') return new RowSet(rowCount, found.words);
  const rows = new RowSet(rowCount);
  for (const row of found.rows) rows.add(row);
  return rows;
}

function shortened(rows: RowSet): Found {
  const { count, words } = rows;
  if (count === 0) return NONE;
  if (count * Uint16Array.BYTES_PER_ELEMENT >= words.byteLength) return { kind: 'many', words };
  const numbers = new Uint16Array(count);
  let at = 0;
  rows.forEach((row) => {
    numbers[at++] = row;
  });
  return { kind: 'few', rows: numbers };
}
