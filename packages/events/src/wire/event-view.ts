/**
 * One event, read in place. HOT: no allocation but for strings asked for the first time.
 *
 * The layout is the capture format's event (version 2): a packed header, then a length for each parameter, then the
 * values back to back. Live events have the same layout. The view is reused: it is good until the next `moveTo`.
 */

import type { TextInterner } from './text-interner.ts';

/** Bytes of the header: timestamp u64, tid u64, length u32, type u16, parameter count u32. */
export const HEADER_BYTES = 26;

const LENGTH_OFFSET = 16;

/** No event type has more than half as many. */
const MAX_PARAMS = 64;
const NANOSECONDS_PER_SECOND = 1_000_000_000;
const HIGH_WORD = 4_294_967_296;

export class EventView {
  readonly #interner: TextInterner;
  #bytes: Uint8Array = EMPTY_BYTES;
  #data: DataView = EMPTY_DATA;
  #start = 0;
  /** Offset of each parameter settled so far; `#offsets[i + 1] - #offsets[i]` is the size of parameter i. */
  readonly #offsets = new Int32Array(MAX_PARAMS + 1);
  /** Parameters whose offsets are in `#offsets`; -1 when not even the first is. */
  #settled = -1;

  /** Event code. */
  code = 0;
  paramCount = 0;
  /** Bytes of each length field. */
  #lengthBytes = 2;
  cpu = 0;
  /** Bits of `viewFlag`. */
  flags = 0;
  /** Number of the event in its source, from 1, events that were skipped included; 0 when the source counts none. */
  num = 0;

  constructor(interner: TextInterner) {
    this.#interner = interner;
  }

  /** Points the view into a buffer. Once per buffer, not per event. */
  attach(bytes: Uint8Array, data: DataView): void {
    this.#bytes = bytes;
    this.#data = data;
  }

  /** `start`: offset of the event header. `lengthBytes`: 2, or 4 for large events. */
  moveTo(start: number, lengthBytes: number, cpu: number): void {
    this.#start = start;
    this.#lengthBytes = lengthBytes;
    this.cpu = cpu;
    this.code = this.#data.getUint16(start + 20, true);
    this.paramCount = this.#data.getUint32(start + 22, true);
    this.#settled = -1;
  }

  /**
   * As `moveTo`, for bytes that nobody vouches for: false when the event does not lie whole within `end`, or when its
   * parameters do not add up to its length; the view is then of no use.
   */
  place(start: number, end: number, lengthBytes: number, cpu: number): boolean {
    const data = this.#data;
    const count = data.getUint32(start + 22, true);
    if (count > MAX_PARAMS) return false;
    const lengths = start + HEADER_BYTES;
    let offset = lengths + count * lengthBytes;
    if (offset > end) return false;
    const offsets = this.#offsets;
    offsets[0] = offset;
    if (lengthBytes === 2) {
      for (let i = 0; i < count; ) {
        offset += data.getUint16(lengths + i * 2, true);
        offsets[++i] = offset;
      }
    } else {
      for (let i = 0; i < count; ) {
        offset += data.getUint32(lengths + i * 4, true);
        offsets[++i] = offset;
      }
    }
    this.#settled = count;
    this.#start = start;
    this.#lengthBytes = lengthBytes;
    this.cpu = cpu;
    this.code = data.getUint16(start + 20, true);
    this.paramCount = count;
    return offset <= end && offset === start + data.getUint32(start + 16, true);
  }

  /** Offset of the event's header in `bytes`. */
  get start(): number {
    return this.#start;
  }

  /** Bytes of each length field: 2, or 4 for large events. */
  get lengthBytes(): number {
    return this.#lengthBytes;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get data(): DataView {
    return this.#data;
  }

  /** Thread id; meaningless where the source had none (-1 on the wire). */
  tid(): number {
    return this.#data.getInt32(this.#start + 8, true);
  }

  hasTid(): boolean {
    return this.#data.getInt32(this.#start + 12, true) === 0;
  }

  /** Nanoseconds since the epoch, exact. Allocates a bigint: not for the hot path. */
  timestampNs(): bigint {
    return this.#data.getBigUint64(this.#start, true);
  }

  /** Low and high 32-bit words of the timestamp, unsigned. */
  timestampLow(): number {
    return this.#data.getUint32(this.#start, true);
  }

  timestampHigh(): number {
    return this.#data.getUint32(this.#start + 4, true);
  }

  /** Nanoseconds since the epoch as a double: exact to 256 ns, enough to order and to expire. */
  timestampApproxNs(): number {
    return this.timestampHigh() * HIGH_WORD + this.timestampLow();
  }

