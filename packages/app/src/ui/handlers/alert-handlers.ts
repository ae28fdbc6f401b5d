/** Answers about alerts: lists, counts, one alert with all that is known of it. */

import { textOfValue } from '@peregrine/alert';
import { ApiError, type ApiHandlers } from '@peregrine/api';
import { checkTriagedCondition } from '@peregrine/query';
import type { AlertFilter, AlertStore, KeptAlert, Notes, WhereClause } from '@peregrine/store';
import { alertNamed } from '../alert-named.ts';
import { filterFrom, withFilterErrors } from '../filter-query.ts';
import { alertShape, incidentShape, storyShape, timeText } from '../shapes.ts';
import { exportReply } from './export-alerts.ts';
import { noteShape } from './incident-handlers.ts';

export interface AlertHandlerOptions {
  readonly store: AlertStore;
  readonly notes: Notes;
  readonly nowMs: () => number;
  /** What is known of a field by its name. */
  readonly fieldDoc: (name: string) => { readonly type: 'text' | 'number'; readonly doc: string };
  readonly operators: readonly { readonly symbol: string; readonly doc: string }[];
}

type Names =
  | 'listAlerts'
  | 'countAlerts'
  | 'groupAlerts'
  | 'alertTimeline'
  | 'exportAlerts'
  | 'getAlert'
  | 'relatedAlerts'
  | 'listFields'
  | 'checkQuery';

const DAY_NS = 86_400_000_000_000n;
const DEFAULT_LIMIT = 100;
const MOST_FIELDS = 500;

export function createAlertHandlers(options: AlertHandlerOptions): Pick<ApiHandlers, Names> {
  const { store, notes, nowMs } = options;

  return {
    listAlerts: async ({ query, signal }) => {
      const page = { limit: query.limit ?? DEFAULT_LIMIT, cursor: query.cursor };
      const found = await withFilterErrors(store.search(filterFrom(query, nowMs()), page, signal));
      return { alerts: found.alerts.map(alertShape), next: found.next ?? null };
    },
    countAlerts: async ({ query, signal }) => ({
      count: await withFilterErrors(store.count(filterFrom(query, nowMs()), signal)),
    }),
    groupAlerts: async ({ query, signal }) => {
      const filter = filterFrom(query, nowMs());
      const counts = await withFilterErrors(
        store.countBy(filter, query.by, query.limit ?? DEFAULT_LIMIT, signal),
      );
      return { ...counts, values: [...counts.values] };
    },
    alertTimeline: async ({ query, signal }) => {
      const filter = filterFrom(query, nowMs());
      const toNs = filter.toNs ?? BigInt(nowMs()) * 1_000_000n;
      const fromNs = filter.fromNs ?? toNs - DAY_NS;
      if (fromNs >= toNs) throw new ApiError(400, 'bad-period', '`from` is not before `to`');
      const request = {
        fromNs,
        toNs,
        bucketCount: query.buckets ?? 60,
        by: query.by,
        mostSeries: query.series,
      };
      const timeline = await withFilterErrors(store.timeline(filter, request, signal));
      return {
        from: timeText(timeline.fromNs),
        bucketMs: Number(timeline.bucketNs) / 1e6,
        series: timeline.series.map(({ value, counts }) => ({ value: value ?? null, counts: [...counts] })),
      };
    },
    exportAlerts: ({ query, signal }) => exportReply(store, filterFrom(query, nowMs()), query, signal),
    getAlert: async ({ params }) => {
      const kept = await alertNamed(store, params.id ?? '');
      const [incident, story, ofIncident] = await Promise.all([
        store.incident(kept.incidentId),
        store.story(kept.id),
        notes.of(kept.incidentId),
      ]);
      return {
        alert: alertShape(kept),
        incident: incident === undefined ? null : incidentShape(incident),
        story: story === undefined ? null : storyShape(story),
        notes: ofIncident.map(noteShape),
        json: kept.alert.json,
      };
    },
    relatedAlerts: async ({ params, query, signal }) => {
      const kept = await alertNamed(store, params.id ?? '');
      const limit = Math.min(50, query.limit ?? 10);
      const groups = await Promise.all(
        relationsOf(kept).map(async ({ title, where }) => {
          const filter: AlertFilter = {
            where,
            fromNs: kept.alert.timeNs - DAY_NS,
            toNs: kept.alert.timeNs + DAY_NS,
          };
          const [found, total] = await Promise.all([
            store.search(filter, { limit: limit + 1 }, signal),
            store.count(filter, signal),
          ]);
          const others = found.alerts.filter(({ id }) => id !== kept.id).slice(0, limit);
          const texts = where.map(({ field, values }) => `${field}=${values[0] ?? ''}`);
          return { title, where: texts, alerts: others.map(alertShape), total: Math.max(0, total - 1) };
        }),
      );
      return { groups: groups.filter(({ total }) => total > 0) };
    },
    listFields: async () => {
      const names = await store.fieldNames(MOST_FIELDS);
      return {
        fields: names.map(({ name, count }) => ({ name, count, ...options.fieldDoc(name) })),
        operators: [...options.operators],
      };
    },
    checkQuery: async ({ body }) => {
      const checked = checkTriagedCondition(body.q);
      return { problem: 'problem' in checked ? checked.problem : null };
    },
  };
}

/** What other alerts may have in common with one, the nearest first. */
function relationsOf({
  alert,
}: KeptAlert): readonly { readonly title: string; readonly where: readonly WhereClause[] }[] {
  const clause = (field: string): WhereClause[] => {
    const value = alert.fields[field];
    const text = value === undefined || value === null ? '' : textOfValue(value);
    return text === '' || text === '<NA>' || text === 'host'
      ? []
      : [{ field, values: [text], isNegated: false }];
  };
  const host: WhereClause[] =
    alert.hostname === '' ? [] : [{ field: 'hostname', values: [alert.hostname], isNegated: false }];
  const pid = clause('proc.pid');
  const container = clause('container.id');
  const pod = [...clause('k8s.ns.name'), ...clause('k8s.pod.name')];
  return [
    { title: 'Same process', where: pid.length === 0 ? [] : [...pid, ...host] },
    { title: 'Same container', where: container },
    { title: 'Same pod', where: pod.length < 2 ? [] : pod },
    { title: 'Same machine', where: host },
    { title: 'Same rule', where: [{ field: 'rule', values: [alert.rule], isNegated: false }] },
  ].filter(({ where }) => where.length > 0);
}
