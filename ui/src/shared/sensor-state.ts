/** Whether a sensor sees what it should: it reports, and loses nothing. */

import type { Sensor } from '@peregrine/api/contract';
import { ageText, countText } from '../format.ts';

export type SensorState = 'fine' | 'blind' | 'silent';

export interface SensorFinding {
  readonly state: SensorState;
  /** Why, in some words. */
  readonly reason: string;
}

const HOUR_MS = 3_600_000;
/** Of a sensor that tells of itself from time to time (Falco's default is once in an hour). */
const REPORTING_SILENCE_MS = 3 * HOUR_MS;
const SILENCE_MS = 24 * HOUR_MS;
const RECENT_MS = 24 * HOUR_MS;
/** Of all events, from which on losing them is worth a word. */
const MUCH_DROPPED = 0.001;

export function sensorFinding(sensor: Sensor, nowMs: number): SensorFinding {
  const silenceMs = nowMs - Date.parse(sensor.lastTime);
  const mostMs = sensor.uptimeMs === null ? SILENCE_MS : REPORTING_SILENCE_MS;
  if (!sensor.isHere && silenceMs > mostMs)
    return { state: 'silent', reason: `nothing came for ${ageText(sensor.lastTime, nowMs)}` };
  const gaps = sensor.gaps.filter(({ to }) => Date.parse(to) >= nowMs - RECENT_MS);
  const [latest] = gaps;
  if (latest !== undefined) {
    const lost = gaps.reduce((sum, gap) => sum + gap.lost, 0);
    const age = ageText(latest.to, nowMs);
    return {
      state: 'blind',
      reason: `lost ${countText(lost)} events in 24 hours, last ${age === 'just now' ? age : `${age} ago`}`,
    };
  }
  const share = dropShare(sensor);
  if (share >= MUCH_DROPPED) return { state: 'blind', reason: `drops ${shareText(share)} of what it sees` };
  return { state: 'fine', reason: 'reports, and loses nothing' };
}

/** 0 to 1; 0 where nothing is known. */
export function dropShare({ events }: Pick<Sensor, 'events'>): number {
  if (events === null || events.dropped <= 0) return 0;
  return events.dropped / Math.max(events.seen, events.dropped);
}

export function shareText(share: number): string {
  const percent = share * 100;
  return `${percent >= 10 ? Math.round(percent) : percent.toPrecision(1)} %`;
}
