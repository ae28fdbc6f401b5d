/** Somebody else saved the file meanwhile: what they changed, and what to do with one's own text. */

import type { RulesFile } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { call } from '../../api.ts';
import { useAnswer } from '../../shared/answer.ts';
import { Age, ProblemBox, Waiting } from '../../shared/parts.tsx';
import { ShortText, Text } from '../../shared/text.tsx';
import { DiffView } from './diff-view.tsx';

export type Base = Pick<RulesFile, 'text' | 'version'>;

export interface ConflictDialogProps {
  readonly name: string;
  /** What one's own text was made from. */
  readonly base: Base;
  readonly onKeepMine: (theirs: Base) => void;
  readonly onTakeTheirs: (theirs: Base) => void;
  readonly onClose: () => void;
}

export function ConflictDialog({
  name,
  base,
  onKeepMine,
  onTakeTheirs,
  onClose,
}: ConflictDialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const { data, problem, reload } = useAnswer('conflict', async (signal) => {
    const { files } = await call('listRulesFiles', { signal });
    const { versions } = await call('listRulesVersions', { params: { name }, signal });
    return { theirs: files.find((file) => file.name === name), latest: versions[0] };
  });
  const theirs = data?.theirs;
  return (
    <dialog ref={dialog} class="conflict-dialog" aria-labelledby="conflict-title" onClose={onClose}>
      <h2 id="conflict-title">The file was changed meanwhile</h2>
      {problem !== undefined && <ProblemBox problem={problem} retry={reload} />}
      {data === undefined && problem === undefined && <Waiting lines={6} />}
      {data?.latest !== undefined && (
        <p>
          Version {data.latest.version} is by{' '}
          {data.latest.user === '' ? 'somebody' : <ShortText value={data.latest.user} limit={60} />},{' '}
          <Age time={data.latest.time} />
          {data.latest.comment !== '' && ': '}
          <Text value={data.latest.comment} limit={200} />
        </p>
      )}
      {theirs !== undefined && (
        <>
          <DiffView
            before={base.text}
            after={theirs.text}
            beforeTitle={`version ${base.version}`}
            afterTitle={`version ${theirs.version}`}
          />
          <p class="quiet">
            Your text is still in the editor. To keep both, close this, put their change into your text, and
            save it on top of theirs.
          </p>
          <div class="row">
            <span class="spring" />
            <button type="button" class="button" onClick={() => onTakeTheirs(theirs)}>
              Take theirs, drop mine
            </button>
            <button type="button" class="button is-main" onClick={() => onKeepMine(theirs)}>
              Go on with mine, on top of theirs
            </button>
          </div>
        </>
      )}
    </dialog>
  );
}
