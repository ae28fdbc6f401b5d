/** Response rules: what each matches and does, and how often it did. */

import type { ResponseRule, ResponseStatus } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { countText, matchText } from '../../format.ts';
import { addressWith } from '../../place.ts';
import { Age, Panel } from '../../shared/parts.tsx';
import { ShortText, Text } from '../../shared/text.tsx';

export function ResponseRules({ status: { rules } }: { readonly status: ResponseStatus }): JSX.Element {
  return (
    <Panel title="Rules" actions={<span class="quiet count">{countText(rules.length)}</span>}>
      {rules.length === 0 && <p class="quiet">The files of response rules have none.</p>}
      <ul class="response-rules" aria-label="Response rules">
        {rules.map((rule) => (
          <li key={rule.name}>
            <RuleCard rule={rule} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function RuleCard({ rule }: { readonly rule: ResponseRule }): JSX.Element {
  const { name, description, isDryRun, place, matches, actions, matchCount, lastMatchTime } = rule;
  return (
    <section class="response-rule" aria-label={name}>
      <p class="row">
        <strong>
          <ShortText value={name} limit={160} />
        </strong>
        {isDryRun && <span class="badge run-warn">dry run</span>}
        <span class="spring" />
        <a
          class="quiet-link"
          href={addressWith({ rule: name, state: undefined, text: undefined, run: undefined })}
        >
          its runs
        </a>
      </p>
      {description !== '' && (
        <p>
          <Text value={description} limit={300} />
        </p>
      )}
      <ul aria-label="Matches">
        {matches.length === 0 && <li class="quiet">every alert</li>}
        {matches.map((text) => (
          <li key={text}>
            <code>
              <ShortText value={text} limit={300} />
            </code>
          </li>
        ))}
      </ul>
      <ol class="response-actions" aria-label="Actions">
        {actions.map((action, i) => (
          <li key={i} class="row">
            <ShortText value={action.name} limit={120} />
            <code class="quiet">
              <ShortText value={action.actionner} limit={80} />
            </code>
            {action.needsApproval && <span class="chip">needs approval</span>}
            {action.canBeUndone && <span class="chip">can be undone</span>}
          </li>
        ))}
      </ol>
      <p class="quiet">
        {matchText(matchCount)} since the start
        {lastMatchTime !== null && (
          <>
            , the last <Age time={lastMatchTime} />
          </>
        )}{' '}
        · <ShortText value={place} limit={120} />
      </p>
    </section>
  );
}
