/** Uses the exception, for who may, after asking; then tells what became of it. */

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { type Answer, call } from '../../api.ts';
import { countText } from '../../format.ts';
import { useAnswer } from '../../shared/answer.ts';
import { tellProblem } from '../../shared/notice.tsx';
import { Panel } from '../../shared/parts.tsx';
import { mayAct } from '../../shared/session.ts';
import { ShortText, Text } from '../../shared/text.tsx';
import { addressOfVersions } from '../rules/addresses.ts';
import type { Draft } from './draft.ts';
import type { Preview } from './use-preview.ts';

export interface ApplyProps {
  readonly rule: string;
  readonly draft: Draft;
  readonly preview: Preview;
  readonly canApply: boolean;
}

export function Apply({ rule, draft, preview, canApply }: ApplyProps): JSX.Element {
  const changes = useAnswer('rules changes', (signal) => call('listRulesFiles', { signal }));
  const [comment, setComment] = useState('');
  const [isTriaged, setTriaged] = useState(true);
  const [isBusy, setBusy] = useState(false);
  const [done, setDone] = useState<Answer<'applyException'>>();
  const dialog = useRef<HTMLDialogElement>(null);
  const rules = changes.data?.changes;
  const changed = changes.data?.files.find(({ isEditable }) => isEditable);
  const versions = changed === undefined ? '/rules-files' : addressOfVersions(changed.name);
  const apply = async (): Promise<void> => {
    setBusy(true);
    try {
      const answer = await call('applyException', {
        body: { rule, exception: draft, triage: isTriaged, ...(comment === '' ? {} : { comment }) },
      });
      dialog.current?.close();
      setDone(answer);
    } catch (error) {
      tellProblem(error);
    }
    setBusy(false);
  };
  if (done !== undefined)
    return (
      <Panel title="Done">
        <p role="status">
          {done.isLive
            ? 'The sensor here has taken it: such alerts are no longer made.'
            : rules?.isLive === true
              ? 'The file is changed, but the sensor here does not go by it: its log says why.'
              : 'The file is changed: sensors that read it take it by themselves.'}{' '}
          {done.triaged > 0 && `${countText(done.triaged)} incidents are marked as expected.`}
        </p>
        <p>
          It is version {done.version} of <ShortText value={rules?.file ?? 'the rules'} />. To take it back,
          go to <a href={versions}>earlier versions of the rules</a>.
        </p>
      </Panel>
    );
  return (
    <Panel title="Use it">
      {!mayAct('admin') && (
        <p class="quiet">Administrators can use it from here. Others can copy the rules and hand them on.</p>
      )}
      {rules?.isAllowed === false && (
        <p class="quiet">
          Rules cannot be changed from here: <Text value={rules.reason ?? 'it is turned off'} />
        </p>
      )}
      {mayAct('admin') && rules?.isAllowed === true && (
        <button
          type="button"
          class="button is-main"
          disabled={!canApply || preview.findings.some(({ severity }) => severity === 'error')}
          onClick={() => dialog.current?.showModal()}
        >
          Use this exception…
        </button>
      )}
      <dialog ref={dialog} aria-labelledby="apply-title">
        <h2 id="apply-title">Use this exception?</h2>
        <p>
          From now on <ShortText value={rule} /> says nothing where it holds. In the last 30 days that would
          have been {countText(preview.hiddenCount)} of {countText(preview.total)} alerts.
        </p>
        <label class="form-row">
          <span>Why (others will ask)</span>
          <input
            type="text"
            maxLength={1_024}
            value={comment}
            onInput={(event) => setComment(event.currentTarget.value)}
          />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={isTriaged}
            onChange={(event) => setTriaged(event.currentTarget.checked)}
          />
          Also mark the incidents that it hides as expected
        </label>
        <div class="row">
          <span class="spring" />
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="button" class="button is-main" disabled={isBusy} onClick={() => void apply()}>
            Use it
          </button>
        </div>
      </dialog>
    </Panel>
  );
}
