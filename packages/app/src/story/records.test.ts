import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PATH_BYTES, Records, TextBudget } from './records.ts';

const text = fc.string({ maxLength: 30 });
const bytes = fc.uint8Array({ maxLength: 200 });
const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const write = fc.record({
  at: fc.nat({ max: 3 }),
  head: fc.tuple(fc.nat({ max: 2 ** 32 - 1 }), fc.nat({ max: 2 ** 32 - 1 }), fc.nat({ max: 500 }), int, int),
  numbers: fc.tuple(int, int),
  texts: fc.tuple(text, text, text),
  paths: fc.tuple(bytes, bytes),
});

/** Up to the first NUL, and no longer than there is room. */
function kept(path: Uint8Array, most: number): string {
  const end = path.indexOf(0);
  return Buffer.from(path.subarray(0, Math.min(end < 0 ? path.length : end, most))).toString('latin1');
}

test('records are as they were written, and copies of them', () => {
  fc.assert(
    fc.property(write, fc.nat({ max: 3 }), ({ at, head, numbers, texts, paths }, to) => {
      const records = new Records(4, new TextBudget(1_000));
      const copies = new Records(4, new TextBudget(1_000));
      const [low, high, code, pid, result] = head;
      records.setHead(at, low, high, code, pid, result);
      records.setNumbers(at, ...numbers);
      expect(records.setTexts(at, ...texts)).toBe(true);
      const [first, second] = paths;
      records.setFirstPath(at, first, 0, first.length, PATH_BYTES / 2);
      records.setSecondPath(at, second, 0, second.length);
      copies.copyFrom(to, records, at);
      for (const [all, place] of [
        [records, at],
        [copies, to],
      ] as const) {
        expect(all.timeNsOf(place)).toBe((BigInt(high) << 32n) | BigInt(low));
        expect([all.codeOf(place), all.pidOf(place), all.resultOf(place)]).toEqual([code, pid, result]);
        expect([all.firstOf(place), all.secondOf(place)]).toEqual(numbers);
        expect([all.nameOf(place), all.subjectOf(place), all.detailOf(place)]).toEqual(texts);
        const firstPath = kept(first, PATH_BYTES / 2);
        expect(all.firstPathOf(place)).toBe(firstPath);
        expect(all.secondPathOf(place)).toBe(kept(second, PATH_BYTES - firstPath.length));
      }
    }),
  );
});

test('the texts of all records together stay within the budget', () => {
  fc.assert(
    fc.property(fc.array(write), fc.nat({ max: 200 }), (writes, most) => {
      const budget = new TextBudget(most);
      const records = new Records(4, budget);
      for (const { at, texts } of writes) records.setTexts(at, ...texts);
      const places = [0, 1, 2, 3];
      const held = places.reduce(
        (sum, at) => sum + records.subjectOf(at).length + records.detailOf(at).length,
        0,
      );
      expect(budget.usedChars).toBe(held);
      expect(held).toBeLessThanOrEqual(most);
    }),
  );
});
