/** The first page: what needs attention, and what is usual. Every part is one question to the store. */

import { priorities } from '@peregrine/alert';
import { ApiError, type ApiHandlers } from '@peregrine/api';
import type { Overview } from '@peregrine/api/contract';
import { parseDuration } from '@peregrine/base';
import type { AlertFilter, AlertStore, CountedValue, TriageState } from '@peregrine/store';
import { incidentShape, timeText } from '../shapes.ts';

const tops: readonly { readonly field: string; readonly title: string }[] = [
  { field: 'rule', title: 'Rules' },
  { field: 'k8s.ns.name', title: 'Namespaces' },
  { field: 'container.image.repository', title: 'Images' },
  { field: 'hostname', title: 'Machines' },
];
const OPEN: readonly TriageState[] = ['new', 'investigating'];
const MOST_ATTENTION = 8;
const MOST_TOP = 8;
const MOST_UNUSUAL = 12;
/** What was seen in the periods before the one that is looked at is usual. */
const USUAL_NS = 28n * 86_400_000_000_000n;
/** Values that are compared with what is usual. */
const MOST_COMPARED = 2_000;

export function createOverviewHandlers(
  store: AlertStore,
  nowMs: () => number,
): Pick<ApiHandlers, 'getOverview'> {
  return {
    getOverview: async ({ query, signal }) => {
      const since = query.since ?? '24h';
      const sinceMs = parseDuration(since);
      if (sinceMs === undefined || sinceMs === 0)
        throw new ApiError(
          400,
          'bad-since',
          `\`since\` is \`${since}\`, which is no length of time such as 24h`,
        );
      const toNs = BigInt(nowMs()) * 1_000_000n;
      const lengthNs = BigInt(sinceMs) * 1_000_000n;
      const present: AlertFilter = { fromNs: toNs - lengthNs };
      const before: AlertFilter = { fromNs: toNs - 2n * lengthNs, toNs: toNs - lengthNs };
      const [attention, counts, ranked, unusual, facts] = await Promise.all([
        store.incidents({ states: OPEN, order: 'urgent', fromNs: present.fromNs }, { limit: MOST_ATTENTION }),
        countsOf(store, present, before, signal),
        Promise.all(tops.map((top) => topOf(store, top, present, before, signal))),
        unusualIn(store, present, toNs - lengthNs, signal),
        store.facts(),
      ]);
      return {
        attention: attention.incidents.map(incidentShape),
        counts,
        tops: ranked.filter(({ values }) => values.length > 0),
        unusual,
        store: {
          alertCount: facts.alertCount,
          sizeBytes: facts.sizeBytes,
          oldestTime: facts.oldestNs === undefined ? null : timeText(facts.oldestNs),
        },
      };
    },
  };
}

async function countsOf(
  store: AlertStore,
  present: AlertFilter,
  before: AlertFilter,
  signal: AbortSignal,
): Promise<Overview['counts']> {
  const [now, then] = await Promise.all([
    store.countBy(present, 'priority', priorities.length, signal),
    store.countBy(before, 'priority', priorities.length, signal),
  ]);
  return priorities.map((priority) => ({
    priority,
    count: countIn(now.values, priority),
    previousCount: countIn(then.values, priority),
  }));
}

const countIn = (values: readonly CountedValue[], wanted: string): number =>
  values.find(({ value }) => value === wanted)?.count ?? 0;

async function topOf(
  store: AlertStore,
  { field, title }: (typeof tops)[number],
  present: AlertFilter,
  before: AlertFilter,
  signal: AbortSignal,
): Promise<Overview['tops'][number]> {
  const { values } = await store.countBy(present, field, MOST_TOP + 1, signal);
  const named = values.filter(({ value }) => value !== '').slice(0, MOST_TOP);
  if (named.length === 0) return { field, title, values: [] };
  const where = [{ field, values: named.map(({ value }) => value), isNegated: false }];
  const then = await store.countBy({ ...before, where }, field, MOST_TOP, signal);
  return {
    field,
    title,
    values: named.map(({ value, count }) => ({ value, count, previousCount: countIn(then.values, value) })),
  };
}

/** Values that were there in the period, and not in the four weeks before it. */
async function unusualIn(
  store: AlertStore,
  present: AlertFilter,
  startNs: bigint,
  signal: AbortSignal,
): Promise<Overview['unusual']> {
  const usual: AlertFilter = { fromNs: startNs - USUAL_NS, toNs: startNs };
  const found: Overview['unusual'] = [];
  // Without anything to compare with, everything would be new.
  if ((await store.search(usual, { limit: 1 }, signal)).alerts.length === 0) return [];
  for (const { field } of tops) {
    const [now, then] = await Promise.all([
      store.countBy(present, field, MOST_COMPARED, signal),
      store.countBy(usual, field, MOST_COMPARED * 4, signal),
    ]);
    const known = new Set(then.values.map(({ value }) => value));
    for (const { value, count } of now.values) {
      if (value === '' || known.has(value) || found.length >= MOST_UNUSUAL) continue;
      const where = [{ field, values: [value], isNegated: false }];
      const first = await store.search({ ...present, where }, { limit: 1, isOldestFirst: true }, signal);
      const [alert] = first.alerts;
      if (alert !== undefined)
        found.push({ rule: alert.alert.rule, field, value, count, firstTime: alert.alert.time });
    }
  }
  return found;
}
