import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CoverageLedger, type Loss, OTHER_CGROUPS } from './coverage-ledger.ts';

const settings = { quietMs: 5_000, longestMs: 60_000 };
const loss = (cgroup: bigint, code: number, dropped: number, limited = 0): Loss => ({
  cgroup,
  code,
  dropped,
  limited,
});

describe('a spell', () => {
  test('lies between the look before its first loss and the look that found its last', () => {
    const ledger = new CoverageLedger(settings);
    ledger.record(1_000, 2_000, [loss(7n, 307, 10), loss(7n, 5, 0, 4)]);
    ledger.record(2_000, 3_000, [loss(7n, 307, 1, 2)]);
    expect(ledger.take(7_999)).toEqual([]);
    expect(ledger.take(8_000)).toEqual([
      {
        cgroup: 7n,
        fromMs: 1_000,
        toMs: 3_000,
        dropped: 11,
        limited: 6,
        lostByCode: new Map([
          [307, 13],
          [5, 4],
        ]),
        isOngoing: false,
      },
    ]);
    expect(ledger.take(9_000)).toEqual([]);
  });

  test('is its cgroup’s own', () => {
    const ledger = new CoverageLedger(settings);
    ledger.record(0, 1_000, [loss(1n, 3, 1)]);
    ledger.record(4_000, 5_000, [loss(2n, 3, 1)]);
    expect(ledger.take(6_000).map(({ cgroup }) => cgroup)).toEqual([1n]);
    expect(ledger.openCount).toBe(1);
  });

  test('that goes on is told of in pieces, and the next piece begins anew', () => {
    const ledger = new CoverageLedger(settings);
    for (let second = 0; second < 60; second++)
      ledger.record(second * 1_000, (second + 1) * 1_000, [loss(1n, 3, 1)]);
    expect(ledger.take(60_000)).toMatchObject([{ fromMs: 0, toMs: 60_000, dropped: 60, isOngoing: true }]);
    ledger.record(60_000, 61_000, [loss(1n, 3, 1)]);
    expect(ledger.takeAll()).toMatchObject([{ fromMs: 60_000, dropped: 1, isOngoing: false }]);
  });

  test('is shared by cgroups beyond the ceiling', () => {
    const ledger = new CoverageLedger(settings);
    ledger.record(
      0,
      1,
      Array.from({ length: 5_000 }, (_, i) => loss(BigInt(i + 1), 3, 1)),
    );
    const spells = ledger.takeAll();
    expect(spells).toHaveLength(1_025);
    expect(spells.find(({ cgroup }) => cgroup === OTHER_CGROUPS)?.dropped).toBe(5_000 - 1_024);
  });
});

test('whatever comes, spells add up to the losses', () => {
  const arbitraryLoss = fc.record({
    cgroup: fc.bigInt({ min: 0n, max: 6n }),
    code: fc.nat(5),
    dropped: fc.nat(100),
    limited: fc.nat(100),
  });
  const looks = fc.array(fc.tuple(fc.nat(20_000), fc.array(arbitraryLoss, { maxLength: 5 })), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(looks, (steps) => {
      const ledger = new CoverageLedger(settings);
      let nowMs = 0;
      const spells = steps.flatMap(([waitMs, losses]) => {
        const beforeMs = nowMs;
        nowMs += waitMs;
        ledger.record(beforeMs, nowMs, losses);
        return ledger.take(nowMs);
      });
      spells.push(...ledger.takeAll());
      const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
      const all = steps.flatMap(([, losses]) => losses);
      expect(sum(spells.map(({ dropped }) => dropped))).toBe(sum(all.map(({ dropped }) => dropped)));
      expect(sum(spells.map(({ limited }) => limited))).toBe(sum(all.map(({ limited }) => limited)));
      for (const { dropped, limited, lostByCode, fromMs, toMs } of spells) {
        expect(sum([...lostByCode.values()])).toBe(dropped + limited);
        expect(toMs).toBeGreaterThanOrEqual(fromMs);
      }
    }),
  );
});
