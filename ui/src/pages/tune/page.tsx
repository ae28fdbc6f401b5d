/** "This is expected": makes an exception of an alert or an incident, and shows what it would have hidden before it is used. */

import './tune.css';
import type { Proposal } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../../api.ts';
import { place } from '../../place.ts';
import { useAnswer } from '../../shared/answer.ts';
import { ProblemBox, Waiting } from '../../shared/parts.tsx';
import { ShortText } from '../../shared/text.tsx';
import { addressOfRule } from '../rules/addresses.ts';
import { Candidates } from './candidates.tsx';
import type { Draft } from './draft.ts';
import { Editor } from './editor.tsx';
import { Outcome } from './outcome.tsx';
import { SINCE, usePreview } from './use-preview.ts';

export function TunePage(): JSX.Element {
  const { query } = place.value;
  const alertId = query.get('alert') ?? undefined;
  const incidentId = query.get('incident') ?? undefined;
  const { data, problem, reload } = useAnswer(`tune ${alertId} ${incidentId}`, (signal) =>
    call('proposeException', {
      body: {
        ...(alertId === undefined ? {} : { alertId }),
        ...(incidentId === undefined ? {} : { incidentId }),
        since: SINCE,
      },
      signal,
    }),
  );
  const back =
    alertId === undefined
      ? `/incidents/${encodeURIComponent(incidentId ?? '')}`
      : `/alerts/${encodeURIComponent(alertId)}`;
  return (
    <div class="page tune">
      <a class="quiet-link" href={back}>
        Back
      </a>
      <h1>This is expected</h1>
      {problem !== undefined && <ProblemBox problem={problem} retry={reload} />}
      {data === undefined && problem === undefined && <Waiting lines={12} />}
      {data !== undefined && <Workbench key={`${alertId} ${incidentId}`} proposal={data} />}
    </div>
  );
}

/** The narrowest that hides more than the one alert, if there is one. */
function firstChoice({ candidates }: Proposal): number {
  const index = candidates.findIndex(({ hiddenCount }) => hiddenCount > 1);
  return index === -1 ? 0 : index;
}

function Workbench({ proposal }: { readonly proposal: Proposal }): JSX.Element {
  const [choice, setChoice] = useState(() => firstChoice(proposal));
  const [draft, setDraft] = useState<Draft | undefined>(proposal.candidates[choice]?.exception);
  const { preview, problem, isLoading } = usePreview(proposal.rule, draft);
  if (draft === undefined)
    return (
      <p class="nothing">
        These alerts have nothing in common that an exception could be about. The rule{' '}
        <a href={addressOfRule(proposal.rule)}>
          <ShortText value={proposal.rule} />
        </a>{' '}
        can be changed, or turned off, on its own page.
      </p>
    );
  const change = (next: Draft): void => {
    setChoice(-1);
    setDraft(next);
  };
  return (
    <>
      <p class="sentence">
        Alerts of the rule{' '}
        <strong>
          <ShortText value={proposal.rule} />
        </strong>{' '}
        are no longer made where all of this holds. Begin narrow: whatever an intruder can choose is no good
        reason to look away.
      </p>
      <div class="columns">
        <div class="column">
          <Candidates
            candidates={proposal.candidates}
            choice={choice}
            onChoose={(i, exception) => {
              setChoice(i);
              setDraft(exception);
            }}
          />
          <Editor draft={draft} proposal={proposal} onChange={change} />
        </div>
        <div class="column">
          <Outcome
            rule={proposal.rule}
            draft={draft}
            preview={preview}
            problem={problem}
            isLoading={isLoading}
          />
        </div>
      </div>
    </>
  );
}
