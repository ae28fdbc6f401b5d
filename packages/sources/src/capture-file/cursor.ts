/** Reads fields one after another out of untrusted bytes; running over the end is a fault, never a wrong value. */

import { Fault } from '@peregrine/base';

export class Cursor {
  readonly #bytes: Uint8Array;
  readonly #data: DataView;
  #position = 0;
  #end: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.length;
  }

  get position(): number {
    return this.#position;
  }

  get left(): number {
    return this.#end - this.#position;
  }

  /** Limits what follows to `size` bytes; returns the former end, for `leave`. */
  enter(size: number): number {
    if (size < 0 || size > this.left) throw damaged();
    const outer = this.#end;
    this.#end = this.#position + size;
    return outer;
  }

  /** Skips what is left of an entry and lifts its limit. */
  leave(outer: number): void {
    this.#position = this.#end;
    this.#end = outer;
  }

  #take(size: number): number {
    const at = this.#position;
    if (size > this.#end - at) throw damaged();
    this.#position = at + size;
    return at;
  }

  skip(size: number): void {
    this.#take(size);
  }

  u8(): number {
    return this.#data.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#data.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#data.getUint32(this.#take(4), true);
  }

  /** In network order. */
  u32Network(): number {
    return this.#data.getUint32(this.#take(4), false);
  }

  bigU64(): bigint {
    return this.#data.getBigUint64(this.#take(8), true);
  }

  /** A number where it is exact, else a bigint. */
  u64(): number | bigint {
    const value = this.bigU64();
    return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }

  /** A 64-bit signed integer as a double; ids and limits, which are small. */
  i64(): number {
    return Number(this.#data.getBigInt64(this.#take(8), true));
  }

  /** `size` bytes as byte text. */
  bytes(size: number): string {
    const at = this.#take(size);
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + at, size).toString('latin1');
  }

  /** Byte text behind its length (16 bits). */
  text(): string {
    return this.bytes(this.u16());
  }
}

function damaged(): Fault {
  return new Fault('capture-malformed', 'the file has a metadata entry that runs over its end');
}
