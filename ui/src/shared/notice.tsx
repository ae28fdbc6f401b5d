/** What was done, or went wrong, told for some seconds and to screen readers. */

import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { problemOf } from './answer.ts';

interface Notice {
  readonly id: number;
  readonly text: string;
  readonly isProblem: boolean;
}

const SHOWN_MS = 6_000;
const notices = signal<readonly Notice[]>([]);
let lastId = 0;

export function tell(text: string, isProblem = false): void {
  const id = ++lastId;
  notices.value = [...notices.value.slice(-2), { id, text, isProblem }];
  setTimeout(() => {
    notices.value = notices.value.filter((notice) => notice.id !== id);
  }, SHOWN_MS);
}

export function tellProblem(error: unknown): void {
  const problem = problemOf(error);
  tell(problem.hint === undefined ? problem.message : `${problem.message}: ${problem.hint}`, true);
}

export function Notices(): JSX.Element {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ id, text, isProblem }) => (
        <p key={id} class={isProblem ? 'notice is-problem' : 'notice'}>
          {text}
        </p>
      ))}
    </div>
  );
}
