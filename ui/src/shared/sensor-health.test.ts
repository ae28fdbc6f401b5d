import type { Sensor } from '@peregrine/api/contract';
import { expect, test } from 'vitest';
import { byHealth, type Health, healthOf, healthWords, hostTitle } from './sensor-health.ts';

const nowMs = Date.parse('2026-03-10T12:00:00Z');
const at = (agoMs: number): string => new Date(nowMs - agoMs).toISOString();
const HOUR_MS = 3_600_000;

const sensor: Sensor = {
  ...{ hostname: 'node-1', kind: 'peregrine', version: '1.0.0', isHere: false, lastTime: at(60_000) },
  ...{ alertCount: 3, events: null, cpuPercent: null, memoryBytes: null, gaps: [] },
  ...{ uptimeMs: null, detail: null },
};
const gap = (fromMs: number, toMs: number, lost = 1) => ({
  from: at(fromMs),
  to: at(toMs),
  what: 'all',
  lost,
});

test.each([
  ['reporting', {}, 'reporting'],
  ['reporting', { lastTime: at(20 * HOUR_MS) }, 'reporting'],
  ['silent', { lastTime: at(25 * HOUR_MS) }, 'silent for 1 d'],
  // It told of itself before, and does no longer.
  ['silent', { lastTime: at(20 * HOUR_MS), uptimeMs: 1 }, 'silent for 20 h'],
  ['reporting', { lastTime: at(25 * HOUR_MS), isHere: true }, 'reporting'],
  [
    'blind',
    { gaps: [gap(2 * HOUR_MS, 60_000, 5), gap(HOUR_MS, 120_000, 7), gap(9 * HOUR_MS, 8 * HOUR_MS)] },
    'lost 12 events within the hour, last 1 min ago',
  ],
  ['blind', { gaps: [gap(1_000, 0)] }, 'lost 1 event within the hour, last just now'],
  ['reporting', { gaps: [gap(3 * HOUR_MS, 2 * HOUR_MS)] }, 'reporting'],
] satisfies [Health, Partial<Sensor>, string][])('is %s with %j', (health, over, words) => {
  expect(healthOf({ ...sensor, ...over }, nowMs)).toBe(health);
  expect(healthWords({ ...sensor, ...over }, nowMs)).toBe(words);
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

test('a machine without a name has something to be called', () => {
  expect([hostTitle('node-1'), hostTitle('')]).toEqual(['node-1', 'no name']);
});
