/** Small things that several pages show. */

import type { Alert, Incident } from '@peregrine/api/contract';
import type { ComponentChildren, JSX } from 'preact';
import type { ApiProblem } from '../api.ts';
import { ageText, wholeTimeText } from '../format.ts';
import { tell } from './notice.tsx';

export function PriorityBadge({ priority }: { readonly priority: Alert['priority'] }): JSX.Element {
  return <span class={`badge priority-${priority.toLowerCase()}`}>{priority}</span>;
}

const stateSigns: Readonly<Record<Incident['state'], string>> = {
  new: '●',
  investigating: '◐',
  expected: '✓',
  closed: '■',
};

export function StateBadge({ state }: { readonly state: Incident['state'] }): JSX.Element {
  return (
    <span class={`badge state-${state}`}>
      <span aria-hidden="true">{stateSigns[state]} </span>
      {state}
    </span>
  );
}

export function Age({ time }: { readonly time: string }): JSX.Element {
  const age = ageText(time);
  return (
    <time dateTime={time} title={wholeTimeText(time)}>
      {age === 'just now' ? age : `${age} ago`}
    </time>
  );
}

export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tell(`${what} copied`);
  } catch {
    tell('the browser does not allow copying here: it does over HTTPS and on this machine', true);
  }
}

export function CopyButton({
  text,
  what,
  label = 'Copy',
}: {
  readonly text: string;
  readonly what: string;
  readonly label?: string;
}): JSX.Element {
  return (
    <button
      type="button"
      class="button is-small"
      aria-label={`${label} ${what}`}
      onClick={() => void copyText(text, what)}
    >
      {label}
    </button>
  );
}

export interface PanelProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Beside the title. */
  readonly actions?: ComponentChildren;
  readonly class?: string;
}

export function Panel({ title, children, actions, class: more = '' }: PanelProps): JSX.Element {
  return (
    <section class={`panel ${more}`} aria-label={title}>
      <header class="panel-head">
        <h2>{title}</h2>
        {actions}
      </header>
      {children}
    </section>
  );
}

export function ProblemBox({
  problem,
  retry,
}: {
  readonly problem: ApiProblem;
  readonly retry?: () => void;
}): JSX.Element {
  return (
    <div class="problem" role="alert">
      <p>
        <strong>{problem.message}</strong>
      </p>
      {problem.hint !== undefined && <p>{problem.hint}</p>}
      {retry !== undefined && (
        <button type="button" class="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Keeps the place of what is still coming. */
export function Waiting({ lines = 4 }: { readonly lines?: number }): JSX.Element {
  return (
    <div class="waiting" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, i) => (
        <span key={i} />
      ))}
    </div>
  );
}
