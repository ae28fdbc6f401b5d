/** What a machine tells of itself, and when it was blind, as a picture shows it. */

import type { Sensor } from '@peregrine/api/contract';
import { bytesText, countText, durationText } from '../../format.ts';

const HOUR_MS = 3_600_000;
/** What the picture of gaps shows. */
export const SHOWN_MS = 7 * 24 * HOUR_MS;

export interface Stretch {
  /** Between 0, which is seven days ago, and 1, which is now. */
  readonly start: number;
  readonly end: number;
}

/** Where the gaps lie in the picture; those before it are left out, and short ones can be seen all the same. */
export function stretchesOf(gaps: Sensor['gaps'], nowMs: number): readonly Stretch[] {
  const least = 1 / 200;
  return gaps.flatMap(({ from, to }) => {
    const start = 1 - (nowMs - Date.parse(from)) / SHOWN_MS;
    const end = 1 - (nowMs - Date.parse(to)) / SHOWN_MS;
    if (!(end >= 0 && start <= 1)) return [];
    const shown = Math.min(1 - least, Math.max(0, start));
    return [{ start: shown, end: Math.min(1, Math.max(end, shown + least)) }];
  });
}

type Figure = readonly [name: string, value: string, isBad?: boolean];

/** What the machine tells. */
export function figuresOf(sensor: Sensor): readonly Figure[] {
  const { alertCount, events, cpuPercent, memoryBytes, uptimeMs } = sensor;
  const figures: Figure[] = [['Alerts, last 24 h', countText(alertCount)]];
  if (events !== null) {
    figures.push(['Events seen', countText(events.seen)]);
    figures.push(['Events lost', countText(events.dropped), events.dropped > 0]);
  }
  if (cpuPercent !== null) figures.push(['CPU', `${cpuPercent.toFixed(1)} %`]);
  if (memoryBytes !== null) figures.push(['Memory', bytesText(memoryBytes)]);
  if (uptimeMs !== null) figures.push(['Runs for', durationText(uptimeMs)]);
  return figures;
}
