import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextBudget } from './records.ts';
import { RingPool } from './ring-pool.ts';

/** What the pool should do, with lists: rings in the order of their latest use, each with its latest records. */
class Model {
  readonly order: number[];
  readonly records = new Map<number, number[]>();

  constructor(ringCount: number) {
    // A pool gives its last ring first.
    this.order = Array.from({ length: ringCount }, (_, i) => i);
  }

  claim(): number {
    const ring = this.order.pop() ?? 0;
    this.order.unshift(ring);
    this.records.set(ring, []);
    return ring;
  }

  write(ring: number, value: number, size: number): void {
    this.order.splice(this.order.indexOf(ring), 1);
    this.order.unshift(ring);
    this.records.set(ring, [...(this.records.get(ring) ?? []), value].slice(-size));
  }
}

const step = fc.oneof(
  fc.constant({ kind: 'claim' as const }),
  fc.record({ kind: fc.constant('write' as const), pick: fc.nat(), times: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ kind: fc.constant('empty' as const), pick: fc.nat() }),
);

test('rings hold their latest records, and the one that was used longest ago is given up', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(step, { maxLength: 60 }),
      (ringCount, size, steps) => {
        const pool = new RingPool(ringCount, size, new TextBudget(100));
        const model = new Model(ringCount);
        let value = 0;
        for (const one of steps) {
          if (one.kind === 'claim') expect(pool.claim()).toBe(model.claim());
          else if (one.kind === 'empty') {
            pool.empty(one.pick % ringCount);
            model.records.set(one.pick % ringCount, []);
          } else
            for (let i = 0; i < one.times; i++) {
              const ring = one.pick % ringCount;
              pool.records.setHead(pool.next(ring), ++value, 0, 0, 0, 0);
              model.write(ring, value, size);
            }
        }
        for (let ring = 0; ring < ringCount; ring++) {
          const held = pool.placesOf(ring).map((at) => pool.records.timeLowOf(at));
          expect(held).toEqual(model.records.get(ring) ?? []);
          expect(pool.sizeOf(ring)).toBe(held.length);
        }
      },
    ),
  );
});
