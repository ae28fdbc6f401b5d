/** What is done about alerts: how it stands, what waits for approval, what was decided, rules and limits. Follows what comes. */

import './response.css';
import type { ResponseStatus } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../../api.ts';
import { addressWith, go, place } from '../../place.ts';
import { useAnswer } from '../../shared/answer.ts';
import { DecideDialog, type Decision } from '../../shared/decide-run.tsx';
import { ProblemBox, Waiting } from '../../shared/parts.tsx';
import { useRounds } from '../../shared/rounds.ts';
import { ShortText, Text } from '../../shared/text.tsx';
import { countsText, leaderText, waitingText } from './figures.ts';
import { FirstSteps } from './first-steps.tsx';
import { LimitsPanel } from './limits.tsx';
import { ResponseRules } from './rules.tsx';
import { RunDetail } from './run-detail.tsx';
import { RunsPanel } from './runs.tsx';
import { useCalm } from './use-calm.ts';
import { useRunChanges } from './use-run-changes.ts';
import { WaitingPanel } from './waiting.tsx';

const REFRESH_MS = 10_000;

export function ResponsePage(): JSX.Element {
  const [isOn, setOn] = useState(false);
  const changed = useRunChanges(isOn);
  const round = useRounds(REFRESH_MS);
  const calm = useCalm(changed.changes);
  const { data, problem, reload } = useAnswer(
    `response ${round} ${changed.epoch} ${calm}`,
    async (signal) => {
      const status = await call('getResponse', { signal });
      setOn(status.isConfigured);
      return status;
    },
  );
  const [decision, decide] = useState<Decision>();
  const runId = place.value.query.get('run') ?? '';
  return (
    <div class="page is-wide response-page">
      <header class="row">
        <h1>Response</h1>
        {data?.isConfigured === true && <Mode status={data} />}
      </header>
      {problem !== undefined && <ProblemBox problem={problem} retry={reload} />}
      {data === undefined && problem === undefined && <Waiting lines={14} />}
      {data?.isConfigured === false && <FirstSteps />}
      {data?.isConfigured === true && (
        <>
          <Strip status={data} />
          <div class="response-first-row">
            <WaitingPanel changed={changed} onDecide={decide} />
            <LimitsPanel status={data} />
          </div>
          <RunsPanel changed={changed} rules={data.rules} />
          <ResponseRules status={data} />
        </>
      )}
      {runId !== '' && data?.isConfigured === true && (
        <RunDetail
          key={runId}
          id={runId}
          changed={changed}
          onDecide={decide}
          onClose={() => go(addressWith({ run: undefined }), { isReplaced: true })}
        />
      )}
      {decision !== undefined && (
        <DecideDialog decision={decision} onDecided={changed.refresh} onClose={() => decide(undefined)} />
      )}
    </div>
  );
}

function Mode({ status: { isDryRun } }: { readonly status: ResponseStatus }): JSX.Element {
  return isDryRun ? (
    <span class="badge run-warn">
      <span aria-hidden="true">○ </span>dry run
    </span>
  ) : (
    <span class="badge run-good">
      <span aria-hidden="true">● </span>live
    </span>
  );
}

/** As high whatever it says. */
function Strip({ status }: { readonly status: ResponseStatus }): JSX.Element {
  const { isDryRun, waitingCount, counts, kubernetesTrouble, hostTrouble } = status;
  const troubles = [
    ['At Kubernetes nothing can be done now', kubernetesTrouble],
    ['On this machine nothing can be done now', hostTrouble],
  ] as const;
  const seen = countsText(counts);
  return (
    <div class="panel response-strip">
      <ul class="response-facts" aria-label="How it stands">
        <li>
          {isDryRun
            ? 'Dry run: nothing is changed, whatever rules say.'
            : 'Live: actions are carried out, except of rules that are a dry run.'}
        </li>
        <li>
          <ShortText value={leaderText(status)} limit={120} />
        </li>
        <li>
          <strong role="status">{waitingText(waitingCount)}</strong>
        </li>
        <li class="quiet response-counts" title={seen}>
          Since the start: {seen === '' ? 'nothing yet' : seen}
        </li>
      </ul>
      {troubles.map(([title, trouble]) =>
        trouble === null ? null : (
          <p key={title} class="bad">
            {title}: <Text value={trouble} limit={300} />
          </p>
        ),
      )}
    </div>
  );
}
