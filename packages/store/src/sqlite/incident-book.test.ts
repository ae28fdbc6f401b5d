/** Incidents while few of them are in memory: whatever was written where, they say what their alerts say. */

import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeAlert, priorities } from '@peregrine/alert';
import { urgencyOf } from '@peregrine/query';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { BASE_NS, sampleAlert } from '../../testing/sample.ts';
import type { Incident, TriageState } from '../alert-store.ts';
import { Engine } from './engine.ts';
import { nextTurn } from './turns.ts';

const folder = mkdtempSync(join(tmpdir(), 'peregrine-store-incidents-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HOUR_NS = 3_600_000_000_000n;
const GAP_HOURS = 24;
let count = 0;
const nextPath = (): string => join(folder, `${count++}.db`);

function open(path: string, recentIncidents: number): Engine {
  return Engine.open({
    path,
    incidentGapMs: GAP_HOURS * 3_600_000,
    cacheBytes: 100_000,
    segmentRows: 4,
    recentIncidents,
    onTrouble: (text) => expect.fail(text),
  });
}

/** As a crash of the machine would leave it now. */
function crash(path: string): string {
  const copy = nextPath();
  for (const ending of ['', '-wal'])
    if (existsSync(path + ending)) copyFileSync(path + ending, copy + ending);
  return copy;
}

type Step =
  | { readonly kind: 'append'; readonly alerts: readonly { rule: string; hour: number; priority: number }[] }
  | {
      readonly kind: 'triage';
      readonly number: number;
      readonly state: TriageState;
      readonly assignee: string;
    }
  | { readonly kind: 'wait' | 'reopen' | 'crash' }
  | { readonly kind: 'retain'; readonly maxCount: number };

const alert = fc.record({
  rule: fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F'),
  hour: fc.integer({ min: 0, max: 200 }),
  priority: fc.nat(priorities.length - 1),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('append'), alerts: fc.array(alert, { maxLength: 6 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('triage'),
      number: fc.nat(4),
      state: fc.constantFrom('new', 'investigating', 'closed'),
      assignee: fc.constantFrom('', 'ann'),
    }),
  },
  { weight: 3, arbitrary: fc.constant<Step>({ kind: 'wait' }) },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: 'reopen' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'crash' }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('retain'), maxCount: fc.integer({ min: 1, max: 30 }) }),
  },
);

const all = (engine: Engine, order: 'urgent' | 'latest' | 'count'): readonly Incident[] =>
  engine.incidents({ order }, { limit: 10_000 }).incidents;

/** What was done so far. */
class Deeds {
  readonly triaged = new Map<string, { readonly state: TriageState; readonly assignee: string }>();
  /** Alerts of each incident, also those that were removed. */
  readonly counts = new Map<string, number>();

  append(incidentIds: readonly string[]): void {
    for (const id of incidentIds) this.counts.set(id, (this.counts.get(id) ?? 0) + 1);
  }
}

/** What the alerts that are there say of their incidents. */
function check(engine: Engine, { triaged, counts: alertCounts }: Deeds): void {
  const alerts = engine.since(undefined, 10_000).flatMap(({ json, incidentId }) => {
    const decoded = decodeAlert(json);
    return decoded === undefined ? [] : [{ ...decoded, incidentId }];
  });
  const latest = all(engine, 'latest');
  const ids = new Set(alerts.map(({ incidentId }) => incidentId));
  for (const id of ids) {
    const own = alerts.filter(({ incidentId }) => incidentId === id);
    const incident = engine.incident(id);
    expect(latest.find((each) => each.id === id)).toEqual(incident);
    if (incident === undefined) expect.fail(`incident ${id} is not there`);
    const newest = own.reduce((a, b) => (b.timeNs >= a.timeNs ? b : a));
    expect(incident.count).toBe(alertCounts.get(id));
    expect(incident.lastNs).toBeGreaterThanOrEqual(newest.timeNs);
    if (incident.count === own.length)
      expect(incident).toMatchObject({ lastNs: newest.timeNs, output: newest.output, rule: newest.rule });
    const { state = 'new', assignee = '' } = triaged.get(id) ?? {};
    expect([incident.state, incident.assignee ?? '']).toEqual([state, assignee]);
  }
  for (const order of ['urgent', 'latest', 'count'] as const) {
    const urgency = ({ priority }: Incident): number => (order === 'urgent' ? urgencyOf(priority) : 0);
    const size = ({ count: own }: Incident): number => (order === 'count' ? own : 0);
    const expected = latest.toSorted((a, b) => urgency(b) - urgency(a) || size(b) - size(a));
    expect(all(engine, order)).toEqual(expected);
    expect(engine.incidents({ order }, { limit: 3 }).incidents).toEqual(expected.slice(0, 3));
  }
  const states = ['new', 'investigating'] as const;
  for (const filter of [
    {},
    { states },
    { assignee: '' },
    { rule: 'A' },
    { states, fromNs: BASE_NS + HOUR_NS * 50n },
  ]) {
    const counts = engine.incidentCounts(filter);
    const { incidents } = engine.incidents(filter, { limit: 10_000 });
    for (const { priority, count: own, unassignedCount, latest: newest } of counts) {
      const same = incidents.filter((incident) => incident.priority === priority);
      expect([own, unassignedCount]).toEqual([
        same.length,
        same.filter(({ assignee }) => assignee === undefined).length,
      ]);
      expect(newest).toEqual(same[0]);
    }
    expect(counts.reduce((sum, { count: own }) => sum + own, 0)).toBe(incidents.length);
  }
}

test('whatever happens in whatever order, incidents say what their alerts say', { timeout: 120_000 }, () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 30 }),
      fc.constantFrom(2, 4, 100),
      async (steps, most) => {
        let path = nextPath();
        let engine = open(path, most);
        const deeds = new Deeds();
        for (const each of steps) {
          switch (each.kind) {
            case 'append': {
              const kept = await engine.append(
                each.alerts.map(({ rule, hour, priority }) => ({
                  json: sampleAlert({
                    rule,
                    timeNs: BASE_NS + BigInt(hour) * HOUR_NS,
                    priority: priorities[priority] ?? 'Notice',
                    output: `at ${hour}`,
                  }).json,
                  mark: undefined,
                  story: undefined,
                })),
              );
              deeds.append(kept.map(({ incidentId }) => incidentId));
              break;
            }
            case 'triage': {
              const { id } = all(engine, 'latest')[each.number] ?? {};
              if (id === undefined) break;
              const { state, assignee } = each;
              await engine.triage(
                { kind: 'incidents', ids: [id] },
                { state, assignee: assignee === '' ? null : assignee },
                nextTurn,
              );
              deeds.triaged.set(id, { state, assignee });
              break;
            }
            case 'wait':
              await engine.caughtUp();
              check(engine, deeds);
              break;
            case 'reopen':
              await engine.close();
              engine = open(path, most);
              break;
            case 'crash': {
              const copy = crash(path);
              await engine.close();
              path = copy;
              engine = open(path, most);
              break;
            }
            case 'retain':
              await engine.caughtUp();
              await engine.retain({ maxAgeMs: 0, maxCount: each.maxCount, maxBytes: 0 }, 0);
              break;
          }
        }
        check(engine, deeds);
        await engine.close();
      },
    ),
    { numRuns: 40 },
  ),
);
