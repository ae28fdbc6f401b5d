/** What the exception would have hidden, its warnings, and its rules. */

import type { Alert } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { countText, timeText } from '../../format.ts';
import { CopyButton, Panel, PriorityBadge, ProblemBox, Waiting } from '../../shared/parts.tsx';
import { ShortText, Text } from '../../shared/text.tsx';
import { Apply } from './apply.tsx';
import { Days } from './days.tsx';
import { type Draft, draftProblem } from './draft.ts';
import type { PreviewState } from './use-preview.ts';

export interface OutcomeProps extends PreviewState {
  readonly rule: string;
  readonly draft: Draft;
}

export function Outcome({ rule, draft, preview, problem, isLoading }: OutcomeProps): JSX.Element {
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
