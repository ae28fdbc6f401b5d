/** Incidents: what there is to look after, with triage of several at once. */

import './incidents.css';
import type { Incident } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Answer, call, type Query } from '../../api.ts';
import { priorities, shortCount } from '../../format.ts';
import { addressWith, go, place } from '../../place.ts';
import { useAnswer } from '../../shared/answer.ts';
import { useKeys } from '../../shared/keys.ts';
import { tellProblem } from '../../shared/notice.tsx';
import { Age, PriorityBadge, ProblemBox, StateBadge, Waiting } from '../../shared/parts.tsx';
import { mayAct, session } from '../../shared/session.ts';
import { ShortText } from '../../shared/text.tsx';
import { states, TriageBar, triage } from '../../shared/triage.tsx';
import { sparkPath } from './spark.ts';

type IncidentQuery = NonNullable<Query<'listIncidents'>>;

const PAGE = 50;
const DEFAULT_STATES = ['new', 'investigating'];
const orders = [
  { order: 'urgent', title: 'Most urgent first' },
  { order: 'latest', title: 'Latest first' },
  { order: 'count', title: 'Most alerts first' },
] as const;

export function queryOf(query: URLSearchParams): IncidentQuery {
  const known = states.map(({ state }) => state);
  const asked = query.getAll('state').flatMap((text) => known.filter((state) => state === text));
  const order = orders.find((one) => one.order === query.get('order'))?.order ?? 'urgent';
  const isAll = query.get('state') === 'all';
  const assignee = query.get('assignee') ?? '';
  const text = query.get('text') ?? '';
  const priority = priorities.find((one) => one === query.get('priority'));
  return {
    limit: PAGE,
    order,
    ...(isAll
      ? {}
      : { state: asked.length > 0 ? asked : known.filter((state) => DEFAULT_STATES.includes(state)) }),
    ...(priority === undefined ? {} : { priority }),
    ...(query.get('unassigned') === 'true' ? { isUnassigned: 'true' } : {}),
    ...(assignee === '' ? {} : { assignee }),
    ...(text === '' ? {} : { text }),
  };
}

export function IncidentsPage(): JSX.Element {
  const query = queryOf(place.value.query);
  const key = JSON.stringify(query);
  const first = useAnswer(`incidents ${key}`, (signal) => call('listIncidents', { query, signal }));
  const [more, setMore] = useState<{
    readonly key: string;
    readonly pages: readonly Answer<'listIncidents'>[];
  }>({ key, pages: [] });
  const pages = first.data === undefined ? [] : [first.data, ...(more.key === key ? more.pages : [])];
  const incidents = pages.flatMap((page) => page.incidents);
  const next = pages.at(-1)?.next ?? null;

  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState(-1);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    setPicked(new Set());
    setAt(-1);
  }, [key]);
  const chosen = incidents.filter(({ id }) => picked.has(id)).map(({ id }) => id);

  const focusOn = (index: number): void => {
    const row = list.current?.children[index];
    if (!(row instanceof HTMLElement)) return;
    setAt(index);
    row.querySelector<HTMLElement>('a')?.focus();
  };
  const change = async (changes: { state?: Incident['state']; assignee?: string | null }): Promise<void> => {
    const current = incidents[at]?.id;
    const ids = chosen.length > 0 ? chosen : current === undefined ? [] : [current];
    if (ids.length === 0 || !mayAct('responder')) return;
    if (!(await triage({ incidents: ids, ...changes }))) return;
    setPicked(new Set());
    setMore({ key, pages: [] });
    first.reload();
  };
  const pick = (id: string | undefined): void => {
    if (id === undefined) return;
    const now = new Set(picked);
    if (!now.delete(id)) now.add(id);
    setPicked(now);
  };
  useKeys({
    j: () => focusOn(Math.min(incidents.length - 1, at + 1)),
    k: () => focusOn(Math.max(0, at - 1)),
    x: () => pick(incidents[at]?.id),
    n: () => void change({ state: 'new' }),
    i: () => void change({ state: 'investigating' }),
    e: () => void change({ state: 'expected' }),
    c: () => void change({ state: 'closed' }),
    a: () => void change({ assignee: session.value?.user?.name ?? null }),
  });
  const goOn = async (): Promise<void> => {
    if (next === null) return;
    try {
      const page = await call('listIncidents', { query: { ...query, cursor: next } });
      setMore({ key, pages: [...(more.key === key ? more.pages : []), page] });
    } catch (error) {
      tellProblem(error);
    }
  };

  return (
    <div class="page">
      <h1>Incidents</h1>
      <Filters query={query} />
      <div class="bulk" role="toolbar" aria-label="What to do with those that are chosen">
        <label class="check">
          <input
            type="checkbox"
            aria-label="Choose all that are shown"
            checked={chosen.length > 0 && chosen.length === incidents.length}
            onChange={() =>
              setPicked(new Set(chosen.length === incidents.length ? [] : incidents.map(({ id }) => id)))
            }
          />
          {chosen.length === 0 ? 'all' : `${chosen.length} chosen`}
        </label>
        <TriageBar state={undefined} assignee={undefined} onChange={(changes) => void change(changes)} />
      </div>
      {first.problem !== undefined && <ProblemBox problem={first.problem} retry={first.reload} />}
      {first.data === undefined && first.problem === undefined && <Waiting lines={10} />}
      {first.data !== undefined && incidents.length === 0 && (
        <p class="nothing">
          Nothing to look after. <a href="/incidents?state=all">Show all incidents</a>
        </p>
      )}
      <ul class="incidents" ref={list} aria-label="Incidents">
        {incidents.map((incident, index) => (
          <Row
            key={incident.id}
            incident={incident}
            isPicked={picked.has(incident.id)}
            isCurrent={index === at}
            onPick={() => pick(incident.id)}
            onFocus={() => setAt(index)}
          />
        ))}
      </ul>
      {next !== null && (
        <button type="button" class="button" onClick={() => void goOn()}>
          Show more
        </button>
      )}
    </div>
  );
}

