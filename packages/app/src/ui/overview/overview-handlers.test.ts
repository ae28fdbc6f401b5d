import { afterEach, expect, test } from 'vitest';
import {
  alertOf,
  asked,
  BASE_NS,
  keep,
  openRulesInterface,
  type RulesInterface,
} from '../../../testing/rules-interface.ts';
import { createOverviewHandlers } from './overview-handlers.ts';

const DAY_NS = 86_400_000_000_000n;
const nowMs = (): number => Number(BASE_NS / 1_000_000n);
/** Some alerts in the middle of the day that ended that many days ago. */
const onDay = (daysAgo: number, count: number, parts: Parameters<typeof alertOf>[0] = {}) =>
  Array.from({ length: count }, (_, i) =>
    alertOf({ ...parts, timeNs: BASE_NS - BigInt(daysAgo) * DAY_NS - DAY_NS / 2n + BigInt(i) }),
  );

let all: RulesInterface | undefined;
afterEach(() => all?.close());

test('what there is now stands beside the period before', async () => {
  all = await openRulesInterface({ rules: '[]', nowMs });
  const { getOverview } = createOverviewHandlers(all.store, nowMs);
  expect(await getOverview(asked({}))).toMatchObject({
    ...{ hasPrevious: false, open: [], store: { alertCount: 0, oldestTime: null } },
  });
  await keep(all.store, [
    ...onDay(2, 1),
    ...onDay(1, 4, { hostname: 'b' }),
    ...onDay(0, 2, { hostname: 'b', rule: 'Urgent', priority: 'Critical' }),
    ...onDay(0, 1, { hostname: 'c' }),
  ]);
  const overview = await getOverview(asked({ query: { since: '24h' } }));
  expect(overview.hasPrevious).toBe(true);
  expect(overview.counts.filter(({ count, previousCount }) => count + previousCount > 0)).toEqual([
    { priority: 'Critical', count: 2, previousCount: 0 },
    { priority: 'Notice', count: 1, previousCount: 4 },
  ]);
  expect(overview.open).toMatchObject([
    { priority: 'Critical', count: 1, unassignedCount: 1, latest: { rule: 'Urgent' } },
    { priority: 'Notice', unassignedCount: expect.any(Number), latest: { hostname: 'c' } },
  ]);
  const { series, previousCounts, bucketMs } = overview.timeline;
  expect([bucketMs, series.length, previousCounts.length]).toEqual([900_000, 8, 96]);
  expect(series.map(({ counts }) => counts.reduce((a, b) => a + b, 0))).toEqual([0, 0, 2, 0, 0, 1, 0, 0]);
  // Both days have theirs at the same time of the day.
  expect(previousCounts.indexOf(4)).toBe(series[2]?.counts.indexOf(2));
  const machines = overview.tops.find(({ field }) => field === 'hostname');
  expect(machines).toMatchObject({
    distinctCount: 2,
    values: [
      { value: 'b', count: 2, previousCount: 4 },
      { value: 'c', count: 1, previousCount: 0 },
    ],
  });
  expect(overview.tops.find(({ field }) => field === 'k8s.ns.name')?.values).toEqual([]);
});

test('what is new and what is far above its rate is told, with what is usual', async () => {
  all = await openRulesInterface({ rules: '[]', nowMs });
  const { getUnusual } = createOverviewHandlers(all.store, nowMs);
  await keep(all.store, onDay(0, 30));
  expect(await getUnusual(asked({}))).toMatchObject({ earlierCount: 0, fresh: [], raised: [] });
  await keep(all.store, [
    ...[4, 3, 2, 1].flatMap((day) => onDay(day, day === 2 ? 9 : 4)),
    // As often as always, and once more often than now.
    ...[4, 3, 2, 1, 0].flatMap((day) => onDay(day, 20, { rule: 'Steady' })),
    ...[...onDay(3, 40, { rule: 'Sometimes' }), ...onDay(0, 39, { rule: 'Sometimes' })],
    ...onDay(0, 3, { rule: 'First', hostname: 'new-1' }),
  ]);
  const unusual = await getUnusual(asked({}));
  expect(unusual).toMatchObject({ periodMs: 86_400_000, earlierCount: 3 });
  expect(unusual.fresh).toMatchObject([
    { field: 'rule', value: 'First', count: 3, rule: 'First' },
    { field: 'hostname', value: 'new-1', count: 3, rule: 'First' },
  ]);
  expect(unusual.raised).toEqual([
    { field: 'rule', value: 'Sample', count: 30, usualCount: 5.7, mostCount: 9 },
  ]);
});
