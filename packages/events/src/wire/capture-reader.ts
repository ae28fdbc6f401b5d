/**
 * Walks a capture file block by block: hands events to one callback, everything else, whole and undecoded, to the
 * other. HOT: nothing is allocated for an event; the view points into the read buffer.
 *
 * INVARIANT: no bytes of the file are trusted. A block is looked into only when it is whole in the buffer; an event
 * is handed on only when its parameters add up.
 */

import { Fault, unreachable } from '@peregrine/base';
import { eventRoster } from '../types/roster.ts';
import type { ByteInput } from './byte-input.ts';
import {
  BLOCK_HEADER_BYTES,
  BLOCK_TRAILER_BYTES,
  blockType,
  OLD_HEADER_BYTES,
  openBlockType,
  processListTypes,
  SECTION_MAGIC,
  SECTION_MAJOR,
} from './capture-format.ts';
import { Converter, isLapsed } from './converter.ts';
import { EventView, HEADER_BYTES, viewFlag } from './event-view.ts';
import type { TextInterner } from './text-interner.ts';

export interface CaptureHandler {
  /** A section begins: what was known before is void. */
  section(): void;
  /** A block of metadata, body only; the bytes are good during the call. `type` is the open format's number. */
  block(type: number, body: Uint8Array): void;
  /** The metadata of the section are in; events follow. */
  settle(): void;
}

/** Counts of what was passed over. */
export interface CaptureSkips {
  readonly unknownBlocks: number;
  readonly unknownEvents: number;
}

const CHUNK_BYTES = 1 << 18;
/** A block larger than this is taken for damage. Events have no business beyond a few hundred kilobytes. */
const LARGEST_BLOCK_BYTES = 1 << 28;
const MIN_BLOCK_BYTES = BLOCK_HEADER_BYTES + BLOCK_TRAILER_BYTES;
const CPU_BYTES = 2;
const FLAGS_BYTES = 4;
const PLAIN_PREFIX_BYTES = BLOCK_HEADER_BYTES + CPU_BYTES;
const MIN_EVENT_BLOCK_BYTES = PLAIN_PREFIX_BYTES + HEADER_BYTES + BLOCK_TRAILER_BYTES;

/** What to do with an event, by its code. */
const treatment = {
  /** Count it, go on. */
  skip: 0,
  hand: 1,
  /** May need conversion, which depends on its number of parameters. */
  convert: 2,
  /** An enter event that has lost its meaning: not even counted. */
  drop: 3,
  unknown: 4,
} as const;

const CODES = 65_536;

const metadataTypes: ReadonlySet<number> = new Set([
  blockType.machine,
  blockType.fds,
  blockType.interfaces,
  blockType.users,
  blockType.oldFds,
  blockType.oldInterfaces,
  blockType.oldUsers,
  ...processListTypes,
]);

export class CaptureReader {
  readonly view: EventView;
  readonly #input: ByteInput;
  readonly #converter = new Converter();
  #bytes = new Uint8Array(CHUNK_BYTES + (CHUNK_BYTES >> 2));
  #data = new DataView(this.#bytes.buffer);
  /** Offset in the file of the buffer's first byte. */
  #base = 0;
  #position = 0;
  #have = 0;
  #isAtEnd = false;
  #isFailed = false;
  #sections = 0;
  #hasEvents = false;
  /** Events of the present section have begun. */
  #isInEvents = false;
  #seen = 0;
  #unknownBlocks = 0;
  #unknownEvents = 0;

  readonly #treatment = new Uint8Array(CODES).fill(treatment.unknown);
  /** As `#treatment`, for events of convertible types that need no conversion. */
  readonly #plainTreatment = new Uint8Array(CODES);
  /** Number of parameters at which a convertible event needs none; 255: it always does. */
  readonly #plainCount = new Uint8Array(CODES);
  readonly #lengthBytes = new Uint8Array(CODES).fill(2);

