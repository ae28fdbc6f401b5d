/**
 * Brings events of old recordings to today's types, one step of the table at a time. What it makes lies in its own
 * buffer and is good until the next call.
 */

import { type EventType, eventFlag, type ParamType } from '../event-type.ts';
import { eventTypeOf } from '../types/roster.ts';
import { OLD_HEADER_BYTES } from './capture-format.ts';
import { type Conversion, source } from './conversions/conversion.ts';
import { conversions } from './conversions/roster.ts';
import { EventBuffer } from './event-buffer.ts';
import { containerJson } from './old-container.ts';

/** More steps than any chain in the table has. COMPAT: the reference gives up at as many. */
const MOST_STEPS = 50;
const MOST_STORED_BYTES = 16 << 20;

export type ConversionResult = 'plain' | 'converted' | 'dropped' | 'malformed';

export class Converter {
  #from = new EventBuffer();
  #to = new EventBuffer();
  readonly #enter = new EventBuffer();
  /** Enter events whose exit event has not come yet, by thread id. */
  readonly #stored = new Map<number, Uint8Array>();
  #storedBytes = 0;

  /** The converted event: a version 2 header and its parameters, from offset 0. */
  get bytes(): Uint8Array {
    return this.#from.bytes;
  }

  get data(): DataView {
    return this.#from.data;
  }

  get size(): number {
    return this.#from.size;
  }

  get code(): number {
    return this.#from.code;
  }

  /** Whether events of this code may need conversion. */
  manages(code: number): boolean {
    return conversions[code] !== undefined;
  }

  /** Whether an event of a managed code with so many parameters stays as it is. */
  passes(code: number, paramCount: number): boolean {
    const conversion = conversions[code]?.[paramCount];
    if (conversion !== undefined) return conversion.action === 'pass';
    const type = eventTypeOf(code);
    return type !== undefined && !isLapsed(type);
  }

  /** Forgets stored enter events: a section ended. */
  reset(): void {
    this.#stored.clear();
    this.#storedBytes = 0;
  }

