/** One incident: what it is, when its alerts came, and the alerts. */

import './incidents.css';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { call } from '../../api.ts';
import { countText, timeText, wholeTimeText } from '../../format.ts';
import { go } from '../../place.ts';
import { useAnswer } from '../../shared/answer.ts';
import { useKeys } from '../../shared/keys.ts';
import { tell } from '../../shared/notice.tsx';
import { Age, Panel, PriorityBadge, ProblemBox, StateBadge, Waiting } from '../../shared/parts.tsx';
import { mayAct, session } from '../../shared/session.ts';
import { ShortText, Text } from '../../shared/text.tsx';
import { Notes, TriageBar, triage } from '../../shared/triage.tsx';

const BUCKETS = 60;
const SHOWN = 100;
const HEIGHT = 80;

export function IncidentPage({ id }: { readonly id: string }): JSX.Element {
  const { data, problem, reload } = useAnswer(`incident ${id}`, (signal) =>
    call('getIncident', { params: { id }, signal }),
  );
  const alerts = useAnswer(`alerts of ${id}`, (signal) =>
    call('listAlerts', { query: { where: [`incident=${id}`], limit: SHOWN }, signal }),
  );
  const noteInput = useRef<HTMLTextAreaElement>(null);
  const change = async (
    changes: Parameters<Parameters<typeof TriageBar>[0]['onChange']>[0],
  ): Promise<void> => {
    if (mayAct('responder') && (await triage({ incidents: [id], ...changes }))) reload();
  };
  const tune = `/tune?incident=${encodeURIComponent(id)}`;
  useKeys({
    n: () => void change({ state: 'new' }),
    i: () => void change({ state: 'investigating' }),
    e: () => void change({ state: 'expected' }),
    c: () => void change({ state: 'closed' }),
    a: () => void change({ assignee: session.value?.user?.name ?? null }),
    m: () => noteInput.current?.focus(),
    t: () => go(tune),
  });
  if (data === undefined || data.incident.id !== id)
    return (
      <div class="page">
        <h1>Incident</h1>
        {problem === undefined ? <Waiting lines={8} /> : <ProblemBox problem={problem} retry={reload} />}
      </div>
    );
  const { incident, notes } = data;
  const { rule, workload, priority, state, assignee, count, firstTime, lastTime, output } = incident;
  return (
    <article class="page">
      <header class="alert-head">
        <a class="quiet-link" href="/incidents">
          Incidents
        </a>
        <p class="row">
          <PriorityBadge priority={priority} />
          <StateBadge state={state} />
          <span class="quiet">
            first <time dateTime={firstTime}>{wholeTimeText(firstTime)}</time>, last <Age time={lastTime} />
          </span>
        </p>
        <h1>
          <ShortText value={rule} limit={300} />
        </h1>
        <p class="sentence">
          {countText(count)} {count === 1 ? 'alert' : 'alerts'} of <ShortText value={workload} limit={160} />.
          Lately: <Text value={output} limit={400} />
        </p>
        <div class="row triage-row">
          <TriageBar state={state} assignee={assignee} onChange={(changes) => void change(changes)} />
          <a class="button is-main" href={tune} aria-keyshortcuts="t">
            This is expected… <kbd aria-hidden="true">t</kbd>
          </a>
        </div>
      </header>
      <div class="columns">
        <div class="column">
          <Panel title="Over time">
            <Bars id={id} from={firstTime} to={lastTime} />
          </Panel>
          <Panel
            title="Alerts"
            actions={
              <a
                class="quiet-link"
                href={`/alerts?${new URLSearchParams({ where: `incident=${id}`, since: '90d' })}`}
              >
                In the list
              </a>
            }
          >
            {alerts.problem !== undefined && <ProblemBox problem={alerts.problem} retry={alerts.reload} />}
            {alerts.data === undefined && alerts.problem === undefined && <Waiting />}
            <ul class="incident-alerts">
              {alerts.data?.alerts.map((alert) => (
                <li key={alert.id}>
                  <time dateTime={alert.time} title={wholeTimeText(alert.time)}>
                    {timeText(alert.time)}
                  </time>
                  <a href={`/alerts/${encodeURIComponent(alert.id)}`}>
                    <ShortText value={alert.output} limit={240} />
                  </a>
                </li>
              ))}
            </ul>
            {count > SHOWN && (
              <p class="quiet">
                The latest {SHOWN} of {countText(count)}.
              </p>
            )}
          </Panel>
        </div>
        <div class="column">
          <Panel title="Notes">
            <Notes
              inputRef={noteInput}
              notes={notes}
              onAdd={async (note) => {
                await call('triage', { body: { incidents: [id], note } });
                tell('note added');
                reload();
              }}
            />
          </Panel>
        </div>
      </div>
    </article>
  );
}

function Bars({
  id,
  from,
  to,
}: {
  readonly id: string;
  readonly from: string;
  readonly to: string;
}): JSX.Element {
  const { data, problem } = useAnswer(`bars ${id} ${to}`, (signal) => {
    const start = Date.parse(from);
    const end = Math.max(Date.parse(to), start + 60_000) + 1;
    const period = { from: new Date(start).toISOString(), to: new Date(end).toISOString() };
    return call('alertTimeline', {
      query: { where: [`incident=${id}`], ...period, buckets: BUCKETS },
      signal,
    });
  });
  const counts = data?.series[0]?.counts ?? [];
  const most = Math.max(1, ...counts);
  return (
    <>
      {problem !== undefined && <ProblemBox problem={problem} />}
      <svg
        class="bars"
        viewBox={`0 0 ${BUCKETS * 10} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Alerts from ${wholeTimeText(from)} to ${wholeTimeText(to)}`}
      >
        {counts.map((count, i) => {
          const height = count === 0 ? 0 : Math.max(2, (count / most) * HEIGHT);
          return (
            <rect key={i} x={i * 10 + 1} y={HEIGHT - height} width={8} height={height}>
              <title>{countText(count)}</title>
            </rect>
          );
        })}
      </svg>
      <p class="row quiet">
        <span>{timeText(from)}</span>
        <span class="spring" />
        <span>{timeText(to)}</span>
      </p>
    </>
  );
}
