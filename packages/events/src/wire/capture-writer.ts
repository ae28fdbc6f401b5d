/**
 * Writes captures: sections, blocks, events. What metadata blocks contain is encoded by whoever knows the records.
 * Builds in memory: for tests and short recordings.
 */

import { eventBlockType } from './block-buffer.ts';
import { ByteWriter } from './byte-writer.ts';
import { blockType, SECTION_MAGIC, SECTION_MAJOR, SECTION_MINOR } from './capture-format.ts';
import { type EventInput, encodeEvent } from './encoder.ts';

const UNKNOWN_LENGTH = -1n;

export class CaptureWriter {
  readonly #out = new ByteWriter();

  /** Begins a section: what was written before does not hold any more. */
  section(): this {
    const body = new ByteWriter()
      .u32(SECTION_MAGIC)
      .u16(SECTION_MAJOR)
      .u16(SECTION_MINOR)
      .u64(UNKNOWN_LENGTH);
    return this.block(blockType.section, body.toBytes());
  }

  /** A block of any type; its body is padded to a multiple of four bytes. */
  block(type: number, body: Uint8Array): this {
    const size = 12 + body.length + padding(body.length);
    this.#out.u32(type).u32(size).bytes(body);
    this.#out.bytes(new Uint8Array(padding(body.length))).u32(size);
    return this;
  }

  /** `flags`: bits of `viewFlag`. */
  event(event: EventInput, flags = 0): this {
    return this.rawEvent(encodeEvent(event), event.cpu ?? 0, flags);
  }

  /** An event that is bytes already, header first. */
  rawEvent(bytes: Uint8Array, cpu: number, flags = 0): this {
    const body = new ByteWriter().u16(cpu);
    if (flags !== 0) body.u32(flags);
    body.bytes(bytes);
    const code = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint16(20, true);
    return this.block(eventBlockType(code, bytes.length, flags), body.toBytes());
  }

  toBytes(): Uint8Array {
    return this.#out.toBytes();
  }

  toGzip(): Uint8Array {
    // Not imported: readers share this package, and `node:zlib` loads streams.
    return process.getBuiltinModule('node:zlib').gzipSync(this.toBytes());
  }
}

function padding(size: number): number {
  return -size & 3;
}
