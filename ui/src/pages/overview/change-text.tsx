import type { JSX } from 'preact';
import { changeOf } from './change.ts';

/** How a count compares with the one before, with the numbers for who asks or listens. */
export function ChangeText({
  count,
  previous,
}: {
  readonly count: number;
  readonly previous: number;
}): JSX.Element {
  const change = changeOf(count, previous);
  if (change === undefined) return <span class="change" />;
  const { text, direction, words } = change;
  return (
    <span class={`change is-${direction}`} title={words}>
      <span aria-hidden="true">{text}</span>
      <span class="unseen">{words}</span>
    </span>
  );
}
