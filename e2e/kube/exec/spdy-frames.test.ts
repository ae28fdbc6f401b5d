import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame, FrameReader, type SpdyFrame } from './spdy-frames.ts';

const content = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const anyFrame: fc.Arbitrary<SpdyFrame> = fc.oneof(
  fc.record({
    kind: fc.constant('data' as const),
    streamId: fc.integer({ min: 1, max: 0x7fffffff }),
    isLast: fc.boolean(),
    content,
  }),
  fc.record({
    kind: fc.constant('control' as const),
    type: fc.integer({ min: 1, max: 9 }),
    flags: fc.integer({ min: 0, max: 255 }),
    content,
  }),
);

describe('frames', () => {
  test('have the bytes that the protocol says', () => {
    const data: SpdyFrame = { kind: 'data', streamId: 3, isLast: true, content: Buffer.from('hi') };
    expect(encodeFrame(data).toString('hex')).toBe('00000003010000026869');
    const ping: SpdyFrame = { kind: 'control', type: 6, flags: 0, content: Buffer.from([0, 0, 0, 1]) };
    expect(encodeFrame(ping).toString('hex')).toBe('800300060000000400000001');
  });

  test('are read as they were written, wherever the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 5 }), fc.integer({ min: 1, max: 50 }), (frames, size) => {
        const bytes = Buffer.concat(frames.map(encodeFrame));
        const reader = new FrameReader();
        const read: SpdyFrame[] = [];
        for (let start = 0; start < bytes.length; start += size) {
          read.push(...reader.push(bytes.subarray(start, start + size)));
        }
        expect(read).toEqual(frames);
      }),
    );
  });
});
