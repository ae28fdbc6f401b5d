/** One event in a buffer of its own, read and written parameter by parameter. For conversions, not for live events. */

import type { EventType } from '../event-type.ts';
import { eventTypeOf } from '../types/roster.ts';
import { OLD_HEADER_BYTES } from './capture-format.ts';
import { HEADER_BYTES } from './event-view.ts';

/** COMPAT: the reference refuses converted events beyond 64 KiB. */
const CAPACITY_BYTES = 65_536 + 1_024;
const MAX_PARAMS = 64;
const COUNT_BYTES = HEADER_BYTES - OLD_HEADER_BYTES;

export class EventBuffer {
  readonly bytes = new Uint8Array(CAPACITY_BYTES);
  readonly data = new DataView(this.bytes.buffer);
  readonly #offsets = new Int32Array(MAX_PARAMS + 1);
  code = 0;
  paramCount = 0;
  size = 0;
  #lengthBytes = 2;
  /** Parameters written since `begin`. */
  #written = 0;
  #isOverfull = false;

  clear(): void {
    this.paramCount = 0;
    this.size = 0;
  }

  tid(): number {
    return this.data.getInt32(8, true);
  }

  /** Takes in an event with a version 2 header; false when it is not whole or does not add up. */
  load(bytes: Uint8Array, start: number, end: number): boolean {
    this.clear();
    const size = end - start;
    if (size < HEADER_BYTES) return false;
    this.bytes.set(bytes.subarray(start, start + Math.min(size, CAPACITY_BYTES)));
    const length = this.data.getUint32(16, true);
    if (length > size || length > CAPACITY_BYTES) return false;
    return this.#index(length);
  }

  /** Takes in an event of `size` bytes with a version 1 header, and gives it its number of parameters. */
  loadOld(bytes: Uint8Array, start: number, size: number, paramCount: number): boolean {
    this.clear();
    if (size + COUNT_BYTES > CAPACITY_BYTES) return false;
    this.bytes.set(bytes.subarray(start, start + OLD_HEADER_BYTES));
    this.bytes.set(bytes.subarray(start + OLD_HEADER_BYTES, start + size), HEADER_BYTES);
    this.data.setUint32(16, size + COUNT_BYTES, true);
    this.data.setUint32(OLD_HEADER_BYTES, paramCount, true);
    return this.#index(size + COUNT_BYTES);
  }

  #index(size: number): boolean {
    const { data } = this;
    const count = data.getUint32(22, true);
    const code = data.getUint16(20, true);
    const lengthBytes = eventTypeOf(code)?.lengthBytes ?? 2;
    if (count > MAX_PARAMS) return false;
    let offset = HEADER_BYTES + count * lengthBytes;
    if (offset > size) return false;
    this.#offsets[0] = offset;
    for (let i = 0; i < count; i++) {
      const at = HEADER_BYTES + i * lengthBytes;
      offset += lengthBytes === 2 ? data.getUint16(at, true) : data.getUint32(at, true);
      this.#offsets[i + 1] = offset;
    }
    if (offset !== size) return false;
    this.code = code;
    this.paramCount = count;
    this.size = size;
    return true;
  }

  /** A parameter's bytes in place. */
  param(index: number): Uint8Array {
    if (index >= this.paramCount) return this.bytes.subarray(0, 0);
    return this.bytes.subarray(this.#offsets[index], this.#offsets[index + 1]);
  }

  /** Starts an event of the type with the header of another one. */
  begin(header: EventBuffer, type: EventType, paramCount: number): void {
    this.bytes.set(header.bytes.subarray(0, HEADER_BYTES));
    this.code = type.code;
    this.#lengthBytes = type.lengthBytes;
    this.paramCount = paramCount;
    this.#written = 0;
    this.#isOverfull = paramCount > MAX_PARAMS;
    this.size = HEADER_BYTES + paramCount * type.lengthBytes;
    this.#offsets[0] = this.size;
  }

  copyParam(from: EventBuffer, index: number): void {
    this.#add(from.param(index));
  }

  addZeros(size: number): void {
    this.#add(ZEROS.subarray(0, size));
  }

  /** Byte text, with the NUL that text parameters end in. */
  addText(text: string): void {
    this.#add(Buffer.from(`${text}\0`, 'latin1'));
  }

  #add(value: Uint8Array): void {
    const limit = this.#lengthBytes === 2 ? 0xffff : CAPACITY_BYTES;
    if (this.#isOverfull || value.length > limit || this.size + value.length > CAPACITY_BYTES) {
      this.#isOverfull = true;
      return;
    }
    const at = HEADER_BYTES + this.#written * this.#lengthBytes;
    if (this.#lengthBytes === 2) this.data.setUint16(at, value.length, true);
    else this.data.setUint32(at, value.length, true);
    this.bytes.set(value, this.size);
    this.size += value.length;
    this.#offsets[++this.#written] = this.size;
  }

  /** Completes the header; false when the event did not fit. */
  finish(): boolean {
    if (this.#isOverfull) return false;
    this.data.setUint32(16, this.size, true);
    this.data.setUint16(20, this.code, true);
    this.data.setUint32(22, this.paramCount, true);
    return true;
  }
}

const ZEROS = new Uint8Array(8);
