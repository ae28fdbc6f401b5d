/** The condition of a rule as it is written, and the macros and lists that it names with what they stand for. */

import type { RuleDetail } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { ShortText } from '../../shared/text.tsx';
import { conditionSegments } from './condition-segments.ts';

const MOST_TEXT = 20_000;

export function ConditionView({
  condition,
  parts,
}: {
  readonly condition: string;
  readonly parts: RuleDetail['parts'];
}): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const names = new Set(parts.map(({ name }) => name));
  const show = (name: string): void => {
    for (const part of list.current?.querySelectorAll<HTMLDetailsElement>('details') ?? []) {
      if (part.dataset['name'] !== name) continue;
      part.open = true;
      part.querySelector('summary')?.focus();
    }
  };
  const pieces = (text: string): readonly JSX.Element[] =>
    conditionSegments(text.slice(0, MOST_TEXT), names).map(({ text: piece, name, isConnective }, i) =>
      name !== undefined ? (
        <button
          key={i}
          type="button"
          class="condition-name"
          title="Show what it stands for"
          onClick={() => show(name)}
        >
          {piece}
        </button>
      ) : isConnective === true ? (
        <strong key={i}>{piece}</strong>
      ) : (
        <ShortText key={i} value={piece} limit={MOST_TEXT} />
      ),
    );
  return (
    <>
      <pre class="code" role="region" tabIndex={0} aria-label="Condition of the rule">
        {pieces(condition.trim())}
      </pre>
      <div ref={list} class="condition-parts">
        {parts.map(({ kind, name, text }) => (
          <details key={name} data-name={name}>
            <summary>
              <code>{name}</code> <span class="quiet">{kind}</span>
            </summary>
            <pre class="code" role="region" tabIndex={0} aria-label={`${kind} ${name}`}>
              {kind === 'macro' ? (
                pieces(text)
              ) : (
                <ShortText value={text === '' ? 'nothing' : text} limit={MOST_TEXT} />
              )}
            </pre>
          </details>
        ))}
      </div>
    </>
  );
}
