/** All alerts: searched, followed as they come, triaged many at once. */

import './alerts.css';
import type { Alert, FilterQuery } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call, pathOf } from '../../api.ts';
import { filterOfPlace } from '../../filter.ts';
import { countText, priorities } from '../../format.ts';
import { addressWith, go } from '../../place.ts';
import { useAnswer } from '../../shared/answer.ts';
import { Chart } from '../../shared/chart.tsx';
import { useKeys } from '../../shared/keys.ts';
import { ProblemBox } from '../../shared/parts.tsx';
import { useRounds } from '../../shared/rounds.ts';
import { mayAct, session } from '../../shared/session.ts';
import { ShortText } from '../../shared/text.tsx';
import { TriageBar, triage } from '../../shared/triage.tsx';
import { MOST_ROWS } from './merge-alerts.ts';
import { QueryBar } from './query-bar.tsx';
import { Rows } from './rows.tsx';
import { useAlerts } from './use-alerts.ts';
import { Views } from './views.tsx';

/** How often the count and the chart are asked for again while alerts come. */
const REFRESH_MS = 10_000;

export function AlertsPage(): JSX.Element {
  const filter = filterOfPlace();
  const key = JSON.stringify(filter);
  const [isLive, setLive] = useState(true);
  const [isTop, setTop] = useState(true);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [isAllPicked, setAllPicked] = useState(false);
  const [currentId, setCurrentId] = useState<string>();
  const list = useAlerts(filter, isLive, !isTop || picked.size > 0);
  const round = useRounds(REFRESH_MS, isLive && filter.to === undefined);
  const count = useAnswer(`count ${key} ${round}`, (signal) =>
    call('countAlerts', { query: filter, signal }),
  );
  useEffect(() => {
    setPicked(new Set());
    setAllPicked(false);
    setCurrentId(undefined);
  }, [key]);

  const { alerts } = list;
  const current = currentId === undefined ? -1 : alerts.findIndex(({ id }) => id === currentId);
  const total = count.data?.count;
  const pick = (id: string): void => {
    const now = new Set(picked);
    if (!now.delete(id)) now.add(id);
    setPicked(now);
    setAllPicked(false);
  };
  const change = async (changes: { state?: Alert['state']; assignee?: string | null }): Promise<void> => {
    if (!mayAct('responder')) return;
    const ids = picked.size > 0 ? [...picked] : currentId === undefined ? [] : [currentId];
    if (!isAllPicked && ids.length === 0) return;
    if (!(await triage(isAllPicked ? { filter, ...changes } : { alerts: ids, ...changes }))) return;
    setPicked(new Set());
    setAllPicked(false);
    list.reload();
  };
  const move = (step: number): void => {
    const next = Math.min(alerts.length - 1, Math.max(0, current + step));
    setCurrentId(alerts[next]?.id);
  };
  useKeys({
    '/': () => document.getElementById('query')?.focus(),
    j: () => move(1),
    k: () => move(-1),
    // The row may not have the focus yet.
    Enter: () => currentId !== undefined && go(`/alerts/${encodeURIComponent(currentId)}`),
    x: () => currentId !== undefined && pick(currentId),
    l: () => setLive(!isLive),
    n: () => void change({ state: 'new' }),
    i: () => void change({ state: 'investigating' }),
    e: () => void change({ state: 'expected' }),
    c: () => void change({ state: 'closed' }),
    a: () => void change({ assignee: session.value?.user?.name ?? null }),
  });

  return (
    <div class="page alerts-page">
      <header class="row">
        <h1>Alerts</h1>
        <span class="quiet" role="status">
          {total === undefined ? '\u00a0' : countText(total)}
        </span>
        <span class="spring" />
        <button type="button" class="button is-small" aria-pressed={isLive} onClick={() => setLive(!isLive)}>
          {isLive ? 'Following' : 'Follow'} <kbd aria-hidden="true">l</kbd>
        </button>
        <Views />
        <Export filter={filter} />
      </header>
      <QueryBar />
      <Chips filter={filter} />
      <Chart
        filter={filter}
        round={round}
        onPeriod={(from, to) => go(addressWith({ from, to, since: undefined }))}
      />
      <div class="bulk" role="toolbar" aria-label="What to do with those that are chosen">
        <span class="quiet">
          {isAllPicked
            ? `all ${countText(total ?? 0)} chosen`
            : picked.size > 0
              ? `${countText(picked.size)} chosen`
              : 'none chosen'}
        </span>
        <button
          type="button"
          class="button is-small"
          disabled={alerts.length === 0}
          onClick={() => setPicked(picked.size > 0 ? new Set() : new Set(alerts.map(({ id }) => id)))}
        >
          {picked.size > 0 ? 'Choose none' : 'Choose all that are loaded'}
        </button>
        {picked.size > 0 && total !== undefined && total > picked.size && !isAllPicked && (
          <button type="button" class="link-button" onClick={() => setAllPicked(true)}>
            choose all {countText(total)} that the search finds
          </button>
        )}
        <TriageBar state={undefined} assignee={undefined} onChange={(changes) => void change(changes)} />
      </div>
      {list.problem !== undefined && <ProblemBox problem={list.problem} retry={list.reload} />}
      <div class="alerts-list">
        {list.waitingCount > 0 && (
          <button type="button" class="button is-main alerts-new" onClick={list.showWaiting}>
            {countText(list.waitingCount)} new
          </button>
        )}
        {list.missedCount > 0 && (
          <p class="quiet" role="status">
            {countText(list.missedCount)} came faster than they could be shown: search again to see them.
          </p>
        )}
        {!list.isLoading && alerts.length === 0 && list.problem === undefined && (
          <p class="nothing">
            No alerts are found.{' '}
            {filter.since !== '90d' && (
              <a href={addressWith({ since: '90d', from: undefined, to: undefined })}>Look back 90 days</a>
            )}
          </p>
        )}
        <Rows
          alerts={alerts}
          hasMore={list.hasMore && alerts.length < MOST_ROWS}
          picked={picked}
          current={current}
          onPick={pick}
          onCurrent={(index) => setCurrentId(alerts[index]?.id)}
          onEnd={list.loadMore}
          onTop={setTop}
        />
        {list.hasMore && alerts.length >= MOST_ROWS && (
          <p class="quiet">
            Here end the {countText(MOST_ROWS)} alerts that a list holds:{' '}
            <a
              href={addressWith({ from: '1970-01-01T00:00:00Z', since: undefined, to: alerts.at(-1)?.time })}
            >
              go on with older ones
            </a>
            , or search for fewer.
          </p>
        )}
      </div>
    </div>
  );
}

