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

/** Hands its bytes out in pieces of at most that size. */
function inPieces(bytes: Uint8Array, pieceBytes: number): ByteInput {
  const whole = memoryInput(bytes);
  return {
    read: (target, offset, size) => whole.read(target, offset, Math.min(size, pieceBytes)),
    close() {},
  };
}

const unpack = (bytes: Uint8Array): Buffer => readAll(gzipInput(memoryInput(bytes)));

/** Message of the fault that the call ends with. */
function faultOf(call: () => void): string {
  try {
    call();
  } catch (error) {
    expect(error).toHaveProperty('code', expect.stringMatching(/^capture-/));
    return error instanceof Error ? error.message : '';
  }
  return 'no fault';
}

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

test('however the pieces come, and however many members there are', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(content, options), { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 700 }),
      (members, pieceBytes) => {
        const packed = Buffer.concat(members.map(([bytes, how]) => gzipSync(bytes, how)));
        const unpacked = readAll(gzipInput(inPieces(packed, pieceBytes)));
        expect(unpacked.equals(Buffer.concat(members.map(([bytes]) => bytes)))).toBe(true);
      },
    ),
    { numRuns: 60 },
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

  test('a wrong length', () => {
    const bytes = Buffer.from(packed);
    bytes[bytes.length - 1] = 7;
    expect(() => unpack(bytes)).toThrow(`damaged before byte ${bytes.length - 8}: its length differs`);
  });

  test('where the data cannot be, and what comes before that', () => {
    const noise = Buffer.from(Array.from({ length: 150_000 }, (_, i) => (i * i * 31 + (i >> 3)) % 251));
    const bytes = gzipSync(noise, { strategy: constants.Z_HUFFMAN_ONLY });
    const at = 100_000;
    bytes.fill(0xff, at, at + 200);
    const input = gzipInput(memoryInput(bytes));
    let delivered = 0;
    const readOn = (): void => {
      for (const piece = Buffer.alloc(4_096); ; ) {
        const count = input.read(piece, 0, piece.length);
        if (count === 0) return;
        expect(piece.subarray(0, count).equals(noise.subarray(delivered, delivered + count))).toBe(true);
        delivered += count;
      }
    };
    const [, from, to] = faultOf(readOn).match(/damaged between byte (\d+) and byte (\d+)$/) ?? [];
    expect(Number(from)).toBeLessThanOrEqual(at + 200);
    expect(Number(to)).toBeGreaterThan(at);
    expect(delivered).toBeGreaterThan(50_000);
    expect(faultOf(readOn)).toMatch(/damaged/);
  });

  test('a header of another kind, first or later', () => {
    const other = Buffer.from(packed);
    other[2] = 7;
    expect(() => unpack(other)).toThrow('a header of an unknown kind at byte 0');
    const first = gzipSync('first');
    expect(() => unpack(Buffer.concat([first, other]))).toThrow(`unknown kind at byte ${first.length}`);
  });

  test('any cut gives a beginning, then a fault', () => {
    fc.assert(
      fc.property(content, options, fc.double({ min: 0, max: 0.999, noNaN: true }), (bytes, how, share) => {
        const whole = gzipSync(bytes, how);
        const cut = whole.subarray(0, Math.max(2, Math.floor(whole.length * share)));
        const input = gzipInput(memoryInput(cut));
        const pieces: Buffer[] = [];
        const message = faultOf(() => {
          for (;;) {
            const piece = Buffer.alloc(1_000);
            const count = input.read(piece, 0, piece.length);
            if (count === 0) return;
            pieces.push(piece.subarray(0, count));
          }
        });
        expect(message).toBe(`the compressed file ends early, at byte ${cut.length}`);
        const got = Buffer.concat(pieces);
        expect(got.equals(bytes.subarray(0, got.length))).toBe(true);
      }),
      { numRuns: 100 },
    );
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
