/** The first page: what needs attention, what there was, and what is new or unusual. Follows what comes. */

import './overview.css';
import type { JSX } from 'preact';
import { call } from '../../api.ts';
import { countText } from '../../format.ts';
import { addressWith, go, place } from '../../place.ts';
import { useAnswer } from '../../shared/answer.ts';
import { useKeys } from '../../shared/keys.ts';
import { ProblemBox } from '../../shared/parts.tsx';
import { useRounds } from '../../shared/rounds.ts';
import { AttentionPanel } from './attention.tsx';
import { ChangeText } from './change-text.tsx';
import { FirstStart } from './first-start.tsx';
import { type PeriodQuery, periodChoices, periodOf, periodWords } from './period.ts';
import { SensorsPanel } from './sensors.tsx';
import { TimelinePanel } from './timeline.tsx';
import { Tops } from './tops.tsx';
import { outputTroubles, responseTroubles, sensorTroubles } from './troubles.ts';
import { UnusualPanel } from './unusual.tsx';
import { type ShownOverview, useOverview } from './use-overview.ts';

const HEALTH_MS = 15_000;
const UNUSUAL_MS = 60_000;

export function OverviewPage(): JSX.Element {
  const period = periodOf(place.value.query);
  const overview = useOverview(period);
  const healthRound = useRounds(HEALTH_MS);
  const outputs = useAnswer(`outputs ${healthRound}`, (signal) => call('listOutputs', { signal }));
  const sensors = useAnswer(`sensors ${healthRound}`, (signal) => call('listSensors', { signal }));
  const response = useAnswer(`response ${healthRound}`, (signal) => call('getResponse', { signal }));
  const unusual = useAnswer(`unusual ${JSON.stringify(period)} ${useRounds(UNUSUAL_MS)}`, (signal) =>
    call('getUnusual', { query: period, signal }).then((answer) => ({ ...answer, period })),
  );
  useKeys({
    ...Object.fromEntries(periodChoices.map(({ key, since }) => [key, () => go(addressOfPeriod(since))])),
    j: () => focusRow(1),
    k: () => focusRow(-1),
  });
  const { data } = overview;
  const troubles =
    outputs.data === undefined || sensors.data === undefined || response.data === undefined
      ? undefined
      : [
          ...responseTroubles(response.data),
          ...outputTroubles(outputs.data.outputs),
          ...sensorTroubles(sensors.data.sensors, Date.now()),
        ];
  const unknown = outputs.problem ?? sensors.problem ?? response.problem;
  const isEmpty = data?.store.alertCount === 0;
  const attention = <AttentionPanel open={data?.open} troubles={troubles} problem={unknown} />;
  const sensorsPanel = <SensorsPanel sensors={sensors.data?.sensors} problem={sensors.problem} />;
  return (
    <div class="page is-wide overview-page">
      <header class="row">
        <h1>Overview</h1>
        <span class="overview-total">{data === undefined ? '\u00a0' : <Total overview={data} />}</span>
        <span class="spring" />
        <Periods period={period} />
      </header>
      {overview.problem !== undefined && <ProblemBox problem={overview.problem} retry={overview.reload} />}
      {isEmpty ? (
        <>
          <FirstStart />
          <div class="overview-last-row">
            {attention}
            {sensorsPanel}
          </div>
        </>
      ) : (
        <>
          <div class="overview-first-row">
            {attention}
            <TimelinePanel overview={data} />
          </div>
          <Tops overview={data} />
          <div class="overview-last-row">
            <UnusualPanel unusual={unusual.data} problem={unusual.problem} />
            {sensorsPanel}
          </div>
        </>
      )}
    </div>
  );
}

const addressOfPeriod = (since: string): string => addressWith({ since, from: undefined, to: undefined });

function Periods({ period }: { readonly period: PeriodQuery }): JSX.Element {
  return (
    <div class="segments" role="group" aria-label="Period">
      {period.from !== undefined && (
        <a class="segment" href={addressOfPeriod('24h')}>
          Back to 24 h
        </a>
      )}
      {periodChoices.map(({ since, title, key }) => (
        <button
          type="button"
          key={since}
          class="segment"
          aria-pressed={period.since === since}
          aria-keyshortcuts={key}
          onClick={() => go(addressOfPeriod(since))}
        >
          {title} <kbd aria-hidden="true">{key}</kbd>
        </button>
      ))}
    </div>
  );
}

function Total({ overview }: { readonly overview: ShownOverview }): JSX.Element {
  const { counts, hasPrevious, period } = overview;
  const count = counts.reduce((sum, one) => sum + one.count, 0);
  const previous = counts.reduce((sum, one) => sum + one.previousCount, 0);
  return (
    <>
      <strong>{countText(count)}</strong> {count === 1 ? 'alert' : 'alerts'} {periodWords(period)}
      {hasPrevious && (
        <>
          {' '}
          <ChangeText count={count} previous={previous} />
        </>
      )}
    </>
  );
}

/** Through all that leads somewhere, in the order of the page. */
function focusRow(step: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>('.overview-page [data-row]')];
  const at = rows.findIndex((row) => row === document.activeElement);
  rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))]?.focus();
}