function Chips({ filter }: { readonly filter: FilterQuery }): JSX.Element {
  const where = filter.where ?? [];
  const shown = new Set(where.filter((clause) => clause.startsWith('priority=')));
  return (
    <div class="row">
      <fieldset class="chips">
        <legend class="unseen">Priorities</legend>
        {priorities.map((priority) => {
          const clause = `priority=${priority}`;
          const isOn = shown.has(clause);
          const rest = where.filter((other) => other !== clause);
          return (
            <button
              type="button"
              key={priority}
              class={`chip${isOn ? ` priority-${priority.toLowerCase()}` : ''}`}
              aria-pressed={isOn}
              onClick={() => go(addressWith({ where: isOn ? rest : [...where, clause] }))}
            >
              {priority}
            </button>
          );
        })}
      </fieldset>
      <ul class="chips" aria-label="Filters">
        {where
          .filter((clause) => !shown.has(clause))
          .map((clause) => (
            <li key={clause}>
              <button
                type="button"
                class="chip"
                aria-label={`Remove the filter ${clause.slice(0, 120)}`}
                onClick={() => go(addressWith({ where: where.filter((other) => other !== clause) }))}
              >
                <ShortText value={clause} limit={80} /> ×
              </button>
            </li>
          ))}
      </ul>
    </div>
  );
}

const formats = ['json', 'jsonl', 'csv'] as const;

function Export({ filter }: { readonly filter: FilterQuery }): JSX.Element {
  return (
    <details class="menu">
      <summary class="button is-small">Export</summary>
      <ul class="menu-box menu-list">
        {formats.map((format) => (
          <li key={format}>
            <a href={pathOf('exportAlerts', {}, { ...filter, format })} download={`alerts.${format}`}>
              {format === 'jsonl' ? 'JSON lines' : format.toUpperCase()}
            </a>
          </li>
        ))}
      </ul>
    </details>
  );
}
