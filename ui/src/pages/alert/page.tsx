/** One alert with all that is known of it: as a page, or beside a list. */

import './alert.css';
import type { AlertDetail } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { ApiProblem, call } from '../../api.ts';
import { addressOfClause } from '../../filter.ts';
import { wholeTimeText } from '../../format.ts';
import { go, place } from '../../place.ts';
import { useAnswer } from '../../shared/answer.ts';
import { useKeys } from '../../shared/keys.ts';
import { tell, tellProblem } from '../../shared/notice.tsx';
import {
  Age,
  CopyButton,
  copyText,
  Panel,
  PriorityBadge,
  ProblemBox,
  StateBadge,
  Waiting,
} from '../../shared/parts.tsx';
import { mayAct, session } from '../../shared/session.ts';
import { ShortText, Text } from '../../shared/text.tsx';
import { Notes, TriageBar, triage } from '../../shared/triage.tsx';
import { Deliveries } from './deliveries.tsx';
import { Fields } from './fields.tsx';
import { awaitedMs } from './happenings.ts';
import { newerThan, olderThan } from './neighbours.ts';
import { processRows } from './process-tree.ts';
import { ProcessTree } from './process-tree-view.tsx';
import { Response } from './response.tsx';
import { sentenceOf } from './sentence.ts';
import { Around, Related, Who } from './sides.tsx';
import { Tags } from './tags.tsx';
import { Why } from './why.tsx';

export interface AlertPageProps {
  /** Its id or uuid. */
  readonly id: string;
  /** Beside a list: closes it. */
  readonly onClose?: () => void;
}

export function AlertPage({ id, onClose }: AlertPageProps): JSX.Element {
  const { data, problem, reload } = useAnswer(`alert ${id}`, (signal) =>
    call('getAlert', { params: { id }, signal }),
  );
  const isOther = data !== undefined && data.alert.id !== id && data.alert.uuid !== id;
  if (problem !== undefined && (data === undefined || isOther))
    return (
      <div class="page">
        <h1>Alert</h1>
        <ProblemBox problem={problem} retry={reload} />
      </div>
    );
  if (data === undefined || isOther)
    return (
      <div class="page">
        <Waiting lines={12} />
      </div>
    );
  return <Detail key={data.alert.id} detail={data} reload={reload} onClose={onClose} />;
}

function Sentence({ alert }: { readonly alert: AlertDetail['alert'] }): JSX.Element {
  return (
    <p class="sentence">
      {sentenceOf(alert).map((part, i) =>
        typeof part === 'string' ? (
          <Text key={i} value={part} limit={600} />
        ) : (
          <a
            key={i}
            href={addressOfClause({ ...part, value: part.value.slice(0, 2_000), isNegated: false })}
            title={part.field}
          >
            <ShortText value={part.value} limit={160} />
          </a>
        ),
      )}
    </p>
  );
}

interface DetailProps {
  readonly detail: AlertDetail;
  readonly reload: () => void;
  readonly onClose: (() => void) | undefined;
}

