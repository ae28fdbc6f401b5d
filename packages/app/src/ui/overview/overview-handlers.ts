/** The first page: what needs attention, and what there was beside the period before. Every part is one question to the store. */

import { priorities } from '@peregrine/alert';
import type { ApiHandlers } from '@peregrine/api';
import type { Overview } from '@peregrine/api/contract';
import type { AlertFilter, AlertStore, CountedValue, Timeline, TriageState } from '@peregrine/store';
import { incidentShape, timeText } from '../shapes.ts';
import { type Period, periodFrom } from './period.ts';
import { arrivalsReply } from './stream-arrivals.ts';
import { findUnusual } from './unusual.ts';

export const tops: readonly { readonly field: string; readonly title: string }[] = [
  { field: 'rule', title: 'Rules' },
  { field: 'k8s.ns.name', title: 'Namespaces' },
  { field: 'container.image.repository', title: 'Images' },
  { field: 'hostname', title: 'Machines' },
  { field: 'source', title: 'Sources' },
];
const OPEN: readonly TriageState[] = ['new', 'investigating'];
const MOST_TOP = 8;

export function createOverviewHandlers(
  store: AlertStore,
  nowMs: () => number,
): Pick<ApiHandlers, 'getOverview' | 'getUnusual' | 'streamArrivals'> {
  return {
    getOverview: async ({ query, signal }) => {
      const period = periodFrom(query, nowMs());
      const { fromNs, toNs, lengthNs, bucketNs, bucketCount } = period;
      const before: AlertFilter = { fromNs: fromNs - lengthNs, toNs: fromNs };
      const both = { fromNs: fromNs - lengthNs, toNs, bucketCount: 2 * bucketCount };
      const [open, timeline, ranked, facts] = await Promise.all([
        store.incidentCounts({ states: OPEN }),
        store.timeline(both, { ...both, by: 'priority', mostSeries: priorities.length }, signal),
        Promise.all(tops.map((top) => topOf(store, top, period, before, signal))),
        store.facts(),
      ]);
      return {
        from: timeText(fromNs),
        to: timeText(toNs),
        hasPrevious: facts.oldestNs !== undefined && facts.oldestNs <= fromNs - lengthNs,
        open: open.map(({ latest, ...counts }) => ({ ...counts, latest: incidentShape(latest) })),
        ...timelineShape(timeline, bucketCount),
        tops: ranked,
        store: {
          alertCount: facts.alertCount,
          sizeBytes: facts.sizeBytes,
          oldestTime: facts.oldestNs === undefined ? null : timeText(facts.oldestNs),
        },
      };

      /** The first half of the buckets is the period before. */
      function timelineShape({ series }: Timeline, half: number): Pick<Overview, 'counts' | 'timeline'> {
        const of = new Map(series.map(({ value, counts }) => [value, counts]));
        const none: readonly number[] = new Array(2 * half).fill(0);
        const parts = priorities.map((priority) => {
          const counts = of.get(priority) ?? none;
          return { priority, previous: counts.slice(0, half), present: counts.slice(half) };
        });
        return {
          counts: parts.map(({ priority, present, previous }) => ({
            priority,
            count: sum(present),
            previousCount: sum(previous),
          })),
          timeline: {
            bucketMs: Number(bucketNs) / 1e6,
            series: parts.map(({ priority, present }) => ({ priority, counts: present })),
            previousCounts: Array.from({ length: half }, (_, i) =>
              sum(parts.map(({ previous }) => previous[i] ?? 0)),
            ),
          },
        };
      }
    },
    getUnusual: async ({ query, signal }) => {
      const period = periodFrom(query, nowMs());
      const fields = tops.map(({ field }) => field);
      const { earlierFromNs, ...found } = await findUnusual(store, period, fields, signal);
      return {
        ...found,
        periodMs: Number(period.lengthNs) / 1e6,
        earlierFrom: timeText(earlierFromNs),
      };
    },
    streamArrivals: async ({ signal }) => arrivalsReply(store, signal),
  };
}

const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);

const countIn = (values: readonly CountedValue[], wanted: string): number =>
  values.find(({ value }) => value === wanted)?.count ?? 0;

async function topOf(
  store: AlertStore,
  { field, title }: (typeof tops)[number],
  { fromNs, toNs }: Period,
  before: AlertFilter,
  signal: AbortSignal,
): Promise<Overview['tops'][number]> {
  const present = await store.countBy({ fromNs, toNs }, field, MOST_TOP + 1, signal);
  const isNone = present.values.some(({ value }) => value === '');
  const named = present.values.filter(({ value }) => value !== '').slice(0, MOST_TOP);
  const distinctCount = present.distinctCount - (isNone ? 1 : 0);
  if (named.length === 0) return { field, title, distinctCount: 0, values: [] };
  const where = [{ field, values: named.map(({ value }) => value), isNegated: false }];
  const then = await store.countBy({ ...before, where }, field, MOST_TOP, signal);
  return {
    ...{ field, title, distinctCount },
    values: named.map(({ value, count }) => ({ value, count, previousCount: countIn(then.values, value) })),
  };
}
