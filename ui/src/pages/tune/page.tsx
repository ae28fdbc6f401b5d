/** "This is expected": makes an exception of an alert or an incident, and shows what it would have hidden before it is used. */

import './tune.css';
import type { Alert, Proposal } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Answer, type ApiProblem, call } from '../../api.ts';
import { countText, timeText } from '../../format.ts';
import { place } from '../../place.ts';
import { problemOf, useAnswer } from '../../shared/answer.ts';
import { tellProblem } from '../../shared/notice.tsx';
import { CopyButton, Panel, PriorityBadge, ProblemBox, Waiting } from '../../shared/parts.tsx';
import { mayAct } from '../../shared/session.ts';
import { ShortText, Text } from '../../shared/text.tsx';
import {
  type Draft,
  draftProblem,
  withComp,
  withField,
  withoutField,
  withoutRow,
  withRow,
  withValue,
} from './draft.ts';

type Preview = Answer<'previewException'>;

const SINCE = '30d';
const PAUSE_MS = 350;

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
        <ShortText value={proposal.rule} /> can be changed, or turned off, on its own page.
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
          <Panel title="How wide">
            <div class="candidates" role="radiogroup" aria-label="Proposals, narrow to wide">
              {proposal.candidates.map(({ title, exception, hiddenCount, reason }, i) => (
                <label key={i} class={`candidate${i === choice ? ' is-chosen' : ''}`}>
                  <input
                    type="radio"
                    name="candidate"
                    checked={i === choice}
                    onChange={() => {
                      setChoice(i);
                      setDraft(exception);
                    }}
                  />
                  <span>
                    <strong>{title}</strong>
                    <span class="quiet candidate-what">
                      <ShortText
                        value={exception.fields
                          .map((field, j) => `${field} ${exception.comps[j]} ${exception.values[0]?.[j]}`)
                          .join(', ')}
                        limit={160}
                      />
                    </span>
                    {reason !== '' && (
                      <span class="candidate-why">
                        <Text value={reason} />
                      </span>
                    )}
                  </span>
                  <span class="count" title={`Alerts of the last ${SINCE} that it would have hidden`}>
                    {countText(hiddenCount)}
                  </span>
                </label>
              ))}
            </div>
          </Panel>
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

interface PreviewState {
  readonly preview: Preview | undefined;
  readonly problem: ApiProblem | undefined;
  readonly isLoading: boolean;
}

