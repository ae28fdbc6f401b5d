/** Reads the records of one segment in order, and steps over damage. */

import type { JournalFile } from './disk.ts';
import { decodeRecord, type FoundRecord, HEADER_BYTES, isRecord } from './record.ts';

const CHUNK_BYTES = 256 * 1024;

export interface PlacedRecord extends FoundRecord {
  /** Where it begins in the file. */
  readonly offset: number;
  readonly endOffset: number;
}

export class SegmentReader {
  readonly #file: JournalFile;
  readonly #expected: { readonly salt: number; leastSeq: number };
  #bytes: Buffer = Buffer.alloc(0);
  /** Offset in the file of the first byte of `#bytes`. */
  #start: number;
  /** Position of the next record within `#bytes`. */
  #at = 0;

  /** Bytes that were stepped over since they are no records. */
  damagedBytes = 0;

  /** Begins at `offset`, where the record `leastSeq` is expected. */
  constructor(file: JournalFile, options: { salt: number; leastSeq: number; offset: number }) {
    this.#file = file;
    this.#expected = { salt: options.salt, leastSeq: options.leastSeq };
    this.#start = options.offset;
  }

  /** Where the next record is looked for. */
  get offset(): number {
    return this.#start + this.#at;
  }

  /** The next record that begins and ends before `endOffset`; `undefined` when there is none. */
  async next(endOffset: number): Promise<PlacedRecord | undefined> {
    let damageAt: number | undefined;
    for (;;) {
      const found = decodeRecord(this.#bytes, this.#at, this.#expected);
      if (isRecord(found) && this.#start + found.end <= endOffset) {
        const offset = this.offset;
        this.#at = found.end;
        this.#expected.leastSeq = found.seq + 1;
        if (damageAt !== undefined) this.damagedBytes += offset - damageAt;
        return { ...found, offset, endOffset: this.offset };
      }
      if (!isRecord(found) && found.kind === 'partial' && this.offset + found.needs <= endOffset) {
        if (await this.#fill(found.needs, endOffset)) continue;
      }
      if (this.offset + HEADER_BYTES > endOffset) {
        // Nothing can follow; what is left is told of by the caller, who knows whether it is torn or lost.
        if (damageAt !== undefined) this.#seek(damageAt);
        return undefined;
      }
      damageAt ??= this.offset;
      this.#at++;
    }
  }

  /** Forgets what was read ahead and goes on at `offset`. */
  #seek(offset: number): void {
    this.#bytes = Buffer.alloc(0);
    this.#start = offset;
    this.#at = 0;
  }

  /** Whether there is more than before. */
  async #fill(needs: number, endOffset: number): Promise<boolean> {
    const had = this.#bytes.length - this.#at;
    const position = this.offset;
    const wanted = Math.min(Math.max(needs, CHUNK_BYTES), endOffset - position);
    if (wanted <= had) return false;
    const bytes = await this.#file.read(position, wanted);
    if (bytes.length <= had) return false;
    this.#bytes = bytes;
    this.#start = position;
    this.#at = 0;
    return true;
  }
}
