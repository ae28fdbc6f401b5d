/** What was done, or went wrong, told for some seconds and to screen readers. */

import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { problemOf } from './answer.ts';

interface Notice {
  readonly id: number;
  readonly text: string;
  readonly isProblem: boolean;
  readonly undo: (() => void) | undefined;
}

const SHOWN_MS = 6_000;
/** Of what can be taken back: long enough to read it and to get there. */
const UNDO_MS = 20_000;
const notices = signal<readonly Notice[]>([]);
let lastId = 0;

export function tell(text: string, isProblem = false): void {
  show({ text, isProblem, undo: undefined }, SHOWN_MS);
}

/** With a button that takes it back. */
export function tellUndoable(text: string, undo: () => void): void {
  show({ text, isProblem: false, undo }, UNDO_MS);
}

function show(notice: Omit<Notice, 'id'>, shownMs: number): void {
  const id = ++lastId;
  notices.value = [...notices.value.slice(-2), { id, ...notice }];
  setTimeout(() => remove(id), shownMs);
}

function remove(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

export function tellProblem(error: unknown): void {
  const problem = problemOf(error);
  tell(problem.hint === undefined ? problem.message : `${problem.message}: ${problem.hint}`, true);
}

export function Notices(): JSX.Element {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ id, text, isProblem, undo }) => (
        <p key={id} class={isProblem ? 'notice is-problem' : 'notice'}>
          {text}
          {undo !== undefined && (
            <button
              type="button"
              class="notice-undo"
              onClick={() => {
                remove(id);
                undo();
              }}
            >
              Undo
            </button>
          )}
        </p>
      ))}
    </div>
  );
}
