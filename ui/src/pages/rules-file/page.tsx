/** A file of rules in an editor that knows the rule language. */

import './rules-file.css';
import type { LanguageFacts, RulesFile } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Answer, call } from '../../api.ts';
import { addressWith, go, guardPage, place } from '../../place.ts';
import { useAnswer } from '../../shared/answer.ts';
import { confirmed } from '../../shared/confirm.tsx';
import { tell, tellProblem } from '../../shared/notice.tsx';
import { ProblemBox, Waiting } from '../../shared/parts.tsx';
import { mayAct } from '../../shared/session.ts';
import { ShortText, Text } from '../../shared/text.tsx';
import { addressOfFile, addressOfVersions } from '../rules/addresses.ts';
import { type Base, ConflictDialog } from './conflict-dialog.tsx';
import { dropDraft, keepDraft, keptDraft } from './drafts.ts';
import { RulesEditor } from './editor.ts';
import { FindingsList } from './findings-list.tsx';
import { lineOfEntry, overrideText } from './override-text.ts';
import { SaveDialog } from './save-dialog.tsx';
import { TryPanel } from './try-panel.tsx';
import { useChecks } from './use-checks.ts';

type Changes = Answer<'listRulesFiles'>['changes'];

export function RulesFilePage({ id: name }: { readonly id: string }): JSX.Element {
  const { data, problem, reload } = useAnswer(`rules file ${name}`, async (signal) => {
    const [listed, facts] = await Promise.all([
      call('listRulesFiles', { signal }),
      call('languageFacts', { signal }),
    ]);
    return { ...listed, facts, of: name };
  });
  const file = data?.files.find((one) => one.name === name);
  return (
    <div class="page editor-page">
      <div class="row">
        <a class="quiet-link" href="/rules">
          Rules
        </a>
        <a class="quiet-link" href="/rules-files">
          Files
        </a>
      </div>
      {problem !== undefined && <ProblemBox problem={problem} retry={reload} />}
      {data?.of === name && file === undefined && (
        <>
          <h1>There is no such file</h1>
          <p>
            See <a href="/rules-files">all files of rules</a>.
          </p>
        </>
      )}
      {(data === undefined || data.of !== name) && problem === undefined && <Waiting lines={16} />}
      {data?.of === name && file !== undefined && (
        <Workbench key={name} file={file} files={data.files} changes={data.changes} facts={data.facts} />
      )}
    </div>
  );
}

/** Why the text cannot be saved; `undefined`: it can. */
function obstacleOf({ isEditable }: RulesFile, { isAllowed, reason }: Changes): JSX.Element | undefined {
  if (!isEditable)
    return (
      <>
        This file is not changed from here. <a href={addressOfFile('web-rules.yaml')}>web-rules.yaml</a> is
        read after all others, and can override what it says.
      </>
    );
  if (isAllowed) return undefined;
  return (
    <>
      <Text value={reason ?? 'Rules cannot be changed from here.'} />
      {mayAct('responder') && !mayAct('admin') && '. What you write here can be tried, not saved.'}
    </>
  );
}

interface WorkbenchProps {
  readonly file: RulesFile;
  readonly files: readonly RulesFile[];
  readonly changes: Changes;
  readonly facts: LanguageFacts;
}

