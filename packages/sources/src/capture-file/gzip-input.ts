/** A gzip file as the bytes that it unpacks to. Several members in a row are one stream; memory is bounded. */

import { crc32 } from 'node:zlib';
import { Fault } from '@peregrine/base';
import type { ByteInput } from '@peregrine/events';
import { BitInput } from './bit-input.ts';
import { Inflater } from './inflate.ts';

const MAGIC_1 = 0x1f;
const MAGIC_2 = 0x8b;
const METHOD_DEFLATE = 8;
const headerFlag = { checksum: 1 << 1, extra: 1 << 2, name: 1 << 3, comment: 1 << 4 } as const;

export function isGzip(head: Uint8Array): boolean {
  return head[0] === MAGIC_1 && head[1] === MAGIC_2;
}

export function gzipInput(input: ByteInput): ByteInput {
  return new GzipInput(input);
}

class GzipInput implements ByteInput {
  readonly #input: BitInput;
  readonly #inflater: Inflater;
  #position = 0;
  #checksum = 0;
  #isInMember = false;
  #isFirst = true;
  /** What went wrong, once everything before it is delivered. */
  #fault: unknown;

  constructor(input: ByteInput) {
    this.#input = new BitInput(input);
    this.#inflater = new Inflater(this.#input);
  }

  read(target: Uint8Array, offset: number, size: number): number {
    while (this.#position === this.#inflater.end) {
      if (this.#fault !== undefined) throw this.#fault;
      try {
        if (!this.#advance()) return 0;
      } catch (error) {
        this.#fault = error;
      }
    }
    const count = Math.min(size, this.#inflater.end - this.#position);
    target.set(this.#inflater.output.subarray(this.#position, this.#position + count), offset);
    this.#position += count;
    return count;
  }

  close(): void {
    this.#input.close();
  }

  /** Unpacks some more; false at the end of the last member. */
  #advance(): boolean {
    if (!this.#isInMember) return this.#beginMember();
    if (this.#inflater.isDone) {
      this.#endMember();
      return true;
    }
    this.#position = this.#inflater.advance();
    const fresh = this.#inflater.output.subarray(this.#position, this.#inflater.end);
    this.#checksum = crc32(fresh, this.#checksum);
    return true;
  }

  /** False where no further member begins: at the end, or at padding after the last one. */
  #beginMember(): boolean {
    const input = this.#input;
    if (input.isAtEnd()) return false;
    const isMember = input.byte() === MAGIC_1 && !input.isAtEnd() && input.byte() === MAGIC_2;
    if (!isMember && !this.#isFirst) return false;
    if (!isMember || input.byte() !== METHOD_DEFLATE) {
      throw new Fault('capture-malformed', 'the compressed file has a header of an unknown kind');
    }
    const flags = input.byte();
    for (let i = 0; i < 6; i++) input.byte();
    if (flags & headerFlag.extra) for (let left = input.take(16); left > 0; left--) input.byte();
    if (flags & headerFlag.name) while (input.byte() !== 0);
    if (flags & headerFlag.comment) while (input.byte() !== 0);
    if (flags & headerFlag.checksum) input.take(16);
    input.verify();
    this.#inflater.reset();
    this.#position = 0;
    this.#checksum = 0;
    this.#isInMember = true;
    this.#isFirst = false;
    return true;
  }

  #endMember(): void {
    const checksum = (this.#input.take(16) | (this.#input.take(16) << 16)) >>> 0;
    this.#input.take(16);
    this.#input.take(16);
    this.#input.verify();
    if (checksum !== this.#checksum) {
      throw new Fault('capture-malformed', 'the compressed file is damaged: its checksum differs');
    }
    this.#isInMember = false;
  }
}
