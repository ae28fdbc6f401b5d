/** What would be done about an alert now, rule by rule: which part of a rule does not hold, and what keeps an action from running. */

import type { Explanation } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type ApiProblem, call } from '../../api.ts';
import { problemOf } from '../../shared/answer.ts';
import { ProblemBox } from '../../shared/parts.tsx';
import { ShortText, Text } from '../../shared/text.tsx';

type ExplainedRule = Explanation['rules'][number];

export function Explain({ alertId }: { readonly alertId: string }): JSX.Element {
  const [isAsking, setAsking] = useState(false);
  const [answer, setAnswer] = useState<Explanation>();
  const [problem, setProblem] = useState<ApiProblem>();
  const ask = async (): Promise<void> => {
    setAsking(true);
    setProblem(undefined);
    try {
      setAnswer(await call('explainResponse', { body: { alert: alertId } }));
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setAsking(false);
    }
  };
  // Those that match come first.
  const rules = [...(answer?.rules ?? [])].sort((a, b) => Number(b.matches) - Number(a.matches));
  return (
    <div class="explain">
      <button type="button" class="button is-small" disabled={isAsking} onClick={() => void ask()}>
        {isAsking ? 'Asking…' : 'What would be done?'}
      </button>
      {problem !== undefined && <ProblemBox problem={problem} />}
      <div role="status" class="explain-answer">
        {answer !== undefined && rules.length === 0 && <p class="quiet">There are no response rules.</p>}
        {rules.map((rule) => (
          <Rule key={rule.name} rule={rule} />
        ))}
      </div>
    </div>
  );
}

function Rule({ rule: { name, matches, parts, actions } }: { readonly rule: ExplainedRule }): JSX.Element {
  return (
    <details open={matches} class="explain-rule">
      <summary>
        <Sign holds={matches} />
        <strong>
          <ShortText value={name} limit={160} />
        </strong>{' '}
        <span class="quiet">{matches ? 'matches' : 'does not match'}</span>
      </summary>
      <ul aria-label="Parts of the rule">
        {parts.map(({ text, holds, found }, i) => (
          <li key={i}>
            <Sign holds={holds} />
            <code>
              <Text value={text} limit={300} />
            </code>
            {found !== '' && (
              <>
                {' '}
                <span class="quiet">the alert has </span>
                <Text value={found} limit={160} />
              </>
            )}
          </li>
        ))}
      </ul>
      <ul aria-label="Actions of the rule">
        {actions.map(({ name: action, actionner, verdict, target }, i) => (
          <li key={i}>
            <ShortText value={action} limit={120} /> <code class="quiet">{actionner}</code>
            {target !== '' && (
              <>
                , <ShortText value={target} limit={160} />
              </>
            )}
            : <Text value={verdict} limit={240} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function Sign({ holds }: { readonly holds: boolean }): JSX.Element {
  return (
    <span class={holds ? 'sign holds' : 'sign fails'}>
      <span aria-hidden="true">{holds ? '✓' : '✗'}</span>
      <span class="unseen">{holds ? 'holds: ' : 'does not hold: '}</span>
    </span>
  );
}
