import { constants, deflateRawSync, gzipSync } from 'node:zlib';
import { type ByteInput, memoryInput } from '@peregrine/events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gzipInput } from './gzip-input.ts';

function readAll(input: ByteInput, pieceBytes = 5_000): Buffer {
  const pieces: Buffer[] = [];
  for (;;) {
    const piece = Buffer.alloc(pieceBytes);
    const count = input.read(piece, 0, pieceBytes);
    if (count === 0) return Buffer.concat(pieces);
    pieces.push(piece.subarray(0, count));
  }
}

const unpack = (bytes: Uint8Array): Buffer => readAll(gzipInput(memoryInput(bytes)));

/** Random bytes, with repetitions near and far, so that every kind of code comes up. */
const content = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .tuple(fc.nat(255), fc.integer({ min: 1, max: 3_000 }))
        .map(([byte, count]) => new Uint8Array(count).fill(byte)),
      fc
        .integer({ min: 1, max: 400 })
        .map((count) => Buffer.from('the same words again and again '.repeat(count))),
    ),
    { maxLength: 8 },
  )
  .map((pieces) => Buffer.concat(pieces));

const options = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  strategy: fc.constantFrom(
    constants.Z_DEFAULT_STRATEGY,
    constants.Z_FIXED,
    constants.Z_HUFFMAN_ONLY,
    constants.Z_RLE,
    constants.Z_FILTERED,
  ),
});

test('unpacking undoes packing', () => {
  fc.assert(
    fc.property(content, options, (bytes, how) => {
      expect(unpack(gzipSync(bytes, how)).equals(bytes)).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test('more than the window and the buffer', () => {
  const words = Buffer.from(Array.from({ length: 120_000 }, (_, i) => `${(i * 7919) % 10_007} `).join(''));
  expect(unpack(gzipSync(words)).equals(words)).toBe(true);
});

test('members in a row are one stream; padding after the last is no member', () => {
  const packed = Buffer.concat([gzipSync('one '), gzipSync(''), gzipSync('two'), Buffer.alloc(9)]);
  expect(unpack(packed).toString()).toBe('one two');
});

test('optional header fields are passed over', () => {
  const body = deflateRawSync('text');
  const plain = gzipSync('text');
  const header = Buffer.from([0x1f, 0x8b, 8, 0b11110, 0, 0, 0, 0, 0, 3]);
  const fields = Buffer.from('\x03\0abcname\0comment\0\x12\x34', 'latin1');
  expect(unpack(Buffer.concat([header, fields, body, plain.subarray(-8)])).toString()).toBe('text');
});

describe('damage', () => {
  const words = Buffer.from('some words, and some more words '.repeat(500));
  const packed = gzipSync(words);

  test('a stream that ends early gives what it has, then a fault', () => {
    for (const size of [packed.length - 1, packed.length - 9, 40, 15]) {
      const input = gzipInput(memoryInput(packed.subarray(0, size)));
      expect(() => readAll(input), `${size} bytes`).toThrow('ends early');
    }
    const input = gzipInput(memoryInput(packed.subarray(0, packed.length - 4)));
    const first = Buffer.alloc(words.length);
    expect(input.read(first, 0, first.length)).toBe(words.length);
    expect(first.equals(words)).toBe(true);
  });

  test('a wrong checksum', () => {
    const bytes = Buffer.from(packed);
    bytes[bytes.length - 8] = (bytes.at(-8) ?? 0) ^ 1;
    expect(() => unpack(bytes)).toThrow('its checksum differs');
  });

  test('any change gives the same bytes or a fault', () => {
    fc.assert(
      fc.property(fc.nat(packed.length - 1), fc.nat(255), (at, value) => {
        const bytes = Buffer.from(packed);
        bytes[at] = value;
        try {
          expect(unpack(bytes).equals(words)).toBe(true);
        } catch (error) {
          expect(error).toHaveProperty('code', expect.stringMatching(/^capture-/));
        }
      }),
      { numRuns: 300 },
    );
  });
});
