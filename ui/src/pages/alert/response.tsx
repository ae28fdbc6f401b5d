/** What was done about an alert, would have been done, or waits for approval; and what would be done now. */

import type { Alert, Run } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../../api.ts';
import { countText } from '../../format.ts';
import { useAnswer } from '../../shared/answer.ts';
import { DecideDialog, type Decision, RunBadge, RunButtons } from '../../shared/decide-run.tsx';
import { Age, Panel, ProblemBox, Waiting } from '../../shared/parts.tsx';
import { useRounds } from '../../shared/rounds.ts';
import { approvalText } from '../../shared/run-words.ts';
import { mayAct } from '../../shared/session.ts';
import { ShortText, Text } from '../../shared/text.tsx';
import { Explain } from './explain.tsx';

const REFRESH_MS = 5_000;
const MOST = 50;

export function Response({ alert }: { readonly alert: Alert }): JSX.Element {
  const round = useRounds(REFRESH_MS);
  const { data, problem, reload } = useAnswer(`responses ${alert.uuid} ${round}`, (signal) =>
    call('listResponseRuns', { query: { alert: alert.uuid, limit: MOST }, signal }),
  );
  const [decision, decide] = useState<Decision>();
  // The first step first.
  const runs = [...(data?.runs ?? [])].reverse();
  return (
    <Panel title="Response">
      {problem !== undefined && <ProblemBox problem={problem} retry={reload} />}
      {data === undefined && problem === undefined && <Waiting lines={2} />}
      {data?.isConfigured === false && (
        <p class="quiet">
          This hub does nothing about alerts. <a href="/response">How to begin</a>
        </p>
      )}
      {data?.isConfigured === true && (
        <>
          {runs.length === 0 && <p class="quiet">Nothing was done about it.</p>}
          <ul class="alert-runs" aria-label="Responses">
            {runs.map((run) => (
              <li key={run.id}>
                <RunText run={run} />
                {mayAct('responder') && <RunButtons run={run} onDecide={decide} />}
              </li>
            ))}
          </ul>
          {data.next !== null && (
            <p class="quiet">
              The last {countText(MOST)} are shown; see <a href="/response">all of them</a>.
            </p>
          )}
          <Explain key={alert.id} alertId={alert.id} />
        </>
      )}
      {decision !== undefined && (
        <DecideDialog decision={decision} onDecided={reload} onClose={() => decide(undefined)} />
      )}
    </Panel>
  );
}

function RunText({ run }: { readonly run: Run }): JSX.Element {
  const { id, state, rule, action, target, summary, decidedTime, repeatCount } = run;
  // That nobody has approved it yet is what its state says.
  const approval = state === 'waiting' ? undefined : approvalText(run);
  return (
    <div class="alert-run">
      <p class="row">
        <RunBadge state={state} />
        <a href={`/response?run=${encodeURIComponent(id)}`}>
          <ShortText value={action} limit={120} />
        </a>
        {target !== '' && (
          <span>
            <ShortText value={target} limit={160} />
          </span>
        )}
      </p>
      <p class="quiet">
        {summary !== '' && (
          <>
            <Text value={summary} limit={200} />;{' '}
          </>
        )}
        <ShortText value={rule} limit={120} />, <Age time={decidedTime} />
        {approval !== undefined && (
          <>
            ; <ShortText value={approval} limit={120} />
          </>
        )}
        {repeatCount > 0 && `; for ${countText(repeatCount + 1)} alerts`}
      </p>
    </div>
  );
}
