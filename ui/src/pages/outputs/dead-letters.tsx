/** Dead letters: alerts that an output refused for good, to be sent again or thrown away. */

import type { DeadLetter } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call } from '../../api.ts';
import { countText } from '../../format.ts';
import { addressWith, go, place } from '../../place.ts';
import { problemOf, useAnswer } from '../../shared/answer.ts';
import { confirmed } from '../../shared/confirm.tsx';
import { tell, tellProblem } from '../../shared/notice.tsx';
import { Age, CopyButton, Panel, ProblemBox, Waiting } from '../../shared/parts.tsx';
import { mayAct } from '../../shared/session.ts';
import { ShortText, Text } from '../../shared/text.tsx';

const PAGE = 50;

export interface DeadLettersProps {
  /** Of all outputs. */
  readonly total: number;
  readonly outputs: readonly { readonly id: string; readonly title: string }[];
  readonly onChanged: () => void;
}

export function DeadLetters({ total, outputs, onChanged }: DeadLettersProps): JSX.Element {
  if (!mayAct('responder'))
    return (
      <Panel title="Dead letters">
        <p class="quiet">
          {total === 0 ? 'There are none.' : `${countText(total)}: responders can see them.`}
        </p>
      </Panel>
    );
  return <Letters total={total} outputs={outputs} onChanged={onChanged} />;
}

function Letters({ total, outputs, onChanged }: DeadLettersProps): JSX.Element {
  const output = place.value.query.get('output') ?? '';
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [older, setOlder] = useState<readonly DeadLetter[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const query = { limit: PAGE, ...(output === '' ? {} : { output }) };
  const first = useAnswer(`letters ${output} ${total}`, (signal) =>
    call('listDeadLetters', { query, signal }),
  );
  useEffect(() => {
    setOlder([]);
    setNext(first.data?.next ?? null);
  }, [first.data]);
  useEffect(() => setPicked(new Set()), [output]);
  const letters = [...(first.data?.letters ?? []), ...older];
  const title = outputs.find(({ id }) => id === output)?.title ?? output;

  const showOlder = async (): Promise<void> => {
    if (next === null) return;
    try {
      const page = await call('listDeadLetters', { query: { ...query, cursor: next } });
      setOlder([...older, ...page.letters]);
      setNext(page.next);
    } catch (error) {
      tellProblem(problemOf(error));
    }
  };
  const act = async (work: () => Promise<{ readonly count: number }>, done: string): Promise<void> => {
    try {
      tell(`${countText((await work()).count)} ${done}`);
      setPicked(new Set());
      first.reload();
      onChanged();
    } catch (error) {
      tellProblem(error);
    }
  };
  const replay = (body: { ids: string[] } | { output: string }): void =>
    void act(() => call('replayDeadLetters', { body }), 'will be sent again');
  const remove = async (): Promise<void> => {
    const ids = [...picked];
    const text = `Throw ${countText(ids.length)} dead letters away? The output will never get these alerts.`;
    if (await confirmed(text, 'Throw away'))
      await act(() => call('removeDeadLetters', { body: { ids } }), 'thrown away');
  };

  return (
    <Panel title="Dead letters" actions={<span class="quiet count">{countText(total)}</span>}>
      <div class="bulk" role="toolbar" aria-label="What to do with dead letters">
        <label>
          <span class="unseen">Output</span>
          <select
            value={output}
            onChange={({ currentTarget: { value } }) =>
              go(addressWith({ output: value }), { isReplaced: true })
            }
          >
            <option value="">All outputs</option>
            {outputs.map(({ id, title: name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          class="button is-small"
          disabled={letters.length === 0}
          onClick={() => setPicked(picked.size > 0 ? new Set() : new Set(letters.map(({ id }) => id)))}
        >
          {picked.size > 0 ? 'Choose none' : 'Choose all that are shown'}
        </button>
        <button
          type="button"
          class="button is-small is-main"
          disabled={picked.size === 0}
          onClick={() => replay({ ids: [...picked] })}
        >
          Send {picked.size === 0 ? 'chosen' : countText(picked.size)} again
        </button>
        {output !== '' && letters.length > 0 && (
          <button type="button" class="button is-small" onClick={() => replay({ output })}>
            Send all of {title} again
          </button>
        )}
        {mayAct('admin') && (
          <button
            type="button"
            class="button is-small"
            disabled={picked.size === 0}
            onClick={() => void remove()}
          >
            Throw away
          </button>
        )}
      </div>
      {first.problem !== undefined && <ProblemBox problem={first.problem} retry={first.reload} />}
      {first.data === undefined && first.problem === undefined && <Waiting lines={3} />}
      {first.data !== undefined && letters.length === 0 && (
        <p class="nothing">There are none: whatever could be delivered has been.</p>
      )}
      <ul class="letters" aria-label="Dead letters">
        {letters.map((letter) => (
          <Letter
            key={`${letter.output} ${letter.id}`}
            letter={letter}
            isPicked={picked.has(letter.id)}
            onPick={() => {
              const now = new Set(picked);
              if (!now.delete(letter.id)) now.add(letter.id);
              setPicked(now);
            }}
          />
        ))}
      </ul>
      {next !== null && (
        <button type="button" class="button" onClick={() => void showOlder()}>
          Show older ones
        </button>
      )}
    </Panel>
  );
}

function Letter({
  letter,
  isPicked,
  onPick,
}: {
  readonly letter: DeadLetter;
  readonly isPicked: boolean;
  readonly onPick: () => void;
}): JSX.Element {
  const { output, time, attempts, reason, rule, alertJson } = letter;
  return (
    <li class="letter">
      <input
        type="checkbox"
        aria-label={`Choose ${rule.slice(0, 100)} for ${output}`}
        checked={isPicked}
        onChange={onPick}
      />
      <div>
        <p>
          <strong>
            <ShortText value={rule === '' ? 'unreadable' : rule} limit={120} />
          </strong>{' '}
          <span class="quiet">
            for {output}, {time === '' ? 'no time' : <Age time={time} />},{' '}
            {attempts === 1 ? 'one try' : `${countText(attempts)} tries`}
          </span>
        </p>
        <p class="bad">
          <Text value={reason} limit={300} />
        </p>
        <details>
          <summary>The alert</summary>
          <pre class="code" tabIndex={0}>
            <Text value={alertJson} limit={4_000} />
          </pre>
          <CopyButton text={alertJson} what="the alert" />
        </details>
      </div>
    </li>
  );
}
