/** Runs that somebody has to approve or deny, the one that expires first in front. */

import type { Run } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { call } from '../../api.ts';
import { countText, wholeTimeText } from '../../format.ts';
import { addressWith } from '../../place.ts';
import { useAnswer } from '../../shared/answer.ts';
import { type Decision, RunButtons } from '../../shared/decide-run.tsx';
import { Panel, PriorityBadge, ProblemBox, Waiting } from '../../shared/parts.tsx';
import { useRounds } from '../../shared/rounds.ts';
import { untilText } from '../../shared/run-words.ts';
import { mayAct } from '../../shared/session.ts';
import { ShortText } from '../../shared/text.tsx';
import { waitingOf } from './run-list.ts';
import type { RunChanges } from './use-run-changes.ts';

export interface WaitingPanelProps {
  readonly changed: RunChanges;
  readonly onDecide: (decision: Decision) => void;
}

const MOST = 200;
/** How long there is, is told anew. */
const TICK_MS = 5_000;

export function WaitingPanel({ changed, onDecide }: WaitingPanelProps): JSX.Element {
  const { changes, epoch } = changed;
  useRounds(TICK_MS);
  const { data, problem, reload } = useAnswer(`waiting ${epoch}`, (signal) =>
    call('listResponseRuns', { query: { state: ['waiting'], limit: MOST }, signal }),
  );
  const runs = waitingOf(data?.runs ?? [], changes);
  return (
    <Panel
      title="Waiting for approval"
      class="response-waiting"
      actions={<span class="quiet count">{data === undefined ? '\u00a0' : countText(runs.length)}</span>}
    >
      {problem !== undefined && <ProblemBox problem={problem} retry={reload} />}
      {data === undefined && problem === undefined && <Waiting lines={4} />}
      {data !== undefined && runs.length === 0 && (
        <p class="response-calm quiet">
          <span aria-hidden="true">✓</span> Nothing waits.
        </p>
      )}
      {runs.length > 0 && !mayAct('responder') && <p class="quiet">Responders can approve and deny.</p>}
      {data !== undefined && runs.length > 0 && (
        <ul class="response-scroll" aria-label="Waiting for approval" tabIndex={0}>
          {runs.slice(0, MOST).map((run) => (
            <li key={run.id} class="response-wait">
              <WaitingText run={run} />
              {mayAct('responder') && (
                <div class="row">
                  <RunButtons run={run} onDecide={onDecide} />
                </div>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function WaitingText({ run }: { readonly run: Run }): JSX.Element {
  const { id, action, target, rule, alertPriority, alertRule, alertUuid, approval } = run;
  return (
    <div class="response-wait-text">
      <p>
        <a href={addressWith({ run: id })}>
          <ShortText value={action} limit={120} />
        </a>
        {target !== '' && (
          <>
            : <ShortText value={target} limit={160} />
          </>
        )}
      </p>
      <p class="quiet">
        <ShortText value={rule} limit={120} />, for <PriorityBadge priority={alertPriority} />{' '}
        <a class="quiet-link" href={`/alerts/${encodeURIComponent(alertUuid)}`}>
          <ShortText value={alertRule} limit={120} />
        </a>
        {approval !== null && (
          <>
            ; expires{' '}
            <time dateTime={approval.expiresTime} title={wholeTimeText(approval.expiresTime)}>
              {untilText(approval.expiresTime, Date.now())}
            </time>
          </>
        )}
      </p>
    </div>
  );
}
