/** Frames of SPDY/3.1: what a connection is cut into. */

export const controlTypes = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const;

export const FLAG_LAST = 1;

export type SpdyFrame =
  | {
      readonly kind: 'data';
      readonly streamId: number;
      /** The sender has no more for this stream. */
      readonly isLast: boolean;
      readonly content: Buffer;
    }
  | { readonly kind: 'control'; readonly type: number; readonly flags: number; readonly content: Buffer };

const HEAD_BYTES = 8;
const VERSION = 3;
const CONTROL_BIT = 0x80;

export function encodeFrame(frame: SpdyFrame): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  if (frame.kind === 'data') {
    head.writeUInt32BE(frame.streamId, 0);
    head.writeUInt8(frame.isLast ? FLAG_LAST : 0, 4);
  } else {
    head.writeUInt16BE((CONTROL_BIT << 8) | VERSION, 0);
    head.writeUInt16BE(frame.type, 2);
    head.writeUInt8(frame.flags, 4);
  }
  head.writeUIntBE(frame.content.length, 5, 3);
  return Buffer.concat([head, frame.content]);
}

/** Takes bytes as they come and gives frames as they are whole. */
export class FrameReader {
  #bytes: Buffer = Buffer.alloc(0);

  push(bytes: Uint8Array): readonly SpdyFrame[] {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const frames: SpdyFrame[] = [];
    while (this.#bytes.length >= HEAD_BYTES) {
      const end = HEAD_BYTES + this.#bytes.readUIntBE(5, 3);
      if (this.#bytes.length < end) break;
      frames.push(frameOf(this.#bytes.subarray(0, end)));
      this.#bytes = this.#bytes.subarray(end);
    }
    return frames;
  }
}

function frameOf(bytes: Buffer): SpdyFrame {
  const content = Buffer.from(bytes.subarray(HEAD_BYTES));
  const flags = bytes.readUInt8(4);
  if ((bytes.readUInt8(0) & CONTROL_BIT) !== 0) {
    return { kind: 'control', type: bytes.readUInt16BE(2), flags, content };
  }
  const streamId = bytes.readUInt32BE(0);
  return { kind: 'data', streamId, isLast: (flags & FLAG_LAST) !== 0, content };
}
