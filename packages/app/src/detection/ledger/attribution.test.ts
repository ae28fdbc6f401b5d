import { expect, test } from 'vitest';
import { Attribution } from './attribution.ts';
import { OTHER_CGROUPS } from './coverage-ledger.ts';

const loss = (code: number, dropped: number) => ({ cgroup: 9n, code, dropped, limited: 0 });
const totals = (...counts: [number, number][]) => [new Map(counts)];

test('losses that a cgroup is known for belong to nobody else', () => {
  const attribution = new Attribution();
  expect(attribution.check([loss(3, 5)], totals([3, 5]))).toEqual([]);
  expect(attribution.check([], totals([3, 5]))).toEqual([]);
});

test('what stays missing from one check to the next belongs to nobody known, once', () => {
  const attribution = new Attribution();
  expect(attribution.check([loss(3, 5)], totals([3, 8]))).toEqual([]);
  expect(attribution.check([], totals([3, 9]))).toEqual([
    { cgroup: OTHER_CGROUPS, code: 3, dropped: 3, limited: 0 },
  ]);
  expect(attribution.check([], totals([3, 9]))).toMatchObject([{ dropped: 1 }]);
  expect(attribution.check([], totals([3, 9]))).toEqual([]);
});

test('counts that were read a moment apart even out', () => {
  const attribution = new Attribution();
  expect(attribution.check([loss(3, 4)], totals([3, 5]))).toEqual([]);
  expect(attribution.check([loss(3, 1)], totals([3, 5]))).toEqual([]);
  expect(attribution.check([loss(3, 2)], totals([3, 6]))).toEqual([]);
  expect(attribution.check([], totals([3, 7]))).toEqual([]);
});
