import type { Sensor } from '@peregrine/api/contract';
import { expect, test } from 'vitest';
import { figuresOf, SHOWN_MS, stretchesOf } from './figures.ts';

const nowMs = Date.parse('2026-03-10T12:00:00Z');
const at = (agoMs: number): string => new Date(nowMs - agoMs).toISOString();

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
