/** What pages of the web interface ask, as questions to a store, with the same in SQL where a plain table can answer it. */

import type { AlertFilter, AlertStore } from '@peregrine/store';

const DAY_NS = 86_400_000_000_000n;
const BUCKETS = 120;

/** What a table with columns and an index of words is asked: `$fts` stands for the words, `$from` for a time. */
export interface SqlFilter {
  readonly where: string;
  readonly match?: string;
}

export interface Question {
  readonly kind: string;
  readonly name: string;
  readonly ask: (store: AlertStore) => Promise<unknown>;
  /** `undefined`: no plain table has it. */
  readonly sql: string | undefined;
}

interface NamedFilter {
  readonly name: string;
  readonly filter: AlertFilter;
  readonly sql: SqlFilter;
}

export function questionsOver(oldestNs: bigint, newestNs: bigint): readonly Question[] {
  const dayNs = newestNs - DAY_NS;
  const questions: Question[] = [];
  for (const { name, filter, sql } of filtersFrom(dayNs)) {
    const from = sql.match === undefined ? 'alerts' : 'words JOIN alerts ON alerts.id = words.rowid';
    const where = sql.match === undefined ? sql.where : `words MATCH '${sql.match}' AND ${sql.where}`;
    questions.push({
      kind: 'page',
      name,
      ask: (store) => store.search(filter, { limit: 50 }),
      sql: `SELECT json FROM ${from} WHERE ${where} ORDER BY time_ns DESC, alerts.id DESC LIMIT 50`,
    });
    const fromNs = filter.fromNs ?? oldestNs;
    const widthNs = (newestNs + 1n - fromNs) / BigInt(BUCKETS) + 1n;
    for (const by of ['priority', 'k8s.ns.name']) {
      const request = { fromNs, toNs: newestNs + 1n, bucketCount: BUCKETS, by };
      const column = by === 'priority' ? 'priority' : 'namespace';
      questions.push({
        kind: `timeline by ${by}`,
        name,
        ask: (store) => store.timeline(filter, request),
        sql: `SELECT (time_ns - ${fromNs}) / ${widthNs} AS bucket, ${column}, count(*) FROM ${from} WHERE ${where} GROUP BY 1, 2`,
      });
    }
    questions.push({
      kind: 'groups by rule',
      name,
      ask: (store) => store.countBy(filter, 'rule', 50),
      sql: `SELECT rule, count(*) FROM ${from} WHERE ${where} GROUP BY 1 ORDER BY 2 DESC LIMIT 50`,
    });
    questions.push({
      kind: 'count',
      name,
      ask: (store) => store.count(filter),
      sql: `SELECT count(*) FROM ${from} WHERE ${where}`,
    });
  }
  questions.push(...overview(dayNs, newestNs));
  questions.push(...incidents(dayNs));
  return questions;
}

function filtersFrom(dayNs: bigint): readonly NamedFilter[] {
  const where = (field: string, value: string) => ({ field, values: [value], isNegated: false });
  return [
    { name: 'everything', filter: {}, sql: { where: '1' } },
    { name: 'last day', filter: { fromNs: dayNs }, sql: { where: `time_ns >= ${dayNs}` } },
    {
      name: 'one rule',
      filter: { where: [where('rule', 'Rule 7 of the set')] },
      sql: { where: "rule = 'Rule 7 of the set'" },
    },
    {
      name: 'rule and namespace',
      filter: { where: [where('rule', 'Rule 3 of the set'), where('k8s.ns.name', 'team-7')] },
      sql: { where: "rule = 'Rule 3 of the set' AND namespace = 'team-7'" },
    },
    {
      name: 'priority >= error',
      filter: { condition: 'priority >= error' },
      sql: { where: "priority IN ('Emergency', 'Alert', 'Critical', 'Error')" },
    },
    {
      name: 'three fields',
      filter: {
        condition: 'proc.name in (curl, nc) and k8s.ns.name startswith team-1 and user.name != root',
      },
      sql: { where: "process IN ('curl', 'nc') AND namespace LIKE 'team-1%' AND user_name <> 'root'" },
    },
    {
      name: 'part of a command line',
      filter: { condition: 'proc.cmdline contains "--job 77 "' },
      sql: { where: "cmdline LIKE '%--job 77 %'" },
    },
    { name: 'common word', filter: { text: 'discovery' }, sql: { where: '1', match: 'mitre_discovery' } },
    { name: 'part of a word', filter: { text: 'service-77-' }, sql: { where: '1', match: '"service-77-"*' } },
    {
      name: 'word that is nowhere',
      filter: { text: 'quicksilver' },
      sql: { where: '1', match: 'quicksilver' },
    },
    {
      name: 'two words, last day',
      filter: { fromNs: dayNs, text: 'something unusual' },
      sql: { where: `time_ns >= ${dayNs}`, match: '"something unusual"' },
    },
  ];
}

/** As the first page asks, each time that it is drawn: the last day and the one before. */
function overview(dayNs: bigint, newestNs: bigint): readonly Question[] {
  const filter = { fromNs: dayNs };
  const beforeNs = dayNs - DAY_NS;
  const both = { fromNs: beforeNs, toNs: newestNs + 1n };
  const counts = (
    [
      ['rule', 'rule'],
      ['k8s.ns.name', 'namespace'],
      ['container.image.repository', 'image'],
      ['hostname', 'hostname'],
      ['source', undefined],
    ] as const
  ).map(
    ([by, column]): Question => ({
      kind: 'overview',
      name: `by ${by}, last day`,
      ask: (store) => store.countBy(filter, by, 9),
      sql:
        column === undefined
          ? undefined
          : `SELECT ${column}, count(*) FROM alerts WHERE time_ns >= ${dayNs} GROUP BY 1 ORDER BY 2 DESC LIMIT 9`,
    }),
  );
  return [
    ...counts,
    {
      kind: 'overview',
      name: 'by priority over time, two days',
      ask: (store) => store.timeline(both, { ...both, bucketCount: 192, by: 'priority', mostSeries: 8 }),
      sql: undefined,
    },
    {
      kind: 'overview',
      name: 'open incidents by priority',
      ask: (store) => store.incidentCounts({ states: ['new', 'investigating'] }),
      sql: undefined,
    },
  ];
}

function incidents(dayNs: bigint): readonly Question[] {
  const open = ['new', 'investigating'] as const;
  return [
    {
      kind: 'incidents',
      name: 'urgent and open, last day',
      ask: (store) => store.incidents({ states: open, order: 'urgent', fromNs: dayNs }, { limit: 50 }),
      sql: undefined,
    },
    {
      kind: 'incidents',
      name: 'latest',
      ask: (store) => store.incidents({ order: 'latest' }, { limit: 50 }),
      sql: undefined,
    },
    {
      kind: 'incidents',
      name: 'largest',
      ask: (store) => store.incidents({ order: 'count' }, { limit: 50 }),
      sql: undefined,
    },
    {
      kind: 'incidents',
      name: 'with a text',
      ask: (store) => store.incidents({ text: 'service-7' }, { limit: 50 }),
      sql: undefined,
    },
  ];
}
