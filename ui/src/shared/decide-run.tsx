/**
 * Approving, denying and undoing a run, after a question that says what will be done to what. It stays open until the server
 * has answered: that something is done is not said before it is.
 */

import type { Run } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type ApiProblem, call } from '../api.ts';
import { wholeTimeText } from '../format.ts';
import { problemOf } from './answer.ts';
import { tell } from './notice.tsx';
import { ProblemBox } from './parts.tsx';
import { stateWords } from './run-words.ts';
import { Text } from './text.tsx';

export interface Decision {
  readonly kind: 'approve' | 'deny' | 'undo';
  readonly run: Run;
}

export interface DecideProps {
  readonly decision: Decision;
  /** The server took it, or it was too late: there is something new to show. */
  readonly onDecided: () => void;
  readonly onClose: () => void;
}

const kinds = {
  approve: {
    operation: 'approveRun',
    title: 'Approve this?',
    note: 'It is done as soon as it is approved.',
    action: 'Approve',
    busy: 'Approving…',
  },
  deny: {
    operation: 'denyRun',
    title: 'Deny this?',
    note: 'It will not be done, and cannot be approved any more.',
    action: 'Deny',
    busy: 'Denying…',
  },
  undo: {
    operation: 'undoRun',
    title: 'Take this back?',
    note: 'What it changed is put back as it was.',
    action: 'Undo',
    busy: 'Undoing…',
  },
} as const;

export function DecideDialog({ decision: { kind, run }, onDecided, onClose }: DecideProps): JSX.Element {
  const { operation, title, note, action, busy } = kinds[kind];
  const dialog = useRef<HTMLDialogElement>(null);
  const cancel = useRef<HTMLButtonElement>(null);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem>();
  useEffect(() => {
    dialog.current?.showModal();
    // A key that is pressed once too often must not do it.
    cancel.current?.focus();
  }, []);
  const decide = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const { state, summary } = await call(operation, { params: { id: run.id } });
      tell(`${run.action.slice(0, 80)}: ${stateWords[state].text}${summary === '' ? '' : `, ${summary}`}`);
      onDecided();
      dialog.current?.close();
    } catch (error) {
      const found = problemOf(error);
      setProblem(found);
      if (found.status === 409 || found.status === 404) onDecided();
    } finally {
      setBusy(false);
    }
  };
  return (
    <dialog
      ref={dialog}
      aria-label={title}
      onClose={onClose}
      onCancel={(event) => {
        // What was sent cannot be called back.
        if (isBusy) event.preventDefault();
      }}
    >
      <h2>{title}</h2>
      <RunFacts run={run} />
      <p>{note}</p>
      {problem !== undefined && <ProblemBox problem={problem} />}
      <div class="row">
        <button
          type="button"
          class="button is-main"
          disabled={isBusy || problem?.status === 409 || problem?.status === 404}
          onClick={() => void decide()}
        >
          {isBusy ? busy : action}
        </button>
        <button
          ref={cancel}
          type="button"
          class="button"
          disabled={isBusy}
          onClick={() => dialog.current?.close()}
        >
          {problem === undefined ? 'Cancel' : 'Close'}
        </button>
      </div>
    </dialog>
  );
}

/** What one has to know to decide. */
function RunFacts({ run }: { readonly run: Run }): JSX.Element {
  const { rule, action, actionner, target, alertPriority, alertRule, alertOutput, alertTime, hostname } = run;
  const facts: readonly (readonly [name: string, value: string])[] = [
    ['Action', `${action} (${actionner})`],
    ['Target', target === '' ? 'none' : target],
    ['Response rule', rule],
    ['Alert', `${alertPriority}: ${alertRule}`],
    ['What happened', alertOutput],
    ['When', wholeTimeText(alertTime)],
    ...(hostname === '' ? [] : [['Machine', hostname] as const]),
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Text value={value} limit={400} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

export function RunBadge({ state }: { readonly state: Run['state'] }): JSX.Element {
  const { sign, text, tone, doc } = stateWords[state];
  return (
    <span class={`badge run-${tone}`} title={doc}>
      <span aria-hidden="true">{sign} </span>
      {text}
    </span>
  );
}

/** What somebody may do about a run now; nothing, and no place kept, for who may not. */
export function RunButtons({
  run,
  onDecide,
}: {
  readonly run: Run;
  readonly onDecide: (decision: Decision) => void;
}): JSX.Element {
  const of = `${run.action}${run.target === '' ? '' : `, ${run.target}`}`.slice(0, 160);
  const wanted = [
    ...(run.state === 'waiting' ? (['approve', 'deny'] as const) : []),
    ...(run.canBeUndone ? (['undo'] as const) : []),
  ];
  return (
    <>
      {wanted.map((kind) => (
        <button
          key={kind}
          type="button"
          class={`button is-small${kind === 'approve' ? ' is-main' : ''}`}
          aria-label={`${kinds[kind].action}: ${of}`}
          onClick={() => onDecide({ kind, run })}
        >
          {kinds[kind].action}
        </button>
      ))}
    </>
  );
}
