/** Sensors in short: who reports, who loses events, and when one was blind of late. */

import type { Sensor } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import type { ApiProblem } from '../../api.ts';
import { addressOfClause } from '../../filter.ts';
import { countText, shortCount } from '../../format.ts';
import { Age, Panel } from '../../shared/parts.tsx';
import { byHealth, healthOf, healthWords, hostTitle } from '../../shared/sensor-health.ts';
import { ShortText } from '../../shared/text.tsx';

export interface SensorsProps {
  readonly sensors: readonly Sensor[] | undefined;
  readonly problem: ApiProblem | undefined;
}

const MOST_ROWS = 6;
const MOST_GAPS = 3;
const signs = { silent: '‖', blind: '◌', reporting: '✓' } as const;

export function SensorsPanel({ sensors, problem }: SensorsProps): JSX.Element {
  const nowMs = Date.now();
  const rows = byHealth(sensors ?? [], nowMs);
  const reporting = rows.filter((sensor) => healthOf(sensor, nowMs) === 'reporting').length;
  const gaps = rows
    .flatMap(({ hostname, gaps: own }) => own.map((gap) => ({ hostname, ...gap })))
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
              : `${countText(reporting)} of ${countText(rows.length)} report and lose nothing`}
      </p>
      <ul class="sensor-rows">
        {rows.slice(0, MOST_ROWS).map((sensor) => {
          const health = healthOf(sensor, nowMs);
          const { hostname, lastTime } = sensor;
          return (
            <li key={hostname} class={`sensor-row is-${health}`}>
              <span aria-hidden="true">{signs[health]}</span>
              <a
                class="one-line"
                data-row
                href={addressOfClause({ field: 'hostname', value: hostname, isNegated: false })}
              >
                <ShortText value={hostTitle(hostname)} limit={60} />
              </a>
              <span class="quiet sensor-reason">
                {health === 'reporting' ? sensorFacts(sensor) : healthWords(sensor, nowMs)}
              </span>
              <span class="quiet">
                <Age time={lastTime} />
              </span>
            </li>
          );
        })}
      </ul>
      {gaps.length > 0 && (
        <>
          <h3>Latest gaps</h3>
          <ul class="gap-rows">
            {gaps.map(({ hostname, from, what, lost }) => (
              <li key={`${hostname} ${from} ${what}`}>
                <ShortText value={hostTitle(hostname)} limit={60} />: {countText(lost)} events lost,{' '}
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
  return `${names[kind]}${version === null ? '' : ` ${version}`}${isHere ? ', here' : ''}, ${shortCount(alertCount)} ${alertCount === 1 ? 'alert' : 'alerts'} in 24 h`;
}