  constructor(input: ByteInput, interner: TextInterner) {
    this.#input = input;
    this.view = new EventView(interner);
    this.view.attach(this.#bytes, this.#data);
    for (const type of eventRoster) this.#lengthBytes[type.code] = type.lengthBytes;
    this.want(undefined);
  }

  /** Codes to hand on: 1 at the index of each. All, until called. May be called between events. */
  want(codes: Uint8Array | undefined): void {
    for (const type of eventRoster) {
      const { code } = type;
      const plain = codes === undefined || codes[code] === 1 ? treatment.hand : treatment.skip;
      this.#plainTreatment[code] = plain;
      this.#plainCount[code] = 255;
      if (this.#converter.manages(code)) {
        this.#treatment[code] = treatment.convert;
        if (this.#converter.passes(code, type.params.length)) this.#plainCount[code] = type.params.length;
      } else {
        this.#treatment[code] = isLapsed(type) ? treatment.drop : plain;
      }
    }
  }

  /** Events so far, those that were skipped included. */
  get eventsSeen(): number {
    return this.#seen;
  }

  skips(): CaptureSkips {
    return { unknownBlocks: this.#unknownBlocks, unknownEvents: this.#unknownEvents };
  }

  /** Bytes of the file (of what it unpacks to) that were read. */
  get offset(): number {
    return this.#base + this.#position;
  }

  /**
   * Hands on up to `limit` events; returns their number, or `end` when there are none left. Throws a `Fault` where
   * the file is damaged, once everything before the damage was handed on.
   */
  poll(metadata: CaptureHandler, onEvent: (view: EventView) => void, limit: number): number | 'end' {
    let handed = 0;
    while (handed < limit) {
      handed += this.#walk(onEvent, limit - handed);
      if (handed >= limit) break;
      const step = this.#step(metadata, onEvent);
      if (step === 'end') return handed > 0 ? handed : 'end';
      handed += step;
    }
    return handed;
  }

  close(): void {
    this.#isAtEnd = true;
    this.#have = this.#position;
    this.#isFailed = true;
    this.#input.close();
  }

  /** The fast path: goes on while blocks are whole, and plain events that need no conversion. */
  #walk(onEvent: (view: EventView) => void, limit: number): number {
    if (!this.#isInEvents) return 0;
    const view = this.view;
    const data = this.#data;
    const have = this.#have;
    const treatments = this.#treatment;
    const plainTreatments = this.#plainTreatment;
    const plainCounts = this.#plainCount;
    const lengthBytes = this.#lengthBytes;
    let position = this.#position;
    let seen = this.#seen;
    let handed = 0;
    while (handed < limit && have - position >= MIN_EVENT_BLOCK_BYTES) {
      const size = data.getUint32(position + 4, true);
      if (size > have - position || size < MIN_EVENT_BLOCK_BYTES) break;
      if (data.getUint32(position, true) !== blockType.event) break;
      const start = position + PLAIN_PREFIX_BYTES;
      const code = data.getUint16(start + 20, true);
      let what = treatments[code] as number;
      if (what === treatment.convert) {
        if (data.getUint32(start + 22, true) !== plainCounts[code]) break;
        what = plainTreatments[code] as number;
      }
      if (what === treatment.hand) {
        const end = position + size - BLOCK_TRAILER_BYTES;
        if (!view.place(start, end, lengthBytes[code] as number, data.getUint16(start - 2, true))) break;
        position += size;
        seen++;
        handed++;
        view.flags = 0;
        view.num = seen;
        this.#seen = seen;
        this.#position = position;
        onEvent(view);
      } else if (what === treatment.skip) {
        position += size;
        seen++;
      } else break;
    }
    this.#position = position;
    this.#seen = seen;
    return handed;
  }

  /** One block of any kind. */
  #step(metadata: CaptureHandler, onEvent: (view: EventView) => void): number | 'end' {
    if (this.#isFailed) return 'end';
    if (!this.#ensure(BLOCK_HEADER_BYTES)) {
      if (this.#have > this.#position && this.#sections > 0)
        this.#fail('truncated', 'ends within a block header');
      if (this.#sections === 0)
        this.#fail('unknown', 'is not a capture: it does not begin with a section header');
      if (!this.#hasEvents) this.#fail('empty', 'holds no events');
      return 'end';
    }
    const type = openBlockType(this.#data.getUint32(this.#position, true));
    const size = this.#data.getUint32(this.#position + 4, true);
    if (this.#sections === 0 && type !== blockType.section) {
      this.#fail('unknown', 'is not a capture: it does not begin with a section header');
    }
    if (size < MIN_BLOCK_BYTES) this.#fail('malformed', `has a block of impossible size (${size} bytes)`);
    if (size > LARGEST_BLOCK_BYTES) this.#fail('malformed', `has a block of excessive size (${size} bytes)`);
    if (!this.#ensure(size)) {
      const missing = size - (this.#have - this.#position);
      this.#fail('truncated', `ends within a block of ${size} bytes, ${missing} of which are missing`);
    }
    switch (type) {
      case blockType.event:
      case blockType.eventFlags:
      case blockType.largeEvent:
      case blockType.largeEventFlags:
      case blockType.oldEvent:
      case blockType.oldEventFlags:
        return this.#event(type, size, metadata, onEvent);
      default:
        this.#metadata(type, size, metadata);
        return 0;
    }
  }

  #metadata(type: number, size: number, metadata: CaptureHandler): void {
    const isSection = type === blockType.section;
    if (!isSection && !metadataTypes.has(type)) {
      this.#unknownBlocks++;
      this.#position += size;
      return;
    }
    if (this.#data.getUint32(this.#position + size - BLOCK_TRAILER_BYTES, true) !== size) {
      this.#fail('malformed', 'has a block whose two sizes differ');
    }
    const body = this.#bytes.subarray(
      this.#position + BLOCK_HEADER_BYTES,
      this.#position + size - BLOCK_TRAILER_BYTES,
    );
    if (isSection) this.#checkSection(body);
    if (isSection || this.#isInEvents) {
      this.#isInEvents = false;
      this.#converter.reset();
      metadata.section();
    }
    if (!isSection) metadata.block(type, body);
    this.#position += size;
  }

  #checkSection(body: Uint8Array): void {
    if (body.length < 16) this.#fail('malformed', 'has a section header that is too short');
    const data = new DataView(body.buffer, body.byteOffset, body.byteLength);
    if (data.getUint32(0, true) !== SECTION_MAGIC) {
      this.#fail('unknown', 'is not a capture, or was written on a machine with another byte order');
    }
    const major = data.getUint16(4, true);
    if (major > SECTION_MAJOR) this.#fail('unknown', `has format version ${major}, which is too new`);
    this.#sections++;
  }

  #event(type: number, size: number, metadata: CaptureHandler, onEvent: (view: EventView) => void): number {
    const isOld = type === blockType.oldEvent || type === blockType.oldEventFlags;
    const hasFlags =
      type === blockType.eventFlags || type === blockType.largeEventFlags || type === blockType.oldEventFlags;
    const prefix = PLAIN_PREFIX_BYTES + (hasFlags ? FLAGS_BYTES : 0);
    const start = this.#position + prefix;
    const end = this.#position + size - BLOCK_TRAILER_BYTES;
    if (start + (isOld ? OLD_HEADER_BYTES : HEADER_BYTES) > end) {
      this.#fail('malformed', 'has an event block that is too short');
    }
    if (!this.#isInEvents) {
      this.#isInEvents = true;
      this.#hasEvents = true;
      metadata.settle();
    }
    const data = this.#data;
    const cpu = data.getUint16(this.#position + BLOCK_HEADER_BYTES, true);
    const flags = hasFlags
      ? data.getUint32(this.#position + PLAIN_PREFIX_BYTES, true) & viewFlag.stateOnly
      : 0;
    const code = data.getUint16(start + 20, true);
    const what = this.#treatment[code] as number;
    if (what === treatment.unknown || what === treatment.drop) {
      if (what === treatment.unknown) this.#unknownEvents++;
      this.#position += size;
      return 0;
    }
    if (what !== treatment.convert && !isOld) {
      const isWhole = this.view.place(start, end, this.#lengthBytes[code] as number, cpu);
      if (!isWhole) this.#fail('malformed', 'has an event whose parameters do not add up to its size');
      this.#position += size;
      return this.#hand(code, flags, onEvent);
    }
    const result = this.#converter.convert(this.#bytes, start, end, isOld);
    switch (result) {
      case 'malformed':
        return this.#fail('malformed', 'has an event that cannot be read as its type');
      case 'dropped':
        this.#position += size;
        return 0;
      case 'plain':
        this.view.place(start, end, this.#lengthBytes[code] as number, cpu);
        this.#position += size;
        return this.#hand(code, flags, onEvent);
      case 'converted':
        this.#position += size;
        return this.#handConverted(cpu, flags, onEvent);
      default:
        return unreachable(result);
    }
  }

  #handConverted(cpu: number, flags: number, onEvent: (view: EventView) => void): number {
    const { bytes, data, size, code } = this.#converter;
    this.view.attach(bytes, data);
    try {
      this.view.place(0, size, this.#lengthBytes[code] as number, cpu);
      return this.#hand(code, flags, onEvent);
    } finally {
      this.view.attach(this.#bytes, this.#data);
    }
  }

  #hand(code: number, flags: number, onEvent: (view: EventView) => void): number {
    this.#seen++;
    if (this.#plainTreatment[code] !== treatment.hand) return 0;
    this.view.flags = flags;
    this.view.num = this.#seen;
    onEvent(this.view);
    return 1;
  }

  /** Makes `size` bytes available from the position on; false when the input ends before. */
  #ensure(size: number): boolean {
    while (this.#have - this.#position < size) {
      if (this.#isAtEnd) return false;
      this.#makeRoom();
      const room = Math.min(this.#bytes.length - this.#have, CHUNK_BYTES);
      const count = this.#input.read(this.#bytes, this.#have, room);
      this.#have += count;
      if (count === 0) this.#isAtEnd = true;
    }
    return true;
  }

  /** Moves what is left to the front; a buffer that is full of one block grows, as its bytes really come. */
  #makeRoom(): void {
    const left = this.#have - this.#position;
    if (this.#position > 0) {
      this.#bytes.copyWithin(0, this.#position, this.#have);
      this.#base += this.#position;
      this.#position = 0;
      this.#have = left;
    }
    if (left < this.#bytes.length) return;
    const bytes = new Uint8Array(this.#bytes.length * 2);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    this.#data = new DataView(bytes.buffer);
    this.view.attach(bytes, this.#data);
  }

  #fail(what: 'unknown' | 'malformed' | 'truncated' | 'empty', message: string): never {
    this.#isFailed = true;
    throw new Fault(`capture-${what}`, `the file ${message} (at byte ${this.#base + this.#position})`);
  }
}