  /** `isOld`: the event has a version 1 header, without the number of parameters. */
  convert(bytes: Uint8Array, start: number, end: number, isOld: boolean): ConversionResult {
    const isLoaded = isOld ? this.#loadOld(bytes, start, end) : this.#from.load(bytes, start, end);
    if (!isLoaded) return 'malformed';
    let result: ConversionResult = isOld ? 'converted' : 'plain';
    const tid = this.#from.tid();
    let usesEnter = false;
    for (let step = 0; step < MOST_STEPS; step++) {
      const { code, paramCount } = this.#from;
      const type = eventTypeOf(code);
      if (type === undefined) return 'malformed';
      const conversion = conversions[code]?.[paramCount];
      if (conversion === undefined) {
        if (usesEnter) this.#forget(tid);
        return isLapsed(type) ? 'dropped' : result;
      }
      switch (conversion.action) {
        case 'pass':
          return result;
        case 'store':
          this.#store(tid);
          return 'dropped';
        case 'store-and-pass':
          this.#store(tid);
          return result;
        default:
          usesEnter = this.#loadEnter(tid, code) || usesEnter;
          if (!this.#apply(conversion)) return 'malformed';
          result = 'converted';
      }
    }
    return 'malformed';
  }

  /** Builds the next version from the present one. */
  #apply(conversion: Conversion): boolean {
    const from = this.#from;
    const to = this.#to;
    const { type, sources } = conversion;
    const keeps = conversion.action === 'add' ? from.paramCount : 0;
    const count = keeps + sources.length / 2;
    to.begin(from, type, count);
    for (let i = 0; i < keeps; i++) to.copyParam(from, i);
    for (let i = keeps, at = 0; i < count; i++, at += 2) {
      const index = sources[at + 1] as number;
      switch (sources[at]) {
        case source.old:
          to.copyParam(from, index);
          break;
        case source.enter:
          if (index < this.#enter.paramCount) to.copyParam(this.#enter, index);
          else to.addZeros(neutralSize(type, i));
          break;
        case source.enterOrEmpty:
          if (index < this.#enter.paramCount) to.copyParam(this.#enter, index);
          else to.addZeros(0);
          break;
        case source.byDefault:
          to.addZeros(neutralSize(type, i));
          break;
        case source.container:
          to.addText(containerJson(from));
          break;
        default:
          to.addZeros(0);
      }
    }
    if (!to.finish()) return false;
    this.#from = to;
    this.#to = from;
    return true;
  }

  /** The number of parameters is the largest, up to the type's, at which the lengths add up. */
  #loadOld(bytes: Uint8Array, start: number, end: number): boolean {
    const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const type = eventTypeOf(data.getUint16(start + 20, true));
    if (type === undefined) return false;
    let size = data.getUint32(start + 16, true);
    // COMPAT: old recorders wrote lengths three too large for these two.
    const allowance = type.name === 'notification' || type.name === 'infra' ? 3 : 0;
    if (size < OLD_HEADER_BYTES || start + size > end + allowance) return false;
    for (let count = type.params.length; count >= 0; count--) {
      let sum = OLD_HEADER_BYTES + count * type.lengthBytes;
      if (start + sum > end) continue;
      for (let i = 0; i < count; i++) {
        const at = start + OLD_HEADER_BYTES + i * type.lengthBytes;
        sum += type.lengthBytes === 2 ? data.getUint16(at, true) : data.getUint32(at, true);
      }
      if (sum === size || sum + allowance === size) {
        size = sum;
        return start + size <= end && this.#from.loadOld(bytes, start, size, count);
      }
    }
    return false;
  }

  #store(tid: number): void {
    this.#forget(tid);
    const { bytes, size } = this.#from;
    if (this.#storedBytes + size > MOST_STORED_BYTES) this.reset();
    this.#stored.set(tid, bytes.slice(0, size));
    this.#storedBytes += size;
  }

  #forget(tid: number): void {
    const stored = this.#stored.get(tid);
    if (stored === undefined) return;
    this.#storedBytes -= stored.length;
    this.#stored.delete(tid);
  }

  /** Makes `#enter` the thread's stored event if it belongs to an exit event of this code, else empty. */
  #loadEnter(tid: number, exitCode: number): boolean {
    const stored = this.#stored.get(tid);
    this.#enter.clear();
    if (stored === undefined) return false;
    if (!this.#enter.load(stored, 0, stored.length)) return false;
    if (this.#enter.code === exitCode - 1) return true;
    this.#enter.clear();
    return false;
  }
}

/** Enter events that have no use any more, and that no conversion takes up. */
export function isLapsed(type: EventType): boolean {
  return type.direction === 'enter' && (type.flags & eventFlag.oldVersion) !== 0;
}

function neutralSize(type: EventType, index: number): number {
  const param = type.params[index];
  return param === undefined ? 0 : (NEUTRAL_BYTES[param.type] ?? 0);
}

/** Bytes of a zero of each type; the neutral value of the others has none. */
const NEUTRAL_BYTES: { readonly [type in ParamType]?: number } = {
  INT8: 1,
  UINT8: 1,
  FLAGS8: 1,
  ENUMFLAGS8: 1,
  SIGTYPE: 1,
  L4PROTO: 1,
  SOCKFAMILY: 1,
  INT16: 2,
  UINT16: 2,
  FLAGS16: 2,
  ENUMFLAGS16: 2,
  SYSCALLID: 2,
  PORT: 2,
  INT32: 4,
  UINT32: 4,
  FLAGS32: 4,
  ENUMFLAGS32: 4,
  MODE: 4,
  BOOL: 4,
  UID: 4,
  GID: 4,
  SIGSET: 4,
  FD32: 4,
  PID32: 4,
  IPV4ADDR: 4,
  INT64: 8,
  UINT64: 8,
  ERRNO: 8,
  FD: 8,
  PID: 8,
  RELTIME: 8,
  ABSTIME: 8,
  DOUBLE: 8,
};
