/** Before rules are saved: what the server says of them, and why they are changed. */

import type { Finding, RulesFile } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Answer, type ApiProblem, call } from '../../api.ts';
import { problemOf, useAnswer } from '../../shared/answer.ts';
import { ProblemBox, Waiting } from '../../shared/parts.tsx';
import { DiffView } from './diff-view.tsx';
import { FindingsList } from './findings-list.tsx';

export interface SaveDialogProps {
  /** With the text that it has now. */
  readonly file: Pick<RulesFile, 'name' | 'version' | 'text'>;
  readonly text: string;
  readonly onSaved: (saved: Answer<'saveRulesFile'>) => void;
  /** Somebody else was faster. */
  readonly onConflict: () => void;
  readonly onPlace: (line: number, column: number) => void;
  readonly onClose: () => void;
}

export function SaveDialog({
  file,
  text,
  onSaved,
  onConflict,
  onPlace,
  onClose,
}: SaveDialogProps): JSX.Element {
  const { name, version } = file;
  const dialog = useRef<HTMLDialogElement>(null);
  const checked = useAnswer('check before saving', (signal) =>
    call('checkRules', { body: { name, text }, signal }),
  );
  const [comment, setComment] = useState('');
  const [isCompared, setCompared] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem>();
  useEffect(() => dialog.current?.showModal(), []);
  const isUsable = checked.data?.isUsable === true;
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!isUsable || isBusy) return;
    setBusy(true);
    try {
      const body = { text, version, ...(comment === '' ? {} : { comment }) };
      onSaved(await call('saveRulesFile', { params: { name }, body }));
    } catch (error) {
      const found = problemOf(error);
      if (found.status === 409) onConflict();
      else setProblem(found);
    }
    setBusy(false);
  };
  const findings: readonly Finding[] | undefined = checked.data?.findings;
  return (
    <dialog ref={dialog} class="save-dialog" aria-labelledby="save-title" onClose={onClose}>
      <h2 id="save-title">Save these rules?</h2>
      <form class="save-form" onSubmit={(event) => void save(event)}>
        <label class="form-row">
          <span>Why (others will ask)</span>
          <input
            type="text"
            maxLength={1_024}
            value={comment}
            onInput={({ currentTarget }) => setComment(currentTarget.value)}
          />
        </label>
        <details onToggle={({ currentTarget }) => setCompared(currentTarget.open)}>
          <summary>What is changed</summary>
          {isCompared && (
            <DiffView
              before={file.text}
              after={text}
              beforeTitle={`version ${version}`}
              afterTitle="your text"
            />
          )}
        </details>
        {checked.problem !== undefined && <ProblemBox problem={checked.problem} retry={checked.reload} />}
        {findings === undefined && checked.problem === undefined && <Waiting lines={3} />}
        {findings !== undefined && (
          <FindingsList
            findings={findings}
            file={name}
            onPlace={(line, column) => {
              onClose();
              onPlace(line, column);
            }}
          />
        )}
        {checked.data?.isUsable === false && (
          <p class="bad" role="alert">
            With these errors they cannot be used. Nothing is saved.
          </p>
        )}
        {problem !== undefined && <ProblemBox problem={problem} />}
        <div class="row">
          <span class="spring" />
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button is-main" disabled={!isUsable || isBusy}>
            Save
          </button>
        </div>
      </form>
    </dialog>
  );
}
