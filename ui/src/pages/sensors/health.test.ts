import type { Sensor } from '@peregrine/api/contract';
import { expect, test } from 'vitest';
import { byHealth, figuresOf, type Health, healthOf, SHOWN_MS, stretchesOf } from './health.ts';

const nowMs = Date.parse('2026-03-10T12:00:00Z');
const at = (agoMs: number): string => new Date(nowMs - agoMs).toISOString();
const HOUR_MS = 3_600_000;

const sensor: Sensor = {
  ...{ hostname: 'node-1', kind: 'peregrine', version: '1.0.0', isHere: false, lastTime: at(60_000) },
  ...{
    alertCount: 3,
    events: null,
    cpuPercent: null,
    memoryBytes: null,
    gaps: [],
    uptimeMs: null,
    detail: null,
  },
};
const gap = (fromMs: number, toMs: number) => ({ from: at(fromMs), to: at(toMs), what: 'all', lost: 1 });

test.each([
  ['reporting', {}],
  ['silent', { lastTime: at(25 * HOUR_MS) }],
  ['reporting', { lastTime: at(25 * HOUR_MS), isHere: true }],
  ['blind', { gaps: [gap(2 * HOUR_MS, 60_000)] }],
  ['reporting', { gaps: [gap(3 * HOUR_MS, 2 * HOUR_MS)] }],
] satisfies [Health, Partial<Sensor>][])('is %s with %j', (health, over) => {
  expect(healthOf({ ...sensor, ...over }, nowMs)).toBe(health);
});

test('those that need a look come first', () => {
  const named = (hostname: string, over: Partial<Sensor> = {}): Sensor => ({ ...sensor, hostname, ...over });
  const sensors = [
    named('c'),
    named('b'),
    named('silent', { lastTime: at(48 * HOUR_MS) }),
    named('blind', { gaps: [gap(HOUR_MS, 0)] }),
  ];
  expect(byHealth(sensors, nowMs).map(({ hostname }) => hostname)).toEqual(['blind', 'silent', 'b', 'c']);
});

test('gaps lie where they were, and can be seen however short they were', () => {
  expect(stretchesOf([gap(SHOWN_MS / 2, SHOWN_MS / 4)], nowMs)).toEqual([{ start: 0.5, end: 0.75 }]);
  const [short] = stretchesOf([gap(1, 0)], nowMs);
  expect((short?.end ?? 0) - (short?.start ?? 0)).toBeCloseTo(1 / 200);
  expect(short?.end).toBeLessThanOrEqual(1);
  expect(
    stretchesOf([gap(3 * SHOWN_MS, 2 * SHOWN_MS), { ...gap(1, 0), from: 'never', to: 'never' }], nowMs),
  ).toEqual([]);
});

test('what nobody tells is left out', () => {
  expect(figuresOf(sensor)).toEqual([['Alerts, last 24 h', '3']]);
  expect(figuresOf({ ...sensor, events: { seen: 10, dropped: 2 } })).toContainEqual([
    'Events lost',
    '2',
    true,
  ]);
});