  /** Whole seconds since the epoch. */
  timestampSeconds(): number {
    return Math.floor(this.timestampApproxNs() / NANOSECONDS_PER_SECOND);
  }

  #settle(index: number): void {
    const offsets = this.#offsets;
    const data = this.#data;
    let settled = this.#settled;
    const lengths = this.#start + HEADER_BYTES;
    if (settled < 0) {
      offsets[0] = lengths + this.paramCount * this.#lengthBytes;
      settled = 0;
    }
    let offset = offsets[settled] as number;
    if (this.#lengthBytes === 2) {
      while (settled <= index) {
        offset += data.getUint16(lengths + settled * 2, true);
        offsets[++settled] = offset;
      }
    } else {
      while (settled <= index) {
        offset += data.getUint32(lengths + settled * 4, true);
        offsets[++settled] = offset;
      }
    }
    this.#settled = settled;
  }

  /** Offset of a parameter's first byte in `bytes`. `index` must be below `paramCount`. */
  offset(index: number): number {
    if (this.#settled <= index) this.#settle(index);
    return this.#offsets[index] as number;
  }

  /** Bytes of a parameter; 0 when the event has no such parameter. */
  size(index: number): number {
    if (index >= this.paramCount || index >= MAX_PARAMS) return 0;
    if (this.#settled <= index) this.#settle(index);
    return (this.#offsets[index + 1] as number) - (this.#offsets[index] as number);
  }

  u8(index: number): number {
    return this.size(index) >= 1 ? (this.#bytes[this.offset(index)] as number) : 0;
  }

  u16(index: number): number {
    return this.size(index) >= 2 ? this.#data.getUint16(this.offset(index), true) : 0;
  }

  i32(index: number): number {
    return this.size(index) >= 4 ? this.#data.getInt32(this.offset(index), true) : 0;
  }

  u32(index: number): number {
    return this.size(index) >= 4 ? this.#data.getUint32(this.offset(index), true) : 0;
  }

  /** A 64-bit signed integer as a double: exact within 2^53. */
  i64(index: number): number {
    if (this.size(index) < 8) return 0;
    const offset = this.offset(index);
    return this.#data.getInt32(offset + 4, true) * HIGH_WORD + this.#data.getUint32(offset, true);
  }

  /** A 64-bit unsigned integer as a double: exact within 2^53. */
  u64(index: number): number {
    if (this.size(index) < 8) return 0;
    const offset = this.offset(index);
    return this.#data.getUint32(offset + 4, true) * HIGH_WORD + this.#data.getUint32(offset, true);
  }

  bigI64(index: number): bigint {
    return this.size(index) < 8 ? 0n : this.#data.getBigInt64(this.offset(index), true);
  }

  bigU64(index: number): bigint {
    return this.size(index) < 8 ? 0n : this.#data.getBigUint64(this.offset(index), true);
  }

  /** Byte text up to the first NUL. `undefined` when the parameter is empty (no bytes at all: no value). */
  text(index: number): string | undefined {
    const size = this.size(index);
    if (size === 0) return undefined;
    const start = this.offset(index);
    return this.#interner.textUpToNul(this.#bytes, start, start + size);
  }

  /** All bytes of a parameter as byte text, NULs included; `''` when empty. */
  wholeText(index: number): string {
    const size = this.size(index);
    if (size === 0) return '';
    const start = this.offset(index);
    return this.#interner.text(this.#bytes, start, start + size);
  }

  /** A view of its own on a copy of the event. Allocates: for the few events that outlive their turn. */
  copy(): EventView {
    const start = this.#start;
    const bytes = this.#bytes.slice(start, start + this.#data.getUint32(start + LENGTH_OFFSET, true));
    const copy = new EventView(this.#interner);
    copy.attach(bytes, new DataView(bytes.buffer));
    copy.moveTo(0, this.#lengthBytes, this.cpu);
    copy.flags = this.flags;
    copy.num = this.num;
    return copy;
  }

  /** The parameter's bytes in place: good until the next `moveTo`. Allocates a view. */
  view(index: number): Uint8Array {
    const start = this.offset(index);
    return this.#bytes.subarray(start, start + this.size(index));
  }
}

/** Bits of `EventView.flags`. */
export const viewFlag = {
  /** The event keeps state complete, but is not to be delivered to rules. */
  stateOnly: 1 << 0,
} as const;

const EMPTY_BYTES = new Uint8Array(0);
const EMPTY_DATA = new DataView(EMPTY_BYTES.buffer);
