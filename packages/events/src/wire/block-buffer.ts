/**
 * Event blocks of a capture, one behind the other in a buffer of fixed size, made from events as they come.
 * HOT: `append` copies the event and allocates nothing but the view that the copy takes.
 */

import { eventTypeOf } from '../types/roster.ts';
import { BLOCK_HEADER_BYTES, BLOCK_TRAILER_BYTES, blockType, PLAIN_EVENT_BYTES } from './capture-format.ts';
import type { EventView } from './event-view.ts';

const CPU_BYTES = 2;
const FLAGS_BYTES = 4;
const EVENT_LENGTH_OFFSET = 16;

export class BlockBuffer {
  readonly #bytes: Uint8Array;
  readonly #data: DataView;
  #size = 0;
  /** Events since `clear`. */
  eventCount = 0;

  constructor(capacityBytes: number) {
    this.#bytes = new Uint8Array(capacityBytes);
    this.#data = new DataView(this.#bytes.buffer);
  }

  /** Bytes that are filled. */
  get size(): number {
    return this.#size;
  }

  /** What was appended so far: good until the next `clear`. */
  filled(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  clear(): void {
    this.#size = 0;
    this.eventCount = 0;
  }

  /** `flags`: bits of `viewFlag`. False, and nothing is appended, where the event does not fit. */
  append(view: EventView, flags: number): boolean {
    const at = this.#size;
    const total = eventBlockBytes(view, flags);
    if (at + total > this.#bytes.length) return false;
    const data = this.#data;
    const eventBytes = view.data.getUint32(view.start + EVENT_LENGTH_OFFSET, true);
    data.setUint32(at, eventBlockType(view.code, eventBytes, flags), true);
    data.setUint32(at + 4, total, true);
    data.setUint16(at + BLOCK_HEADER_BYTES, view.cpu, true);
    let body = at + BLOCK_HEADER_BYTES + CPU_BYTES;
    if (flags !== 0) {
      data.setUint32(body, flags, true);
      body += FLAGS_BYTES;
    }
    this.#bytes.set(view.bytes.subarray(view.start, view.start + eventBytes), body);
    const end = at + total - BLOCK_TRAILER_BYTES;
    this.#bytes.fill(0, body + eventBytes, end);
    data.setUint32(end, total, true);
    this.#size = at + total;
    this.eventCount++;
    return true;
  }
}

/** Size of the block that the event makes. */
export function eventBlockBytes(view: EventView, flags: number): number {
  const eventBytes = view.data.getUint32(view.start + EVENT_LENGTH_OFFSET, true);
  const body = CPU_BYTES + (flags === 0 ? 0 : FLAGS_BYTES) + eventBytes;
  return BLOCK_HEADER_BYTES + body + (-body & 3) + BLOCK_TRAILER_BYTES;
}

/** The type of block that an event of so many bytes goes into. */
export function eventBlockType(code: number, eventBytes: number, flags: number): number {
  const isLarge = eventBytes > PLAIN_EVENT_BYTES && eventTypeOf(code)?.lengthBytes === 4;
  if (isLarge) return flags === 0 ? blockType.largeEvent : blockType.largeEventFlags;
  return flags === 0 ? blockType.event : blockType.eventFlags;
}
