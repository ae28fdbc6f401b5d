/** What was found in segments lately: a page, its timeline and its counts ask for the same, and ask again. */

import type { FoundRows } from '../segments/match-rows.ts';
import { RowSet } from '../segments/row-set.ts';
import type { Segment } from '../segments/segment.ts';
import type { ByteCache } from './byte-cache.ts';

/** Of what is kept beside the rows. */
const OVERHEAD_BYTES = 128;

export class FoundRowsCache implements FoundRows {
  readonly #cache: ByteCache;

  /** Segments that are given never change. */
  constructor(cache: ByteCache) {
    this.#cache = cache;
  }

  rows({ id, rowCount }: Segment, key: string, find: () => RowSet): RowSet {
    const words = this.#cache.get<Uint32Array | undefined>(`${id}/=${key}`, () => {
      const found = find();
      // Most segments have nothing of what is rare.
      if (found.isEmpty) return { value: undefined, sizeBytes: OVERHEAD_BYTES };
      return { value: found.words, sizeBytes: found.words.byteLength + OVERHEAD_BYTES };
    });
    return new RowSet(rowCount, words);
  }
}
