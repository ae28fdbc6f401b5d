/** Sensors in short: who reports, who loses events, and when one was blind of late. */

import type { Sensor } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import type { ApiProblem } from '../../api.ts';
import { countText, shortCount } from '../../format.ts';
import { Age, Panel } from '../../shared/parts.tsx';
import { sensorFinding } from '../../shared/sensor-state.ts';
import { ShortText } from '../../shared/text.tsx';

export interface SensorsProps {
  readonly sensors: readonly Sensor[] | undefined;
  readonly problem: ApiProblem | undefined;
}

const MOST_ROWS = 6;
const MOST_GAPS = 3;
const order = { silent: 0, blind: 1, fine: 2 } as const;
const signs = { silent: '○', blind: '◐', fine: '●' } as const;

export function SensorsPanel({ sensors, problem }: SensorsProps): JSX.Element {
  const nowMs = Date.now();
  const rows = (sensors ?? [])
    .map((sensor) => ({ sensor, ...sensorFinding(sensor, nowMs) }))
    .sort((a, b) => order[a.state] - order[b.state] || b.sensor.alertCount - a.sensor.alertCount);
  const fine = rows.filter(({ state }) => state === 'fine').length;
  const gaps = rows
    .flatMap(({ sensor: { hostname, gaps: own } }) => own.map((gap) => ({ hostname, ...gap })))
    .sort((a, b) => (a.to < b.to ? 1 : -1))
    .slice(0, MOST_GAPS);
  return (
    <Panel title="Sensors" class="overview-sensors" actions={<a href="/sensors">All sensors</a>}>
      <p class="quiet">
        {problem !== undefined
          ? problem.message
          : sensors === undefined
            ? '\u00a0'
            : rows.length === 0
              ? 'No sensor has sent anything yet.'
              : `${countText(fine)} of ${countText(rows.length)} report and lose nothing`}
      </p>
      <ul class="sensor-rows">
        {rows.slice(0, MOST_ROWS).map(({ sensor, state, reason }) => (
          <li key={sensor.hostname} class={`sensor-row is-${state}`}>
            <span aria-hidden="true">{signs[state]}</span>
            <a
              class="one-line"
              data-row
              href={`/alerts?${new URLSearchParams({ where: `hostname=${sensor.hostname}` })}`}
            >
              <ShortText value={sensor.hostname} limit={60} />
            </a>
            <span class="quiet sensor-reason">{state === 'fine' ? sensorFacts(sensor) : reason}</span>
            <span class="quiet">
              <Age time={sensor.lastTime} />
            </span>
          </li>
        ))}
      </ul>
      {gaps.length > 0 && (
        <>
          <h3>Latest gaps</h3>
          <ul class="gap-rows">
            {gaps.map(({ hostname, from, what, lost }) => (
              <li key={`${hostname} ${from} ${what}`}>
                <ShortText value={hostname} limit={60} />: {countText(lost)} events lost,{' '}
                <span class="quiet">
                  <ShortText value={what} limit={80} />, <Age time={from} />
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

function sensorFacts({ kind, version, alertCount, isHere }: Sensor): string {
  const names = { peregrine: 'Peregrine', falco: 'Falco', other: 'sender' } as const;
  return `${names[kind]}${version === null ? '' : ` ${version}`}${isHere ? ', here' : ''}, ${shortCount(alertCount)} alerts in 24 h`;
}
