/** A gzip file as the bytes that it unpacks to. Several members in a row are one stream; memory is bounded. */

import { Fault } from '@peregrine/base';
import type { ByteInput } from '@peregrine/events';
import { DeflateStream } from './deflate-stream.ts';
import { PieceInput } from './piece-input.ts';

const MAGIC_1 = 0x1f;
const MAGIC_2 = 0x8b;
const METHOD_DEFLATE = 8;
const headerFlag = { checksum: 1 << 1, extra: 1 << 2, name: 1 << 3, comment: 1 << 4 } as const;
const NOTHING = new Uint8Array(0);

export function isGzip(head: Uint8Array): boolean {
  return head[0] === MAGIC_1 && head[1] === MAGIC_2;
}

export function gzipInput(input: ByteInput): ByteInput {
  return new GzipInput(input);
}

class GzipInput implements ByteInput {
  readonly #input: PieceInput;
  /** Not imported: plain captures need no `node:zlib`, which loads streams. */
  readonly #crc32 = process.getBuiltinModule('node:zlib').crc32;
  /** Of the present member, until its data ends. */
  #stream: DeflateStream | undefined;
  #isFirst = true;
  #checksum = 0;
  #sizeBytes = 0;
  /** Unpacked and not yet taken from `#position` on. */
  #output: Uint8Array = NOTHING;
  #position = 0;
  /** What went wrong: once told, told again. */
  #fault: unknown;

  constructor(input: ByteInput) {
    this.#input = new PieceInput(input);
  }

  read(target: Uint8Array, offset: number, size: number): number {
    while (this.#position === this.#output.length) {
      if (this.#fault !== undefined) throw this.#fault;
      try {
        if (!this.#advance()) return 0;
      } catch (error) {
        this.#fault = error;
      }
    }
    const from = this.#position;
    this.#position = Math.min(from + size, this.#output.length);
    target.set(this.#output.subarray(from, this.#position), offset);
    return this.#position - from;
  }

  close(): void {
    this.#input.close();
  }

  /** Goes a step on; false at the end of the last member. */
  #advance(): boolean {
    if (this.#stream === undefined) return this.#beginMember();
    this.#unpack(this.#stream);
    return true;
  }

  #unpack(stream: DeflateStream): void {
    const input = this.#input;
    const from = input.offset;
    const piece = input.piece();
    if (piece.length === 0) throw endsEarly(from);
    try {
      this.#output = stream.push(piece);
    } catch (cause) {
      throw new Fault(
        'capture-malformed',
        `the compressed file is damaged between byte ${from} and byte ${input.offset}`,
        { cause },
      );
    }
    this.#position = 0;
    this.#checksum = this.#crc32(this.#output, this.#checksum);
    this.#sizeBytes += this.#output.length;
    const surplus = stream.bytesBehindEnd();
    if (surplus === undefined) return;
    input.putBack(surplus);
    this.#stream = undefined;
    this.#endMember();
  }

  #endMember(): void {
    const from = this.#input.offset;
    const checksum = this.#u32();
    const sizeBytes = this.#u32();
    const wrong =
      checksum !== this.#checksum
        ? 'checksum'
        : sizeBytes !== this.#sizeBytes % 2 ** 32
          ? 'length'
          : undefined;
    if (wrong === undefined) return;
    throw new Fault(
      'capture-malformed',
      `the compressed file is damaged before byte ${from}: its ${wrong} differs`,
    );
  }

  /** False where no further member begins: at the end, or at padding after the last one. */
  #beginMember(): boolean {
    const input = this.#input;
    const from = input.offset;
    const first = input.byte();
    const isMember = first === MAGIC_1 && input.byte() === MAGIC_2;
    if (!isMember && !this.#isFirst) return false;
    if (!isMember || this.#u8() !== METHOD_DEFLATE) {
      throw new Fault(
        'capture-malformed',
        `the compressed file has a header of an unknown kind at byte ${from}`,
      );
    }
    const flags = this.#u8();
    this.#skip(6);
    if (flags & headerFlag.extra) this.#skip(this.#u16());
    if (flags & headerFlag.name) while (this.#u8() !== 0);
    if (flags & headerFlag.comment) while (this.#u8() !== 0);
    if (flags & headerFlag.checksum) this.#skip(2);
    this.#stream = new DeflateStream();
    this.#isFirst = false;
    this.#checksum = 0;
    this.#sizeBytes = 0;
    return true;
  }

  #u8(): number {
    const byte = this.#input.byte();
    if (byte < 0) throw endsEarly(this.#input.offset);
    return byte;
  }

  #u16(): number {
    return this.#u8() | (this.#u8() << 8);
  }

  #u32(): number {
    return this.#u16() + this.#u16() * 2 ** 16;
  }

  #skip(count: number): void {
    for (let i = 0; i < count; i++) this.#u8();
  }
}

function endsEarly(offset: number): Fault {
  return new Fault('capture-truncated', `the compressed file ends early, at byte ${offset}`);
}
