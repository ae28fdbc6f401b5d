import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFrame, type Frame, FrameReader } from './wire.ts';

/** Cuts bytes at places, which may be anywhere. */
function pieces(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
}

test('frames come out as they went in, however they are cut', () => {
  const frame = fc.record({
    header: fc.dictionary(fc.string(), fc.string()),
    body: fc.uint8Array({ maxLength: 300 }),
  });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 5 }), fc.array(fc.nat()), (frames, cuts) => {
      const bytes = Buffer.concat(frames.map(({ header, body }) => encodeFrame(header, body)));
      const reader = new FrameReader(1_000);
      const read: Frame[] = pieces(bytes, cuts).flatMap((piece) => [...(reader.push(piece) ?? [])]);
      expect(read.map(({ header, body }) => [{ ...header }, [...body]])).toEqual(
        frames.map(({ header, body }) => [{ ...header }, [...body]]),
      );
    }),
  );
});

test('what is no frame is refused, and nothing makes it throw', () => {
  expect(new FrameReader(10).push(encodeFrame({}, Buffer.alloc(11)))).toBeUndefined();
  expect(new FrameReader(10).push(Buffer.from([0, 0, 0, 2, 0, 0, 0, 0, 91, 93]))).toBeUndefined();
  expect(new FrameReader(10).push(Buffer.alloc(8, 255))).toBeUndefined();
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
      const reader = new FrameReader(100);
      for (const chunk of chunks) if (reader.push(Buffer.from(chunk)) === undefined) return;
    }),
  );
});
