/** An input byte by byte or in pieces as they come, with what was too much put back. */

import type { ByteInput } from '@peregrine/events';

/** What a piece may unpack to is a thousand times as much. */
const PIECE_BYTES = 1 << 14;

export class PieceInput {
  readonly #input: ByteInput;
  readonly #buffer = new Uint8Array(PIECE_BYTES);
  #position = 0;
  #end = 0;
  /** Offset of the end of the buffer. */
  #endOffset = 0;

  constructor(input: ByteInput) {
    this.#input = input;
  }

  /** How many bytes were taken. */
  get offset(): number {
    return this.#endOffset - this.#end + this.#position;
  }

  /** The next byte; -1 at the end. */
  byte(): number {
    if (this.#position === this.#end) this.#refill();
    return this.#position < this.#end ? (this.#buffer[this.#position++] ?? -1) : -1;
  }

  /** Bytes at hand, at least one; none at the end. Good until the next call. */
  piece(): Uint8Array {
    if (this.#position === this.#end) this.#refill();
    const piece = this.#buffer.subarray(this.#position, this.#end);
    this.#position = this.#end;
    return piece;
  }

  /** Makes the last bytes of the last piece the next ones again. */
  putBack(count: number): void {
    this.#position -= count;
  }

  close(): void {
    this.#input.close();
  }

  #refill(): void {
    this.#position = 0;
    this.#end = this.#input.read(this.#buffer, 0, PIECE_BYTES);
    this.#endOffset += this.#end;
  }
}
