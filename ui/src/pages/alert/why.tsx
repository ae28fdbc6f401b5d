/** Why the rule matched: its condition with the tests that held, what they looked at, and its text. */

import type { StoryTerm } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { CopyButton } from '../../shared/parts.tsx';
import { ShortText, Text } from '../../shared/text.tsx';
import { highlightCondition, isMacro } from './condition.ts';

const MOST_SHOWN = 50;

function Sign({ holds }: { readonly holds: boolean }): JSX.Element {
  return (
    <span class={holds ? 'sign holds' : 'sign fails'}>
      <span aria-hidden="true">{holds ? '✓' : '✗'}</span>
      <span class="unseen">{holds ? 'holds: ' : 'does not hold: '}</span>
    </span>
  );
}

function Term({ term, isOpen }: { readonly term: StoryTerm; readonly isOpen: boolean }): JSX.Element {
  const terms = term.terms ?? [];
  if (terms.length === 0) {
    return (
      <div class="term">
        <Sign holds={term.holds} />
        <code>
          <Text value={term.text} limit={300} />
        </code>
        {term.value !== undefined && ' '}
        {term.value !== undefined && (
          <span class="term-value">
            <span class="quiet">is </span>
            <Text value={term.value} limit={120} />
          </span>
        )}
      </div>
    );
  }
  const [only] = terms;
  // A macro that stands for several is one part with them, not a part with one part that has them.
  const isNamed = isMacro(term) && terms.length === 1 && only?.terms !== undefined && !isMacro(only);
  const shown = isNamed && only !== undefined ? only : term;
  return (
    <details open={isOpen} class="term-group">
      <summary>
        <Sign holds={term.holds} />
        {isMacro(term) && (
          <code>
            <ShortText value={term.text} limit={200} />
          </code>
        )}
        {isNamed && ': '}
        {!isMacro(shown) && groupTexts[shown.text]}
      </summary>
      <Terms terms={shown.terms ?? []} isHeld={shown.holds} />
    </details>
  );
}

const groupTexts: Readonly<Record<string, string>> = {
  and: 'all of these',
  or: 'any of these',
  not: 'not this',
};

function Terms({
  terms,
  isHeld,
}: {
  readonly terms: readonly StoryTerm[];
  readonly isHeld: boolean;
}): JSX.Element {
  return (
    <>
      {terms.slice(0, MOST_SHOWN).map((child, i) => (
        // Parts that decided nothing are folded: of an `or` what failed, where something held.
        <Term key={i} term={child} isOpen={child.holds === isHeld || terms.length < 4} />
      ))}
      {terms.length > MOST_SHOWN && <p class="quiet">and {terms.length - MOST_SHOWN} more</p>}
    </>
  );
}

export interface WhyProps {
  readonly term: StoryTerm | undefined;
  readonly rule:
    | { readonly condition: string; readonly text: string; readonly desc: string; readonly file: string }
    | undefined;
}

export function Why({ term, rule }: WhyProps): JSX.Element {
  const [isText, setText] = useState(false);
  return (
    <>
      {rule !== undefined && (
        <>
          <p>
            <Text value={rule.desc} />
          </p>
          <pre class="code" role="region" tabIndex={0} aria-label="Condition of the rule">
            {highlightCondition(rule.condition, term).map(({ text, term: of }, i) =>
              of === undefined ? (
                <ShortText key={i} value={text} limit={20_000} />
              ) : (
                <mark
                  key={i}
                  class={of.holds ? 'holds' : 'fails'}
                  title={of.value === undefined ? undefined : `is ${of.value.slice(0, 300)}`}
                >
                  <Sign holds={of.holds} />
                  <ShortText value={text} limit={20_000} />
                </mark>
              ),
            )}
          </pre>
        </>
      )}
      {term === undefined ? (
        <p class="quiet">The sensor did not tell what each part of the condition came to.</p>
      ) : (
        <div class="terms">
          <Term term={term} isOpen={true} />
        </div>
      )}
      {rule !== undefined && (
        <>
          <p class="row">
            <button
              type="button"
              class="button is-small"
              aria-expanded={isText}
              onClick={() => setText(!isText)}
            >
              {isText ? 'Hide the rule' : 'Show the rule'}
            </button>
            <CopyButton text={rule.text} what="rule" />
            <span class="quiet">
              <ShortText value={rule.file} />
            </span>
          </p>
          {isText && (
            <pre class="code" role="region" tabIndex={0} aria-label="Text of the rule">
              <Text value={rule.text} limit={20_000} />
            </pre>
          )}
        </>
      )}
    </>
  );
}
