/** Tries a rule of the text in the editor: on stored alerts, and on recordings. */

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type Answer, type ApiProblem, call } from '../../api.ts';
import { periods } from '../../filter.ts';
import { bytesText, countText, timeText } from '../../format.ts';
import type { KnownRuleName } from '../../language/messages.ts';
import { problemOf, useAnswer } from '../../shared/answer.ts';
import { Panel, ProblemBox, Waiting } from '../../shared/parts.tsx';
import { mayAct } from '../../shared/session.ts';
import { ShortText, Text } from '../../shared/text.tsx';

type Outcome =
  | { readonly kind: 'alerts'; readonly answer: Answer<'tryRules'> }
  | { readonly kind: 'recording'; readonly answer: Answer<'tryRulesOnCapture'> }
  | { readonly kind: 'problem'; readonly problem: ApiProblem };

export interface TryPanelProps {
  readonly file: string;
  readonly textOf: () => string;
  /** Of this file. */
  readonly rules: readonly KnownRuleName[];
  /** Where the caret is. */
  readonly line: number;
}

export function TryPanel(props: TryPanelProps): JSX.Element {
  return (
    <Panel title="Try a rule">
      {mayAct('responder') ? (
        <Form {...props} />
      ) : (
        <p class="quiet">Responders and administrators can try rules on stored alerts and on recordings.</p>
      )}
    </Panel>
  );
}

function Form({ file, textOf, rules, line }: TryPanelProps): JSX.Element {
  const captures = useAnswer('captures', (signal) => call('listCaptures', { signal }));
  const [since, setSince] = useState('30d');
  const [capture, setCapture] = useState('');
  const [busy, setBusy] = useState<AbortController>();
  const [outcome, setOutcome] = useState<Outcome>();
  const atCaret = rules.findLast((rule) => rule.line <= line)?.name ?? rules[0]?.name ?? '';
  const [chosen, setChosen] = useState<string>();
  useEffect(() => setChosen(undefined), [atCaret]);
  const rule = rules.some(({ name }) => name === chosen) ? (chosen ?? '') : atCaret;
  const recording = capture === '' ? (captures.data?.captures[0]?.name ?? '') : capture;

  const run = async (work: (signal: AbortSignal) => Promise<Outcome>): Promise<void> => {
    const stop = new AbortController();
    setBusy(stop);
    setOutcome(undefined);
    try {
      setOutcome(await work(stop.signal));
    } catch (error) {
      if (!stop.signal.aborted) setOutcome({ kind: 'problem', problem: problemOf(error) });
    }
    setBusy(undefined);
  };
  const text = { name: file, rule };
  return (
    <>
      <fieldset class="try-form" disabled={busy !== undefined || rule === ''}>
        <legend class="unseen">What to try</legend>
        <label class="form-row">
          <span>Rule, as it is in the editor</span>
          <select value={rule} onChange={({ currentTarget }) => setChosen(currentTarget.value)}>
            {rules.map(({ name }) => (
              <option key={name} value={name}>
                {name.slice(0, 120)}
              </option>
            ))}
          </select>
        </label>
        <div class="row">
          <select
            aria-label="Alerts of the last"
            value={since}
            onChange={({ currentTarget }) => setSince(currentTarget.value)}
          >
            {periods.map((period) => (
              <option key={period.since} value={period.since}>
                alerts of {period.title}
              </option>
            ))}
          </select>
          <button
            type="button"
            class="button"
            onClick={() =>
              void run(async (signal) => ({
                kind: 'alerts',
                answer: await call('tryRules', {
                  body: { ...text, text: textOf(), filter: { since } },
                  signal,
                }),
              }))
            }
          >
            Try on stored alerts
          </button>
        </div>
        <div class="row">
          <select
            aria-label="Recording"
            value={recording}
            onChange={({ currentTarget }) => setCapture(currentTarget.value)}
          >
            {captures.data?.captures.map(({ name, sizeBytes }) => (
              <option key={name} value={name}>
                {name} ({bytesText(sizeBytes)})
              </option>
            ))}
          </select>
          <button
            type="button"
            class="button"
            disabled={recording === ''}
            onClick={() =>
              void run(async (signal) => ({
                kind: 'recording',
                answer: await call('tryRulesOnCapture', {
                  body: { ...text, text: textOf(), capture: recording },
                  signal,
                }),
              }))
            }
          >
            Try on the recording
          </button>
        </div>
        {captures.data?.captures.length === 0 && (
          <p class="quiet">
            There are no recordings: put some into the folder <code>ui.captures</code>.
          </p>
        )}
      </fieldset>
      <div class="try-result" aria-live="polite">
        {rules.length === 0 && <p class="quiet">This file defines no rule yet.</p>}
        {busy !== undefined && (
          <>
            <Waiting lines={4} />
            <button type="button" class="button is-small" onClick={() => busy.abort()}>
              Stop
            </button>
          </>
        )}
        {outcome?.kind === 'problem' && <ProblemBox problem={outcome.problem} />}
        {outcome?.kind === 'alerts' && <OnAlerts answer={outcome.answer} />}
        {outcome?.kind === 'recording' && <OnRecording answer={outcome.answer} />}
      </div>
    </>
  );
}

function errorOf(findings: Answer<'tryRules'>['findings']): string | undefined {
  return findings.find(({ severity }) => severity === 'error')?.message;
}

function OnAlerts({ answer }: { readonly answer: Answer<'tryRules'> }): JSX.Element {
  const { findings, examined, matches, unknown, samples, missingFields, isComplete } = answer;
  const error = errorOf(findings);
  if (error !== undefined && examined === 0)
    return (
      <p class="bad">
        It cannot be tried yet: <Text value={error} />
      </p>
    );
  return (
    <>
      <p>
        <strong>{countText(matches)}</strong> of {countText(examined)} alerts match
        {unknown > 0 && <>, of {countText(unknown)} it cannot be told</>}.
        {!isComplete && ' Older ones were not looked at: choose a shorter period to see all of it.'}
      </p>
      {missingFields.length > 0 && (
        <details>
          <summary>Why it cannot be told of some</summary>
          <p class="quiet">
            An alert has only the fields that its rule put into it. These are missing, and decide:
          </p>
          <ul>
            {missingFields.slice(0, 20).map(({ name, count }) => (
              <li key={name}>
                <code>
                  <ShortText value={name} limit={80} />
                </code>{' '}
                <span class="quiet">in {countText(count)} alerts</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      <ul aria-label="The latest that match">
        {samples.map(({ id, output, time }) => (
          <li key={id}>
            <a href={`/alerts/${encodeURIComponent(id)}`} target="_blank" rel="noreferrer">
              <ShortText value={output} limit={160} />
            </a>{' '}
            <span class="quiet">{timeText(time)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function OnRecording({ answer }: { readonly answer: Answer<'tryRulesOnCapture'> }): JSX.Element {
  const { examined, counts, samples, isComplete } = answer;
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  return (
    <>
      <p>
        <strong>{countText(total)}</strong> of {countText(examined)} events match.
        {!isComplete && ' It took too long, and the rest of the recording was not read.'}
      </p>
      <ul aria-label="The first that match">
        {samples.map(({ output, time }, i) => (
          <li key={i}>
            <Text value={output} limit={300} /> <span class="quiet">{timeText(time)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