/** Asks once nothing was changed for a moment; the answer before stays until then. */
function usePreview(rule: string, draft: Draft | undefined): PreviewState {
  const [state, setState] = useState<PreviewState>({
    preview: undefined,
    problem: undefined,
    isLoading: true,
  });
  const isFirst = useRef(true);
  useEffect(() => {
    if (draft === undefined || draftProblem(draft) !== undefined) return;
    const stop = new AbortController();
    setState((before) => ({ ...before, isLoading: true }));
    const timer = setTimeout(
      async () => {
        try {
          const body = { rule, exception: draft, since: SINCE };
          const preview = await call('previewException', { body, signal: stop.signal });
          if (!stop.signal.aborted) setState({ preview, problem: undefined, isLoading: false });
        } catch (error) {
          if (!stop.signal.aborted)
            setState((before) => ({ ...before, problem: problemOf(error), isLoading: false }));
        }
      },
      isFirst.current ? 0 : PAUSE_MS,
    );
    isFirst.current = false;
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [rule, draft]);
  return state;
}

interface EditorProps {
  readonly draft: Draft;
  readonly proposal: Proposal;
  readonly onChange: (draft: Draft) => void;
}

function Editor({ draft, proposal, onChange }: EditorProps): JSX.Element {
  const facts = (name: string): Proposal['fields'][number] | undefined =>
    proposal.fields.find((field) => field.name === name);
  const others = proposal.fields.filter(({ name }) => !draft.fields.includes(name));
  const problem = draftProblem(draft);
  return (
    <Panel title="Exception">
      <label class="form-row">
        <span>Name</span>
        <input
          type="text"
          value={draft.name}
          maxLength={128}
          onInput={(event) => onChange({ ...draft, name: event.currentTarget.value })}
        />
      </label>
      {draft.values.map((row, r) => (
        <fieldset key={r} class="draft-row">
          <legend>
            {draft.values.length === 1
              ? 'All of these hold'
              : r === 0
                ? 'All of these hold'
                : 'or all of these'}
          </legend>
          {draft.fields.map((field, i) => (
            <div key={field} class="draft-field">
              <span class="draft-name">
                <ShortText value={field} limit={80} />
              </span>
              <select
                aria-label={`Comparison of ${field}`}
                value={draft.comps[i]}
                disabled={r > 0}
                onChange={(event) => onChange(withComp(draft, i, event.currentTarget.value))}
              >
                {[...new Set([draft.comps[i] ?? '=', ...(facts(field)?.comps ?? [])])].map((comp) => (
                  <option key={comp}>{comp}</option>
                ))}
              </select>
              <input
                type="text"
                dir="auto"
                aria-label={`Value of ${field}`}
                value={row[i] ?? ''}
                maxLength={8_192}
                list={`values-${i}`}
                onInput={(event) => onChange(withValue(draft, r, i, event.currentTarget.value))}
              />
              <button
                type="button"
                class="act"
                aria-label={`Leave out ${field}`}
                title="Leave this out: wider"
                disabled={draft.fields.length < 2}
                onClick={() => onChange(withoutField(draft, i))}
              >
                ×
              </button>
            </div>
          ))}
          {draft.values.length > 1 && (
            <button type="button" class="button is-small" onClick={() => onChange(withoutRow(draft, r))}>
              Remove these
            </button>
          )}
        </fieldset>
      ))}
      {draft.fields.map((field, i) => (
        <datalist key={field} id={`values-${i}`}>
          {facts(field)?.values.map(({ value }) => (
            <option key={value} value={value} />
          ))}
        </datalist>
      ))}
      {draft.fields.map((field) => {
        const more = facts(field)?.values ?? [];
        return more.length < 2 ? null : (
          <p class="chips" key={field}>
            <span class="quiet">{field}:</span>
            {more.slice(0, 8).map(({ value, count }) => (
              <button
                type="button"
                class="chip"
                key={value}
                onClick={() =>
                  onChange(withValue(draft, draft.values.length - 1, draft.fields.indexOf(field), value))
                }
              >
                <ShortText value={value} limit={60} /> <span class="quiet">{countText(count)}</span>
              </button>
            ))}
          </p>
        );
      })}
      <div class="row">
        <label>
          <span class="unseen">Another field</span>
          <select
            value=""
            onChange={(event) => {
              const field = facts(event.currentTarget.value);
              const value = field?.values[0]?.value;
              if (field !== undefined && value !== undefined) onChange(withField(draft, field.name, value));
            }}
          >
            <option value="">Another field…</option>
            {others.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <button type="button" class="button is-small" onClick={() => onChange(withRow(draft))}>
          Other values, too
        </button>
      </div>
      {problem !== undefined && (
        <p class="bad" role="alert">
          {problem}
        </p>
      )}
    </Panel>
  );
}

interface OutcomeProps extends PreviewState {
  readonly rule: string;
  readonly draft: Draft;
}

function Outcome({ rule, draft, preview, problem, isLoading }: OutcomeProps): JSX.Element {
  return (
    <>
      <Panel title="What it would have hidden" class={isLoading ? 'is-old' : ''}>
        {problem !== undefined && <ProblemBox problem={problem} />}
        {preview === undefined && problem === undefined && <Waiting lines={6} />}
        {preview !== undefined && (
          <>
            <p class="verdict" aria-live="polite">
              <strong>{countText(preview.hiddenCount)}</strong> of {countText(preview.total)} alerts in 30
              days
            </p>
            <Days days={preview.byDay} />
            <ul class="warnings">
              {preview.warnings.map((warning) => (
                <li key={warning}>
                  <span aria-hidden="true">⚠ </span>
                  <Text value={warning} />
                </li>
              ))}
              {preview.findings.map(({ message, severity, hint }) => (
                <li key={message} class={severity === 'error' ? 'bad' : ''}>
                  <Text value={message} />
                  {hint !== undefined && (
                    <span class="quiet">
                      {' '}
                      <Text value={hint} />
                    </span>
                  )}
                </li>
              ))}
            </ul>
            <Samples title="Hidden" alerts={preview.hidden} count={preview.hiddenCount} />
            <Samples title="Kept" alerts={preview.kept} count={preview.total - preview.hiddenCount} />
          </>
        )}
      </Panel>
      {preview !== undefined && (
        <Panel title="As rules" actions={<CopyButton text={preview.yaml} what="rules" />}>
          <pre class="code" role="region" tabIndex={0} aria-label="Rules with the exception">
            <Text value={preview.yaml} limit={20_000} />
          </pre>
          <p class="quiet">Works in Falco, too: in a rules file that is read after the one with the rule.</p>
        </Panel>
      )}
      {preview !== undefined && (
        <Apply
          rule={rule}
          draft={draft}
          canApply={!isLoading && draftProblem(draft) === undefined}
          preview={preview}
        />
      )}
    </>
  );
}

const DAY_WIDTH = 20;
const DAY_HEIGHT = 90;
/** Few days are not drawn wider. */
const LEAST_DAYS = 15;

function Days({ days }: { readonly days: Preview['byDay'] }): JSX.Element {
  const most = Math.max(1, ...days.map(({ hidden, kept }) => hidden + kept));
  const size = (count: number): number => (count / most) * DAY_HEIGHT;
  const first = Math.max(0, LEAST_DAYS - days.length);
  return (
    <figure class="days">
      <svg
        viewBox={`0 0 ${(first + days.length) * DAY_WIDTH} ${DAY_HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label="Alerts by day, hidden and kept"
      >
        {days.map(({ day, hidden, kept }, i) => (
          <g key={day}>
            <title>{`${day}: ${hidden} hidden, ${kept} kept`}</title>
            <rect
              class="kept"
              x={(first + i) * DAY_WIDTH + 2}
              y={DAY_HEIGHT - size(kept)}
              width={DAY_WIDTH - 4}
              height={size(kept)}
            />
            <rect
              class="hidden-part"
              x={(first + i) * DAY_WIDTH + 2}
              y={DAY_HEIGHT - size(kept) - size(hidden)}
              width={DAY_WIDTH - 4}
              height={size(hidden)}
            />
          </g>
        ))}
      </svg>
      <figcaption class="row quiet">
        <span>{days.length > 1 ? days[0]?.day : ''}</span>
        <span class="spring" />
        <span class="legend is-hidden">hidden</span>
        <span class="legend is-kept">kept</span>
        <span class="spring" />
        <span>{days.at(-1)?.day}</span>
      </figcaption>
    </figure>
  );
}

function Samples({
  title,
  alerts,
  count,
}: {
  readonly title: string;
  readonly alerts: readonly Alert[];
  readonly count: number;
}): JSX.Element {
  return (
    <details class="related" open={title === 'Hidden'}>
      <summary>
        {title} <span class="count">{countText(count)}</span>
      </summary>
      <ul>
        {alerts.map(({ id, output, time, priority }) => (
          <li key={id}>
            <a href={`/alerts/${encodeURIComponent(id)}`}>
              <ShortText value={output} limit={200} />
            </a>{' '}
            <PriorityBadge priority={priority} /> <span class="quiet">{timeText(time)}</span>
          </li>
        ))}
        {alerts.length === 0 && <li class="quiet">None.</li>}
      </ul>
    </details>
  );
}

interface ApplyProps {
  readonly rule: string;
  readonly draft: Draft;
  readonly preview: Preview;
  readonly canApply: boolean;
}

function Apply({ rule, draft, preview, canApply }: ApplyProps): JSX.Element {
  const changes = useAnswer('rules changes', (signal) => call('listRulesFiles', { signal }));
  const [comment, setComment] = useState('');
  const [isTriaged, setTriaged] = useState(true);
  const [isBusy, setBusy] = useState(false);
  const [done, setDone] = useState<Answer<'applyException'>>();
  const dialog = useRef<HTMLDialogElement>(null);
  const rules = changes.data?.changes;
  const apply = async (): Promise<void> => {
    setBusy(true);
    try {
      const answer = await call('applyException', {
        body: { rule, exception: draft, triage: isTriaged, ...(comment === '' ? {} : { comment }) },
      });
      dialog.current?.close();
      setDone(answer);
    } catch (error) {
      tellProblem(error);
    }
    setBusy(false);
  };
  if (done !== undefined)
    return (
      <Panel title="Done">
        <p role="status">
          {done.isLive
            ? 'The sensor here has taken it: such alerts are no longer made.'
            : 'The file is changed: sensors that read it take it by themselves.'}{' '}
          {done.triaged > 0 && `${countText(done.triaged)} incidents are marked as expected.`}
        </p>
        <p>
          It is version {done.version} of <ShortText value={rules?.file ?? 'the rules'} />. To take it back,
          go to <a href="/rules?versions">earlier versions of the rules</a>.
        </p>
      </Panel>
    );
  return (
    <Panel title="Use it">
      {!mayAct('admin') && (
        <p class="quiet">Administrators can use it from here. Others can copy the rules and hand them on.</p>
      )}
      {rules?.isAllowed === false && (
        <p class="quiet">
          Rules cannot be changed from here: <Text value={rules.reason ?? 'it is turned off'} />
        </p>
      )}
      {mayAct('admin') && rules?.isAllowed === true && (
        <button
          type="button"
          class="button is-main"
          disabled={!canApply || preview.findings.some(({ severity }) => severity === 'error')}
          onClick={() => dialog.current?.showModal()}
        >
          Use this exception…
        </button>
      )}
      <dialog ref={dialog} aria-labelledby="apply-title">
        <h2 id="apply-title">Use this exception?</h2>
        <p>
          From now on <ShortText value={rule} /> says nothing where it holds. In the last 30 days that would
          have been {countText(preview.hiddenCount)} of {countText(preview.total)} alerts.
        </p>
        <label class="form-row">
          <span>Why (others will ask)</span>
          <input
            type="text"
            maxLength={1_024}
            value={comment}
            onInput={(event) => setComment(event.currentTarget.value)}
          />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={isTriaged}
            onChange={(event) => setTriaged(event.currentTarget.checked)}
          />
          Also mark the incidents that it hides as expected
        </label>
        <div class="row">
          <span class="spring" />
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="button" class="button is-main" disabled={isBusy} onClick={() => void apply()}>
            Use it
          </button>
        </div>
      </dialog>
    </Panel>
  );
}