function Detail({ detail, reload, onClose }: DetailProps): JSX.Element {
  const { alert, incident, story } = detail;
  const noteInput = useRef<HTMLTextAreaElement>(null);
  const related = useAnswer(`related ${alert.id}`, (signal) =>
    call('relatedAlerts', { params: { id: alert.id }, query: { limit: 10 }, signal }),
  );
  const rule = useAnswer(`rule ${alert.rule}`, async (signal) => {
    try {
      return await call('getRule', { params: { name: alert.rule }, query: { since: '24h' }, signal });
    } catch (error) {
      // Whoever sent the alert may have rules of its own.
      if (error instanceof ApiProblem && error.status === 404) return undefined;
      throw error;
    }
  });

  // Of an alert that has just come, the end of the story is still to come.
  useEffect(() => {
    const waitMs = awaitedMs(alert, story, Date.now());
    if (waitMs === undefined) return undefined;
    const timer = setTimeout(reload, waitMs);
    return () => clearTimeout(timer);
  }, [alert, story, reload]);

  const change = async (changes: { state?: typeof alert.state; assignee?: string | null }): Promise<void> => {
    if (mayAct('responder') && (await triage({ alerts: [alert.id], ...changes }))) reload();
  };
  const step = async (find: typeof olderThan, what: string): Promise<void> => {
    try {
      const next = await find(alert);
      if (next === undefined) tell(`there is no ${what} alert`);
      else go(`/alerts/${encodeURIComponent(next)}${location.search}`);
    } catch (error) {
      tellProblem(error);
    }
  };
  const address = (): string =>
    `${location.origin}/alerts/${encodeURIComponent(alert.uuid === '' ? alert.id : alert.uuid)}`;
  useKeys({
    n: () => void change({ state: 'new' }),
    i: () => void change({ state: 'investigating' }),
    e: () => void change({ state: 'expected' }),
    c: () => void change({ state: 'closed' }),
    a: () => void change({ assignee: session.value?.user?.name ?? null }),
    m: () => noteInput.current?.focus(),
    s: () => void copyText(address(), 'link'),
    j: () => void step(olderThan, 'older'),
    k: () => void step(newerThan, 'newer'),
    t: () => go(`/tune?alert=${encodeURIComponent(alert.id)}`),
    ...(onClose === undefined ? {} : { Escape: onClose }),
  });

  const rows = processRows(alert, story);
  return (
    <article class={onClose === undefined ? 'page alert-page' : 'alert-page is-aside'}>
      <header class="alert-head">
        <div class="row">
          {onClose === undefined ? (
            <a
              class="quiet-link"
              href={`/alerts${place.value.query.size === 0 ? '' : `?${place.value.query}`}`}
            >
              Alerts
            </a>
          ) : (
            <button type="button" class="button is-small" onClick={onClose}>
              Close <kbd aria-hidden="true">Esc</kbd>
            </button>
          )}
          <span class="spring" />
          <button
            type="button"
            class="button is-small"
            aria-keyshortcuts="k"
            onClick={() => void step(newerThan, 'newer')}
          >
            ↑ Newer <kbd aria-hidden="true">k</kbd>
          </button>
          <button
            type="button"
            class="button is-small"
            aria-keyshortcuts="j"
            onClick={() => void step(olderThan, 'older')}
          >
            ↓ Older <kbd aria-hidden="true">j</kbd>
          </button>
          <button
            type="button"
            class="button is-small"
            aria-keyshortcuts="s"
            onClick={() => void copyText(address(), 'link')}
          >
            Share <kbd aria-hidden="true">s</kbd>
          </button>
        </div>
        <p class="row">
          <PriorityBadge priority={alert.priority} />
          <StateBadge state={alert.state} />
          <span class="quiet">
            <time dateTime={alert.time}>{wholeTimeText(alert.time)}</time> (<Age time={alert.time} />)
            {alert.hostname !== '' && (
              <>
                {' on '}
                <a href={addressOfClause({ field: 'hostname', value: alert.hostname, isNegated: false })}>
                  <ShortText value={alert.hostname} limit={60} />
                </a>
              </>
            )}
          </span>
        </p>
        <h1>
          <ShortText value={alert.rule} limit={300} />
        </h1>
        <Sentence alert={alert} />
        <div class="row triage-row">
          <TriageBar
            state={alert.state}
            assignee={alert.assignee}
            onChange={(changes) => void change(changes)}
          />
          <a
            class="button is-main"
            href={`/tune?alert=${encodeURIComponent(alert.id)}`}
            aria-keyshortcuts="t"
          >
            This is expected… <kbd aria-hidden="true">t</kbd>
          </a>
        </div>
        {incident !== null && incident.count > 1 && (
          <p>
            One of{' '}
            <a href={`/incidents/${encodeURIComponent(incident.id)}`}>
              {incident.count} alerts of the same incident
            </a>
            : what is said here is said of all of them.
          </p>
        )}
      </header>

      <div class="columns">
        <div class="column">
          {rows.length > 0 && (
            <Panel title="Processes">
              <ProcessTree rows={rows} />
              {story?.process === undefined && <p class="quiet">As far as the fields of the alert go.</p>}
            </Panel>
          )}
          <Around detail={detail} related={related.data} />
          <Panel title="Why it matched">
            <Why term={story?.condition} rule={rule.data} />
          </Panel>
          <Fields fields={alert.fields} />
        </div>
        <div class="column">
          <Who alert={alert} />
          <Response alert={alert} />
          <Panel title="Notes">
            <Notes
              inputRef={noteInput}
              notes={detail.notes}
              onAdd={async (text) => {
                await call('addAlertNote', { params: { id: alert.id }, body: { text } });
                tell('note added');
                reload();
              }}
            />
          </Panel>
          <Tags tags={alert.tags} />
          <Related related={related.data} problem={related.problem} />
          <Deliveries alert={alert} />
          <Panel title="As outputs get it" actions={<CopyButton text={detail.json} what="JSON" />}>
            <pre class="code" role="region" tabIndex={0} aria-label="JSON of the alert">
              <Text value={detail.json} limit={4_000} />
            </pre>
          </Panel>
        </div>
      </div>
    </article>
  );
}
