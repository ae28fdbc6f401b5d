/** How a machine is, by what came from it. */

import type { Sensor } from '@peregrine/api/contract';
import { ageText, countText, durationText } from '../format.ts';

export type Health = 'blind' | 'silent' | 'reporting';

const HOUR_MS = 3_600_000;
const SILENCE_MS = 24 * HOUR_MS;
/** Of a sensor that tells of itself from time to time, which is once an hour unless its configuration says otherwise. */
const REPORTING_SILENCE_MS = 3 * HOUR_MS;

/** `blind`: it lost events within the last hour; `silent`: nothing came from it for longer than can be chance. */
export function healthOf({ isHere, lastTime, gaps, uptimeMs }: Sensor, nowMs: number): Health {
  if (recentGaps(gaps, nowMs).length > 0) return 'blind';
  const mostMs = uptimeMs === null ? SILENCE_MS : REPORTING_SILENCE_MS;
  return !isHere && nowMs - Date.parse(lastTime) > mostMs ? 'silent' : 'reporting';
}

const recentGaps = (gaps: Sensor['gaps'], nowMs: number): Sensor['gaps'] =>
  gaps.filter(({ to }) => nowMs - Date.parse(to) < HOUR_MS);

/** The same in words, with numbers. */
export function healthWords(sensor: Sensor, nowMs: number): string {
  switch (healthOf(sensor, nowMs)) {
    case 'blind': {
      const gaps = recentGaps(sensor.gaps, nowMs);
      const lost = gaps.reduce((sum, gap) => sum + gap.lost, 0);
      const [latest] = gaps;
      const age = latest === undefined ? '' : ageText(latest.to, nowMs);
      return `lost ${countText(lost)} ${lost === 1 ? 'event' : 'events'} within the hour, last ${age === 'just now' ? age : `${age} ago`}`;
    }
    case 'silent':
      return `silent for ${durationText(nowMs - Date.parse(sensor.lastTime))}`;
    case 'reporting':
      return 'reporting';
  }
}

const ranks: Readonly<Record<Health, number>> = { blind: 0, silent: 1, reporting: 2 };

/** Those that need a look first, then by name. */
export function byHealth(sensors: readonly Sensor[], nowMs: number): readonly Sensor[] {
  return sensors.toSorted(
    (a, b) => ranks[healthOf(a, nowMs)] - ranks[healthOf(b, nowMs)] || (a.hostname < b.hostname ? -1 : 1),
  );
}

/** How a machine is called; alerts that name none are of one without a name. */
export const hostTitle = (hostname: string): string => (hostname === '' ? 'no name' : hostname);
