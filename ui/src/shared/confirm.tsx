/** A question before what cannot be undone. */

import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface Question {
  readonly text: string;
  /** What is done, as a button says it. */
  readonly action: string;
  readonly answer: (isMeant: boolean) => void;
}

const question = signal<Question | undefined>(undefined);

/** Whether it is meant. Another question while one is open is the same as no. */
export function confirmed(text: string, action: string): Promise<boolean> {
  if (question.value !== undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    const answer = (isMeant: boolean): void => {
      question.value = undefined;
      resolve(isMeant);
    };
    question.value = { text, action, answer };
  });
}

export function Confirmation(): JSX.Element | null {
  return question.value === undefined ? null : <Dialog {...question.value} />;
}

function Dialog({ text, action, answer }: Question): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-label={action} onClose={() => answer(false)}>
      <p>{text}</p>
      <div class="row">
        <button type="button" class="button is-main" onClick={() => answer(true)}>
          {action}
        </button>
        <button type="button" class="button" onClick={() => answer(false)}>
          Cancel
        </button>
      </div>
    </dialog>
  );
}
