import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BodyPool } from './body-pool.ts';

const bodies = fc.record({
  pieces: fc.array(fc.integer({ min: 1, max: 150_000 }), { minLength: 1, maxLength: 6 }),
  /** Of what comes, said before: rightly or not. */
  expected: fc.constantFrom(0, 1, 2, Number.NaN, 1_000),
  drop: fc.nat(5),
  isTwice: fc.boolean(),
  isGivenUp: fc.boolean(),
});

test('bodies that are in use never share memory, whatever is given back, and twice', () => {
  fc.assert(
    fc.property(fc.array(bodies, { maxLength: 10 }), (steps) => {
      const pool = new BodyPool(600_000);
      const held: { readonly body: Buffer; readonly fill: number }[] = [];
      for (const [fill, { pieces, expected, drop, isTwice, isGivenUp }] of steps.entries()) {
        const size = pieces.reduce((sum, piece) => sum + piece, 0);
        const writer = pool.begin(size * expected);
        for (const piece of pieces) writer.add(Buffer.alloc(piece, fill));
        if (isGivenUp) {
          writer.giveUp();
          continue;
        }
        const body = writer.finish();
        expect(body.equals(Buffer.alloc(size, fill))).toBe(true);
        held.push({ body, fill });
        const [given] = drop < held.length ? held.splice(drop, 1) : [];
        if (given !== undefined) pool.giveBack(given.body);
        if (given !== undefined && isTwice) pool.giveBack(given.body);
      }
      for (const { body, fill } of held) expect(body.equals(Buffer.alloc(body.length, fill))).toBe(true);
    }),
    { numRuns: 100 },
  );
});

function bodyOf(pool: BodyPool, expectedBytes: number, ...pieces: readonly Buffer[]): Buffer {
  const writer = pool.begin(expectedBytes);
  for (const piece of pieces) writer.add(piece);
  return writer.finish();
}

test('memory is used again, and a single piece is not copied', () => {
  const pool = new BodyPool(1 << 20);
  const piece = Buffer.alloc(200_000);
  const first = bodyOf(pool, 400_000, piece, piece);
  pool.giveBack(first);
  expect(bodyOf(pool, 400_000, piece, piece).buffer).toBe(first.buffer);
  expect(bodyOf(pool, 400_000, piece, piece).buffer).not.toBe(first.buffer);
  expect(bodyOf(pool, 200_000, piece).buffer).toBe(piece.buffer);
});

test('no memory is made for what is only said to come', () => {
  const body = bodyOf(new BodyPool(1 << 20), 1 << 30, Buffer.from('[1,'), Buffer.from('2]'));
  expect(body.toString()).toBe('[1,2]');
  expect(body.buffer.byteLength).toBeLessThan(1 << 20);
});
