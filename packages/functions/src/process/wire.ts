/**
 * Frames between the runtime and the processes of functions: lengths of header and body (4 bytes each, big-endian), a
 * header in JSON, a body of bytes. What a function's process says is checked like anything that comes from outside.
 */

import { type JsonObject, parseObject } from '@peregrine/base';

export interface Frame {
  readonly header: JsonObject;
  readonly body: Buffer;
}

const PREFIX_BYTES = 8;
const MOST_HEADER_BYTES = 1 << 20;

export function encodeFrame(header: object, body: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(head.length, 0);
  prefix.writeUInt32BE(body.length, 4);
  return Buffer.concat([prefix, head, body]);
}

/** Puts frames together from pieces. */
export class FrameReader {
  readonly #mostBodyBytes: number;
  #pieces: Buffer[] = [];
  #size = 0;

  constructor(mostBodyBytes: number) {
    this.#mostBodyBytes = mostBodyBytes;
  }

  /** Frames that are complete with this piece; `undefined` when it is no frame, and nothing after it can be one. */
  push(piece: Buffer): readonly Frame[] | undefined {
    this.#pieces.push(piece);
    this.#size += piece.length;
    const frames: Frame[] = [];
    for (;;) {
      if (this.#size < PREFIX_BYTES) return frames;
      const prefix = this.#peek(PREFIX_BYTES);
      const headLength = prefix.readUInt32BE(0);
      const bodyLength = prefix.readUInt32BE(4);
      if (headLength > MOST_HEADER_BYTES || bodyLength > this.#mostBodyBytes) return undefined;
      const total = PREFIX_BYTES + headLength + bodyLength;
      if (this.#size < total) return frames;
      const bytes = this.#peek(total);
      this.#pieces = [bytes.subarray(total)];
      this.#size -= total;
      const header = parseObject(bytes.toString('utf8', PREFIX_BYTES, PREFIX_BYTES + headLength));
      if (header === undefined) return undefined;
      frames.push({ header, body: bytes.subarray(PREFIX_BYTES + headLength, total) });
    }
  }

  /** The first bytes, in one piece with as much as belongs to them; pieces are joined once, not for each that comes. */
  #peek(count: number): Buffer {
    const [first] = this.#pieces;
    if (first !== undefined && first.length >= count) return first;
    const joined = Buffer.concat(this.#pieces, this.#size);
    this.#pieces = [joined];
    return joined;
  }
}
