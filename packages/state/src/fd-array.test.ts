import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fd, fdFlag } from './fd.ts';
import { FdArray } from './fd-array.ts';

const number = fc.oneof(
  fc.integer({ min: -3, max: 12 }),
  fc.integer({ min: 0, max: 60 }),
  fc.constantFrom(1_023, 1_024, 2 ** 31, 2 ** 40),
);
const step = fc.record({
  number,
  act: fc.constantFrom('set', 'set', 'delete', 'copy', 'drop'),
  closes: fc.boolean(),
});

test('it is a map of fds by number', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      let fds = new FdArray();
      const model = new Map<number, Fd>();
      for (const { number, act, closes } of steps) {
        if (act === 'set') {
          const fd = new Fd();
          if (closes) fd.flags = fdFlag.closeOnExec;
          fds.set(number, fd);
          model.set(number, fd);
        } else if (act === 'delete') expect(fds.delete(number)).toBe(model.delete(number));
        else if (act === 'copy') fds = fds.copy();
        else {
          const flagged = [...model].filter(([, fd]) => fd.flags !== 0);
          expect(fds.countFlagged(fdFlag.closeOnExec)).toBe(flagged.length);
          fds.deleteFlagged(fdFlag.closeOnExec);
          for (const [key] of flagged) model.delete(key);
        }
        expect(fds.size).toBe(model.size);
        expect(fds.get(number)).toBe(model.get(number));
        expect(fds.has(number)).toBe(model.has(number));
      }
      expect(new Map(fds.entries())).toEqual(model);
      expect(new Set(fds.keys())).toEqual(new Set(model.keys()));
      expect(new Set(fds.values())).toEqual(new Set(model.values()));
    }),
  );
});

test('few or many, entries come in the order of their numbers', () => {
  const fds = new FdArray();
  const numbers: number[] = [];
  for (let number = 100; number > 0; number--) {
    fds.set(number, new Fd());
    numbers.unshift(number);
    expect([...fds.keys()]).toEqual(numbers);
  }
});

test('a copy is another table of the same entries, which are shared from then on', () => {
  const fds = new FdArray();
  const low = new Fd();
  const high = new Fd();
  fds.set(3, low);
  fds.set(5_000, high);
  const copy = fds.copy();
  copy.delete(3);
  copy.set(5_000, new Fd());
  expect([fds.get(3), fds.get(5_000), fds.size, copy.size]).toEqual([low, high, 2, 1]);
  expect([low.isShared, high.isShared]).toEqual([true, true]);
});