function Workbench({ file, files, changes, facts }: WorkbenchProps): JSX.Element {
  const { name } = file;
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<RulesEditor>(undefined);
  const [base, setBase] = useState<Base>(file);
  const [text, setText] = useState(file.text);
  const [line, setLine] = useState(1);
  const [isSaving, setSaving] = useState(false);
  const [isConflict, setConflict] = useState(false);
  const { answer, isOff, check } = useChecks(editor, facts, files, name);
  const obstacle = obstacleOf(file, changes);
  const [draft, setDraft] = useState(() => keptDraft(name, file.text));
  const isDirty = text !== base.text;
  /** Who may try rules may write some; only what can be saved is asked about. */
  const isEditable = file.isEditable && mayAct('responder') && (obstacle === undefined || !mayAct('admin'));

  const save = (): void => {
    if (isSaving || isConflict) return;
    if (obstacle !== undefined) tell('it cannot be saved: see above the text', true);
    else if (!isDirty) tell('nothing was changed');
    else setSaving(true);
  };
  const latestSave = useRef(save);
  latestSave.current = save;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's') return;
      event.preventDefault();
      latestSave.current();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  useEffect(() => {
    if (isDirty) keepDraft(name, { text, base });
    else if (draft === undefined) dropDraft(name);
  }, [text, base, draft]);
  useEffect(() => {
    if (host.current === null) return undefined;
    const opened = new RulesEditor({
      parent: host.current,
      text: file.text,
      label: `Text of ${name}`,
      isEditable,
      facts,
      onChange: (changed) => {
        setText(changed);
        check(changed);
      },
      onLine: setLine,
    });
    editor.current = opened;
    return () => opened.close();
  }, []);
  const wanted = place.value.query.get('line');
  useEffect(() => {
    if (wanted !== null && /^\d{1,9}$/.test(wanted)) editor.current?.goTo(Number(wanted));
  }, [wanted]);
  const changed = place.value.query.get('change');
  useEffect(() => {
    if (changed === null || editor.current === undefined) return;
    go(addressWith({ change: undefined }), { isReplaced: true });
    const at = lineOfEntry(editor.current.text, changed);
    if (at !== undefined) editor.current.goTo(at);
    else if (isEditable)
      call('getRule', { params: { name: changed } }).then(
        (rule) => editor.current?.append(overrideText(rule)),
        tellProblem,
      );
  }, [changed]);
  useEffect(
    () =>
      isDirty
        ? guardPage(async () => {
            const isMeant = await confirmed(
              'What you wrote is not saved, and will be lost.',
              'Leave without saving',
            );
            if (isMeant) dropDraft(name);
            return isMeant;
          })
        : undefined,
    [isDirty],
  );

  const onPlace = (to: number, column: number): void => editor.current?.goTo(to, column);
  return (
    <>
      <header class="row">
        <h1>
          <ShortText value={name} limit={200} />
        </h1>
        <span class="spring" />
        <select
          aria-label="File"
          value={name}
          onChange={({ currentTarget }) => {
            const next = currentTarget.value;
            currentTarget.value = name;
            go(addressOfFile(next));
          }}
        >
          {files.map((one) => (
            <option key={one.name} value={one.name}>
              {one.name}
            </option>
          ))}
        </select>
        {file.isEditable && (
          <a class="button" href={addressOfVersions(name)}>
            Versions
          </a>
        )}
        {obstacle === undefined && (
          <button
            type="button"
            class="button is-main"
            aria-keyshortcuts="Control+S"
            disabled={!isDirty}
            onClick={save}
          >
            Save… <kbd aria-hidden="true">Ctrl S</kbd>
          </button>
        )}
      </header>
      <p class="editor-state quiet" role="status">
        {obstacle ?? (
          <>
            {base.version === 0 ? 'Never changed from here' : `Version ${base.version}`}
            {isDirty && ', with changes that are not saved'}
            {changes.isInUse === false && '. The sensor here does not go by this file: its log says why.'}
          </>
        )}
      </p>
      {draft !== undefined && isEditable && (
        <p class="draft" role="status">
          You wrote something here that was not saved.
          <button
            type="button"
            class="button is-small"
            onClick={() => {
              editor.current?.replace(draft.text);
              setBase(draft.base);
              setText(draft.text);
              check(draft.text);
              setDraft(undefined);
            }}
          >
            Take it up again
          </button>
          <button type="button" class="button is-small" onClick={() => setDraft(undefined)}>
            Drop it
          </button>
        </p>
      )}
      <div class="columns">
        <div class="column">
          <div class="editor-host" ref={host} />
          {isOff && (
            <p class="quiet">
              This browser cannot check rules while you write; the server checks when you save.
            </p>
          )}
          <FindingsList findings={isOff ? [] : answer?.findings} file={name} onPlace={onPlace} />
        </div>
        <div class="column">
          <TryPanel
            file={name}
            textOf={() => editor.current?.text ?? ''}
            rules={answer?.rules.filter((rule) => rule.file === name) ?? []}
            line={line}
          />
        </div>
      </div>
      {isSaving && (
        <SaveDialog
          file={{ name, ...base }}
          text={text}
          onSaved={({ version, isLive }) => {
            setBase({ text, version });
            setSaving(false);
            tell(
              isLive
                ? `saved as version ${version}: the sensor here has taken it`
                : `saved as version ${version}: sensors that read the file take it`,
            );
          }}
          onConflict={() => {
            setSaving(false);
            setConflict(true);
          }}
          onPlace={onPlace}
          onClose={() => setSaving(false)}
        />
      )}
      {isConflict && (
        <ConflictDialog
          name={name}
          base={base}
          onKeepMine={(theirs) => {
            setBase(theirs);
            setConflict(false);
          }}
          onTakeTheirs={(theirs) => {
            editor.current?.replace(theirs.text);
            setBase(theirs);
            setText(theirs.text);
            check(theirs.text);
            setConflict(false);
          }}
          onClose={() => setConflict(false)}
        />
      )}
    </>
  );
}
