/** One run with all that is written down of it, beside the page. */

import type { Run } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { call } from '../../api.ts';
import { countText, valueText, wholeTimeText } from '../../format.ts';
import { useAnswer } from '../../shared/answer.ts';
import { type Decision, RunBadge, RunButtons } from '../../shared/decide-run.tsx';
import { PriorityBadge, ProblemBox, Waiting } from '../../shared/parts.tsx';
import { approvalText, stateWords } from '../../shared/run-words.ts';
import { mayAct } from '../../shared/session.ts';
import { ShortText, Text } from '../../shared/text.tsx';
import type { RunChanges } from './use-run-changes.ts';

export interface RunDetailProps {
  readonly id: string;
  readonly changed: RunChanges;
  readonly onDecide: (decision: Decision) => void;
  readonly onClose: () => void;
}

export function RunDetail({ id, changed, onDecide, onClose }: RunDetailProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const { data, problem, reload } = useAnswer(`run ${id} ${changed.epoch}`, (signal) =>
    call('getResponseRun', { params: { id }, signal }),
  );
  const run = changed.changes.get(id) ?? data;
  return (
    <dialog ref={dialog} class="run-detail" aria-label="Run" onClose={onClose}>
      <header class="row">
        <h2>{run === undefined ? 'Run' : <ShortText value={run.action} limit={160} />}</h2>
        <span class="spring" />
        <button type="button" class="button is-small" onClick={() => dialog.current?.close()}>
          Close <kbd aria-hidden="true">Esc</kbd>
        </button>
      </header>
      {run === undefined && problem !== undefined && <ProblemBox problem={problem} retry={reload} />}
      {run === undefined && problem === undefined && <Waiting lines={10} />}
      {run !== undefined && <Detail run={run} onDecide={onDecide} />}
    </dialog>
  );
}

function Detail({
  run,
  onDecide,
}: {
  readonly run: Run;
  readonly onDecide: (decision: Decision) => void;
}): JSX.Element {
  const { state, summary, alertUuid, alertRule, alertPriority, alertOutput, changes } = run;
  return (
    <>
      <p class="row">
        <RunBadge state={state} />
        <span class="quiet">{stateWords[state].doc}</span>
      </p>
      {summary !== '' && (
        <p>
          <Text value={summary} />
        </p>
      )}
      {mayAct('responder') && (
        <div class="row run-detail-buttons">
          <RunButtons run={run} onDecide={onDecide} />
        </div>
      )}
      <h3>Alert</h3>
      <p>
        <PriorityBadge priority={alertPriority} />{' '}
        <a href={`/alerts/${encodeURIComponent(alertUuid)}`}>
          <ShortText value={alertRule} limit={200} />
        </a>
      </p>
      <p>
        <Text value={alertOutput} />
      </p>
      <h3>Changes</h3>
      {changes.length === 0 ? <p class="quiet">None are written down.</p> : <Changes changes={changes} />}
      <h3>Details</h3>
      <Facts run={run} />
    </>
  );
}

function Changes({ changes }: Pick<Run, 'changes'>): JSX.Element {
  return (
    <ul class="run-changes">
      {changes.map(({ object, part, before, after }, i) => (
        <li key={i}>
          <strong>
            <ShortText value={object} limit={200} />
          </strong>
          {part !== null && (
            <>
              , <ShortText value={part} limit={200} />
            </>
          )}
          <dl class="run-change">
            <dt>before</dt>
            <dd>
              {before === null ? <span class="quiet">nothing</span> : <Text value={before} limit={300} />}
            </dd>
            <dt>after</dt>
            <dd>
              {after === null ? <span class="quiet">nothing</span> : <Text value={after} limit={300} />}
            </dd>
          </dl>
        </li>
      ))}
    </ul>
  );
}

function Facts({ run }: { readonly run: Run }): JSX.Element {
  const time = (value: string | null): string => (value === null ? '' : wholeTimeText(value));
  const { approval } = run;
  const facts: readonly (readonly [name: string, value: string])[] = [
    ['What it does', run.actionner],
    ['Target', run.target],
    ['Response rule', run.rule],
    ['Step', String(run.step + 1)],
    ['Machine', run.hostname],
    ['Namespace', run.namespace ?? ''],
    ['Node', run.node ?? ''],
    ['Decided', time(run.decidedTime)],
    ['Begun', time(run.begunTime)],
    ['Ended', time(run.endedTime)],
    ['Attempts', countText(run.attemptCount)],
    ['Asked for again', run.repeatCount === 0 ? '' : `${countText(run.repeatCount)} times, counted here`],
    ['Approval', approvalText(run) ?? ''],
    ['Until', approval === null ? '' : time(approval.expiresTime)],
    ['Decided on it', approval === null ? '' : time(approval.decidedTime)],
    ['File', run.artifact ?? ''],
    ['Undone by', run.undoneBy ?? ''],
    ['Undone by itself', time(run.undoTime)],
    ...Object.entries(run.results).map(([name, value]) => [`Result: ${name}`, valueText(value)] as const),
  ];
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== '')
        .map(([name, value]) => (
          <div key={name}>
            <dt>
              <ShortText value={name} limit={60} />
            </dt>
            <dd>
              <Text value={value} limit={300} />
            </dd>
          </div>
        ))}
    </dl>
  );
}
