/** What is wrong with outputs and sensors, and what waits for somebody, worst first, each with the page where one acts on it. */

import type { Output, ResponseStatus, Sensor } from '@peregrine/api/contract';
import { countText } from '../../format.ts';
import { byHealth, healthOf, healthWords, hostTitle } from '../../shared/sensor-health.ts';

export interface Trouble {
  readonly key: string;
  readonly kind: 'output' | 'sensor' | 'response';
  /** What it is about; may come from anybody. */
  readonly name: string;
  readonly text: string;
  readonly address: string;
}

export function outputTroubles(outputs: readonly Output[]): readonly Trouble[] {
  return outputs.flatMap((output) => {
    const { id, title, state, waitingCount, deadLetterCount, lastFailure } = output;
    const texts: string[] = [];
    if (state !== 'delivering')
      texts.push(
        `does not deliver${waitingCount === 0 ? '' : `, ${countText(waitingCount)} waiting`}${lastFailure === null ? '' : `: ${lastFailure.reason}`}`,
      );
    if (deadLetterCount > 0) texts.push(`${countText(deadLetterCount)} refused for good (dead letters)`);
    if (texts.length === 0) return [];
    return [
      { key: `output ${id}`, kind: 'output', name: title, text: texts.join('; '), address: '/outputs' },
    ];
  });
}

export function sensorTroubles(sensors: readonly Sensor[], nowMs: number): readonly Trouble[] {
  return byHealth(sensors, nowMs)
    .filter((sensor) => healthOf(sensor, nowMs) !== 'reporting')
    .map((sensor) => ({
      ...{ key: `sensor ${sensor.hostname}`, kind: 'sensor', name: hostTitle(sensor.hostname) },
      ...{ text: healthWords(sensor, nowMs), address: '/sensors' },
    }));
}

/** What somebody has to approve, and why nothing could be done. */
export function responseTroubles(status: ResponseStatus): readonly Trouble[] {
  const { waitingCount, kubernetesTrouble, hostTrouble } = status;
  const trouble = (name: string, text: string, address: string): Trouble => ({
    ...{ key: `response ${name}`, kind: 'response', name, text, address },
  });
  return [
    ...(waitingCount === 0
      ? []
      : [
          trouble(
            `${countText(waitingCount)} to approve`,
            waitingCount === 1 ? 'an action waits for approval' : 'actions wait for approval',
            '/response',
          ),
        ]),
    ...(kubernetesTrouble === null ? [] : [trouble('At Kubernetes', kubernetesTrouble, '/response')]),
    ...(hostTrouble === null ? [] : [trouble('On this machine', hostTrouble, '/response')]),
  ];
}
