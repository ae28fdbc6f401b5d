/** Sensors: the machines that send alerts, how they are, and when they were blind. */

import '../operations.css';
import type { Sensor } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { call } from '../../api.ts';
import { addressOfClause } from '../../filter.ts';
import { countText, wholeTimeText } from '../../format.ts';
import { useAnswer } from '../../shared/answer.ts';
import { Figures } from '../../shared/figures.tsx';
import { Age, ProblemBox, Waiting } from '../../shared/parts.tsx';
import { useRounds } from '../../shared/rounds.ts';
import { byHealth, type Health, healthOf, healthWords, hostTitle } from '../../shared/sensor-health.ts';
import { ShortText, Text } from '../../shared/text.tsx';
import { figuresOf, stretchesOf } from './figures.ts';

const REFRESH_MS = 10_000;
const MOST_GAPS = 5;

export function SensorsPage(): JSX.Element {
  const round = useRounds(REFRESH_MS);
  const { data, problem, reload } = useAnswer(`sensors ${round}`, (signal) =>
    call('listSensors', { signal }),
  );
  const nowMs = Date.now();
  const sensors = byHealth(data?.sensors ?? [], nowMs);
  const troubled = sensors.filter((sensor) => healthOf(sensor, nowMs) !== 'reporting').length;
  return (
    <div class="page is-wide">
      <header class="row">
        <h1>Sensors</h1>
        <span class="quiet" role="status">
          {data === undefined
            ? '\u00a0'
            : troubled === 0
              ? countText(sensors.length)
              : `${countText(troubled)} of ${countText(sensors.length)} need a look`}
        </span>
      </header>
      {problem !== undefined && <ProblemBox problem={problem} retry={reload} />}
      {data === undefined && problem === undefined && <Waiting lines={8} />}
      {data !== undefined && sensors.length === 0 && (
        <div class="nothing">
          <p>Nothing has come from any machine yet.</p>
          <p>
            Run <code>peregrine up --hub</code> on a machine to watch it, or have Falco post its alerts to the
            hub (<code>http_output.url</code>).
          </p>
        </div>
      )}
      <ul class="cards" aria-label="Sensors">
        {sensors.map((sensor) => (
          <li key={sensor.hostname}>
            <SensorCard sensor={sensor} nowMs={nowMs} />
          </li>
        ))}
      </ul>
    </div>
  );
}

const kinds: Readonly<Record<Sensor['kind'], string>> = {
  peregrine: 'Peregrine',
  falco: 'Falco',
  other: 'Another sender',
};
const signs: Readonly<Record<Health, string>> = { blind: '◌', silent: '‖', reporting: '✓' };

function SensorCard({ sensor, nowMs }: { readonly sensor: Sensor; readonly nowMs: number }): JSX.Element {
  const { hostname, kind, version, isHere, lastTime, gaps, detail } = sensor;
  const health = healthOf(sensor, nowMs);
  return (
    <section class="panel" aria-label={hostTitle(hostname)}>
      <header class="panel-head">
        <h2>
          <a href={addressOfClause({ field: 'hostname', value: hostname, isNegated: false })}>
            <ShortText value={hostTitle(hostname)} limit={80} />
          </a>
        </h2>
        <span class={`badge is-${health}`}>
          <span aria-hidden="true">{signs[health]}</span> {health}
        </span>
      </header>
      <p class="quiet">
        {kinds[kind]}
        {version !== null && (
          <>
            {' '}
            <ShortText value={version} limit={40} />
          </>
        )}
        {isHere ? ', in this process' : ''}, last heard <Age time={lastTime} />
      </p>
      {health !== 'reporting' && <p>{healthWords(sensor, nowMs)}</p>}
      <Figures figures={figuresOf(sensor)} />
      {sensor.events === null && kind !== 'other' && (
        <p class="quiet">
          It does not tell of its load: <code>metrics.enabled</code> in its configuration has it do so.
        </p>
      )}
      {detail !== null && (
        <p class="quiet">
          <Text value={detail} limit={200} />
        </p>
      )}
      {gaps.length > 0 && <Gaps gaps={gaps} nowMs={nowMs} />}
    </section>
  );
}

function Gaps({ gaps, nowMs }: { readonly gaps: Sensor['gaps']; readonly nowMs: number }): JSX.Element {
  return (
    <div class="gaps">
      <h3>When it was blind</h3>
      <svg
        viewBox="0 0 1000 16"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${countText(gaps.length)} gaps; the picture shows those of the last seven days, which stand below in words`}
      >
        <rect width="1000" height="16" class="gaps-ground" />
        {stretchesOf(gaps, nowMs).map(({ start, end }) => (
          <rect
            key={start}
            x={start * 1_000}
            width={(end - start) * 1_000}
            height="16"
            class="gaps-stretch"
          />
        ))}
      </svg>
      <p class="gaps-scale quiet" aria-hidden="true">
        <span>7 days ago</span>
        <span>now</span>
      </p>
      <ul>
        {gaps.slice(0, MOST_GAPS).map(({ from, to, what, lost }) => (
          <li key={`${from} ${what}`}>
            <Age time={from} />: <Text value={what} limit={120} />, {countText(lost)} lost{' '}
            <span class="unseen">
              from {wholeTimeText(from)} to {wholeTimeText(to)}
            </span>
          </li>
        ))}
      </ul>
      {gaps.length > MOST_GAPS && <p class="quiet">and {countText(gaps.length - MOST_GAPS)} before</p>}
    </div>
  );
}
