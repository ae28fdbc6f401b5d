/** What people make of alerts and incidents: state, who looks after it, notes. */

import type { Incident, Note } from '@peregrine/api/contract';
import type { JSX, Ref } from 'preact';
import { useState } from 'preact/hooks';
import { type Body, call } from '../api.ts';
import { countText } from '../format.ts';
import { tell, tellProblem } from './notice.tsx';
import { Age } from './parts.tsx';
import { mayAct, session } from './session.ts';
import { Text } from './text.tsx';

export const states: readonly {
  readonly state: Incident['state'];
  readonly title: string;
  readonly key: string;
}[] = [
  { state: 'new', title: 'New', key: 'n' },
  { state: 'investigating', title: 'Investigating', key: 'i' },
  { state: 'expected', title: 'Expected', key: 'e' },
  { state: 'closed', title: 'Closed', key: 'c' },
];

/** Tells how it went; `false`: it did not. */
export async function triage(body: Body<'triage'>): Promise<boolean> {
  try {
    const { changed } = await call('triage', { body });
    const what = changed === 1 ? '1 changed' : `${countText(changed)} changed`;
    tell(body.state === undefined ? what : `${what} to ${body.state}`);
    return true;
  } catch (error) {
    tellProblem(error);
    return false;
  }
}

export interface TriageBarProps {
  /** `undefined`: of several at once. */
  readonly state: Incident['state'] | undefined;
  readonly assignee: string | null | undefined;
  readonly onChange: (change: { state?: Incident['state']; assignee?: string | null }) => void;
}

export function TriageBar({ state, assignee, onChange }: TriageBarProps): JSX.Element {
  const isAllowed = mayAct('responder');
  const me = session.value?.user?.name ?? '';
  return (
    <fieldset class="triage" disabled={!isAllowed}>
      <legend class="unseen">Triage</legend>
      <div class="segments">
        {states.map(({ state: each, title, key }) => (
          <button
            type="button"
            key={each}
            class={`segment state-${each}`}
            aria-pressed={state === undefined ? undefined : state === each}
            aria-keyshortcuts={key}
            title={`${title} (key ${key})`}
            onClick={() => onChange({ state: each })}
          >
            {title} <kbd aria-hidden="true">{key}</kbd>
          </button>
        ))}
      </div>
      {assignee === me ? (
        <button type="button" class="button is-small" onClick={() => onChange({ assignee: null })}>
          Give back
        </button>
      ) : (
        <button
          type="button"
          class="button is-small"
          aria-keyshortcuts="a"
          onClick={() => onChange({ assignee: me })}
        >
          Take it <kbd aria-hidden="true">a</kbd>
        </button>
      )}
      {assignee !== undefined && (
        <span class="quiet">
          {assignee === null ? (
            'nobody looks after it'
          ) : (
            <>with {assignee === me ? 'you' : <Text value={assignee} limit={40} />}</>
          )}
        </span>
      )}
    </fieldset>
  );
}

export interface NotesProps {
  readonly notes: readonly Note[];
  /** Resolves once it is kept. */
  readonly onAdd: (text: string) => Promise<void>;
  readonly inputRef?: Ref<HTMLTextAreaElement>;
}

export function Notes({ notes, onAdd, inputRef }: NotesProps): JSX.Element {
  const [text, setText] = useState('');
  const [isBusy, setBusy] = useState(false);
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (text.trim() === '' || isBusy) return;
    setBusy(true);
    try {
      await onAdd(text);
      setText('');
    } catch (error) {
      tellProblem(error);
    }
    setBusy(false);
  };
  return (
    <>
      <ul class="notes">
        {notes.map((note) => (
          <li key={note.id}>
            <p class="quiet">
              <Text value={note.user} limit={40} /> · <Age time={note.time} />
            </p>
            <p class="note-text">
              <Text value={note.text} limit={1_000} />
            </p>
          </li>
        ))}
        {notes.length === 0 && <li class="quiet">No notes yet.</li>}
      </ul>
      {mayAct('responder') && (
        <form class="note-form" onSubmit={(event) => void add(event)}>
          <textarea
            {...(inputRef === undefined ? {} : { ref: inputRef })}
            aria-label="New note"
            aria-keyshortcuts="m"
            placeholder="What did you find? (key m)"
            rows={2}
            maxLength={10_000}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void add(event);
              if (event.key === 'Escape') event.currentTarget.blur();
            }}
          />
          <button type="submit" class="button" disabled={isBusy || text.trim() === ''}>
            Add note
          </button>
        </form>
      )}
    </>
  );
}