function Filters({ query }: { readonly query: IncidentQuery }): JSX.Element {
  const me = session.value?.user?.name ?? '';
  const shown = query.state ?? [];
  const toggle = (state: Incident['state']): string => {
    const rest = shown.includes(state) ? shown.filter((other) => other !== state) : [...shown, state];
    return addressWith({ state: rest.length === 0 ? 'all' : rest });
  };
  return (
    <div class="row filters">
      <div class="segments" role="group" aria-label="States">
        {states.map(({ state, title }) => (
          <a
            key={state}
            class="segment"
            role="button"
            href={toggle(state)}
            aria-pressed={shown.includes(state)}
            onKeyDown={(event) => {
              if (event.key !== ' ') return;
              event.preventDefault();
              go(toggle(state));
            }}
          >
            {title}
          </a>
        ))}
      </div>
      <label>
        <span class="unseen">Order</span>
        <select
          value={query.order}
          onChange={(event) => go(addressWith({ order: event.currentTarget.value }))}
        >
          {orders.map(({ order, title }) => (
            <option key={order} value={order}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span class="unseen">Priority</span>
        <select
          value={query.priority ?? ''}
          onChange={(event) => go(addressWith({ priority: event.currentTarget.value }))}
        >
          <option value="">All priorities</option>
          {priorities.map((priority) => (
            <option key={priority} value={priority}>
              {priority}
            </option>
          ))}
        </select>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={query.assignee === me && me !== ''}
          onChange={(event) =>
            go(addressWith({ assignee: event.currentTarget.checked ? me : undefined, unassigned: undefined }))
          }
        />
        mine
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={query.isUnassigned === 'true'}
          onChange={(event) =>
            go(
              addressWith({
                unassigned: event.currentTarget.checked ? 'true' : undefined,
                assignee: undefined,
              }),
            )
          }
        />
        with nobody
      </label>
      <form
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          const text = new FormData(event.currentTarget).get('text');
          go(addressWith({ text: typeof text === 'string' ? text : undefined }));
        }}
      >
        <input
          type="search"
          name="text"
          aria-label="Rule or workload"
          placeholder="Rule or workload"
          defaultValue={query.text ?? ''}
        />
      </form>
    </div>
  );
}

interface RowProps {
  readonly incident: Incident;
  readonly isPicked: boolean;
  readonly isCurrent: boolean;
  readonly onPick: () => void;
  readonly onFocus: () => void;
}

function Row({ incident, isPicked, isCurrent, onPick, onFocus }: RowProps): JSX.Element {
  const { id, rule, workload, priority, state, count, firstTime, lastTime, assignee, output } = incident;
  return (
    <li
      class={`incident priority-edge-${priority.toLowerCase()}${isCurrent ? ' is-current' : ''}`}
      onFocusCapture={onFocus}
    >
      <input
        type="checkbox"
        aria-label={`Choose ${rule.slice(0, 100)}`}
        checked={isPicked}
        onChange={onPick}
      />
      <div class="incident-main">
        <p class="row">
          <a class="incident-rule" href={`/incidents/${encodeURIComponent(id)}`}>
            <ShortText value={rule} />
          </a>
          <PriorityBadge priority={priority} />
          <StateBadge state={state} />
        </p>
        <p class="quiet">
          <ShortText value={workload} limit={120} />
          {assignee !== null && (
            <>
              {' · with '}
              <ShortText value={assignee} limit={40} />
            </>
          )}
        </p>
        <p class="incident-output">
          <ShortText value={output} limit={300} />
        </p>
      </div>
      <Spark id={id} firstTime={firstTime} lastTime={lastTime} />
      <p class="incident-times">
        <strong>{shortCount(count)}</strong> {count === 1 ? 'alert' : 'alerts'}
        <br />
        <span class="quiet">
          <Age time={lastTime} />
        </span>
      </p>
    </li>
  );
}

const SPARK = { width: 96, height: 28, buckets: 24 };

/** Asked for when it is seen. */
function Spark({
  id,
  firstTime,
  lastTime,
}: {
  readonly id: string;
  readonly firstTime: string;
  readonly lastTime: string;
}): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [counts, setCounts] = useState<readonly number[]>([]);
  useEffect(() => {
    const stop = new AbortController();
    const from = new Date(Math.floor(Date.parse(firstTime)));
    const to = new Date(Math.max(Date.parse(lastTime), from.getTime() + 60_000) + 1);
    const watch = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      watch.disconnect();
      const query = {
        where: [`incident=${id}`],
        from: from.toISOString(),
        to: to.toISOString(),
        buckets: SPARK.buckets,
      };
      call('alertTimeline', { query, signal: stop.signal }).then(
        ({ series }) => setCounts(series[0]?.counts ?? []),
        // The list is of use without it.
        () => {},
      );
    });
    if (box.current !== null) watch.observe(box.current);
    return () => {
      watch.disconnect();
      stop.abort();
    };
  }, [id, firstTime, lastTime]);
  return (
    <div class="spark" ref={box}>
      <svg
        width={SPARK.width}
        height={SPARK.height}
        viewBox={`0 0 ${SPARK.width} ${SPARK.height}`}
        role="img"
        aria-label="Alerts over time"
      >
        {counts.length > 0 && <path d={sparkPath(counts, SPARK.width, SPARK.height)} />}
      </svg>
    </div>
  );
}
