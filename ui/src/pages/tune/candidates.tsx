/** Proposals of exceptions, narrow to wide, one of which is chosen. */

import type { Exception, Proposal } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { countText } from '../../format.ts';
import { Panel } from '../../shared/parts.tsx';
import { ShortText, Text } from '../../shared/text.tsx';
import { SINCE } from './use-preview.ts';

export interface CandidatesProps {
  readonly candidates: Proposal['candidates'];
  /** Index of the chosen one; -1: something else was made of it. */
  readonly choice: number;
  readonly onChoose: (index: number, exception: Exception) => void;
}

export function Candidates({ candidates, choice, onChoose }: CandidatesProps): JSX.Element {
  return (
    <Panel title="How wide">
      <div class="candidates" role="radiogroup" aria-label="Proposals, narrow to wide">
        {candidates.map(({ title, exception, hiddenCount, reason }, i) => (
          <label key={i} class={`candidate${i === choice ? ' is-chosen' : ''}`}>
            <input
              type="radio"
              name="candidate"
              checked={i === choice}
              onChange={() => onChoose(i, exception)}
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
  );
}
