/** Reads a stream of bytes bit by bit, lowest bit first, from an input that may block. */

import { Fault } from '@peregrine/base';
import type { ByteInput } from '@peregrine/events';

const BUFFER_BYTES = 1 << 16;
/** With this many bits at hand, any code and the extra bits after a length code fit. */
const ENOUGH_BITS = 24;

export class BitInput {
  readonly #input: ByteInput;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #position = 0;
  #end = 0;
  #isAtEnd = false;
  /** The lowest `count` bits are the next of the stream. */
  bits = 0;
  count = 0;
  /** Zero bytes that were put after the end, so that a last short code can be looked up. */
  #padding = 0;

  constructor(input: ByteInput) {
    this.#input = input;
  }

  /** Makes at least 24 bits available. HOT. */
  fill(): void {
    while (this.count < ENOUGH_BITS) {
      const byte = this.#position < this.#end ? (this.#buffer[this.#position++] as number) : this.#nextByte();
      this.bits |= byte << this.count;
      this.count += 8;
    }
  }

  /** Up to 16 bits as a number. */
  take(size: number): number {
    if (this.count < size) this.fill();
    const value = this.bits & ((1 << size) - 1);
    this.bits >>>= size;
    this.count -= size;
    return value;
  }

  /** Drops what is left of the present byte. */
  align(): void {
    const odd = this.count & 7;
    this.bits >>>= odd;
    this.count -= odd;
  }

  byte(): number {
    return this.take(8);
  }

  /** Copies whole bytes; the stream must be aligned. Returns how many, at least one unless at the end. */
  copy(target: Uint8Array, offset: number, size: number): number {
    let copied = 0;
    while (this.count > 0 && copied < size) target[offset + copied++] = this.byte();
    if (copied === size) return copied;
    this.#checkEnd();
    if (this.#position === this.#end) this.#refill();
    const direct = Math.min(size - copied, this.#end - this.#position);
    target.set(this.#buffer.subarray(this.#position, this.#position + direct), offset + copied);
    this.#position += direct;
    return copied + direct;
  }

  /** Whether all bytes were taken. The stream must be aligned. */
  isAtEnd(): boolean {
    if (this.count > this.#padding * 8) return false;
    if (this.#position === this.#end && !this.#isAtEnd) this.#refill();
    return this.#position === this.#end;
  }

  /** INVARIANT: padding lies above all real bits, so taking any of it means that the stream was too short. */
  #checkEnd(): void {
    if (this.#padding * 8 > this.count) {
      throw new Fault('capture-truncated', 'the compressed file ends early');
    }
  }

  #nextByte(): number {
    this.#checkEnd();
    if (!this.#isAtEnd) this.#refill();
    if (this.#position < this.#end) return this.#buffer[this.#position++] as number;
    this.#padding++;
    return 0;
  }

  #refill(): void {
    this.#position = 0;
    this.#end = this.#isAtEnd ? 0 : this.#input.read(this.#buffer, 0, BUFFER_BYTES);
    if (this.#end === 0) this.#isAtEnd = true;
  }

  /** Fails if bits beyond the end were taken. */
  verify(): void {
    this.#checkEnd();
  }

  close(): void {
    this.#input.close();
  }
}
