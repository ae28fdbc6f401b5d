import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BodyPool } from './body-pool.ts';

test('bodies that are in use never share memory, whatever is given back, and twice', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ size: fc.integer({ min: 1, max: 400_000 }), drop: fc.nat(5), isTwice: fc.boolean() }),
        {
          maxLength: 12,
        },
      ),
      (steps) => {
        const pool = new BodyPool(600_000);
        const held: { readonly body: Buffer; readonly fill: number }[] = [];
        for (const [fill, { size, drop, isTwice }] of steps.entries()) {
          const half = size >> 1;
          const pieces = [Buffer.alloc(half, fill), Buffer.alloc(size - half, fill)];
          const body = pool.join(pieces, size);
          expect(body.equals(Buffer.alloc(size, fill))).toBe(true);
          held.push({ body, fill });
          const [given] = drop < held.length ? held.splice(drop, 1) : [];
          if (given !== undefined) pool.giveBack(given.body);
          if (given !== undefined && isTwice) pool.giveBack(given.body);
        }
        for (const { body, fill } of held) expect(body.every((byte) => byte === fill)).toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});

test('memory is used again', () => {
  const pool = new BodyPool(1 << 20);
  const pieces = [Buffer.alloc(200_000), Buffer.alloc(200_000)];
  const first = pool.join(pieces, 400_000);
  pool.giveBack(first);
  expect(pool.join(pieces, 400_000).buffer).toBe(first.buffer);
  expect(pool.join(pieces, 400_000).buffer).not.toBe(first.buffer);
});
