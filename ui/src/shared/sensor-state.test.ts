import type { Sensor } from '@peregrine/api/contract';
import { expect, test } from 'vitest';
import { sensorFinding } from './sensor-state.ts';

const nowMs = Date.parse('2026-11-26T10:00:00Z');
const before = (hours: number): string => new Date(nowMs - hours * 3_600_000).toISOString();
const gap = (hours: number, lost: number): Sensor['gaps'][number] => ({
  ...{ from: before(hours + 1), to: before(hours), what: 'x', lost },
});
const sensor: Sensor = {
  ...{ hostname: 'a', kind: 'falco', version: '1', isHere: false, lastTime: before(1), alertCount: 1 },
  ...{ events: null, cpuPercent: null, memoryBytes: null, gaps: [], uptimeMs: null, detail: null },
};

test.each<[Partial<Sensor>, string, string]>([
  [{}, 'fine', 'reports, and loses nothing'],
  [{ lastTime: before(20) }, 'fine', 'reports'],
  [{ lastTime: before(20), uptimeMs: 1 }, 'silent', 'nothing came for 20 h'],
  [{ lastTime: before(50) }, 'silent', 'nothing came for 2 d'],
  [{ lastTime: before(50), isHere: true }, 'fine', 'reports'],
  [{ gaps: [gap(0, 5), gap(3, 7), gap(30, 100)] }, 'blind', 'lost 12 events in 24 hours, last just now'],
  [{ gaps: [gap(30, 100)] }, 'fine', 'reports'],
  [{ events: { seen: 1_000, dropped: 20 } }, 'blind', 'drops 2 % of what it sees'],
  [{ events: { seen: 1_000_000, dropped: 1 } }, 'fine', 'reports'],
])('%o is %s', (over, state, reason) => {
  const finding = sensorFinding({ ...sensor, ...over }, nowMs);
  expect(finding.state).toBe(state);
  expect(finding.reason).toContain(reason);
});
