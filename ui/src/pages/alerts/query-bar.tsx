/** Where one writes what to look for: words, or a condition of the rule language, with what can stand there. */

import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type Answer, call } from '../../api.ts';
import { filterOfPlace, periods } from '../../filter.ts';
import { addressWith, go, place } from '../../place.ts';
import { ShortText } from '../../shared/text.tsx';
import { type Completion, completionAt, isCondition, quotedValue } from './completion.ts';

interface Option {
  readonly text: string;
  readonly doc: string;
}

const MOST_OPTIONS = 8;
/** After the last key. */
const PAUSE_MS = 150;
const own: readonly Option[] = [
  { text: 'rule', doc: 'name of the rule' },
  { text: 'priority', doc: 'Emergency to Debug' },
  { text: 'source', doc: 'syscall, k8s_audit...' },
  { text: 'hostname', doc: 'machine' },
  { text: 'tags', doc: 'tags of the rule' },
  { text: 'output', doc: 'text of the alert' },
  { text: 'state', doc: 'new, investigating, expected, closed' },
  { text: 'assignee', doc: 'who looks after it' },
];

export function QueryBar(): JSX.Element {
  const { query } = place.value;
  const shown = query.get('q') ?? query.get('text') ?? '';
  const [text, setText] = useState(shown);
  const [caret, setCaret] = useState(0);
  const [options, setOptions] = useState<readonly Option[]>([]);
  const [at, setAt] = useState(-1);
  const [problem, setProblem] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  /** Where the caret goes once the text with what was chosen is shown. */
  const nextCaret = useRef<number | undefined>(undefined);
  const facts = useRef<Answer<'listFields'> | undefined>(undefined);
  useEffect(() => {
    setText(shown);
    setProblem(undefined);
  }, [shown]);

  const complete = (next: string, to: number): void => {
    setText(next);
    setCaret(to);
    setAt(-1);
  };
  useEffect(() => {
    if (document.activeElement !== input.current || text === shown) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      const ask = async (): Promise<void> => {
        facts.current ??= await call('listFields', { signal: stop.signal });
        const completion = completionAt(text, caret);
        const found = await optionsFor(completion, facts.current, stop.signal);
        const q = text.trim();
        const checked = isCondition(q)
          ? await call('checkQuery', { body: { q }, signal: stop.signal })
          : null;
        if (stop.signal.aborted) return;
        setOptions(found);
        setProblem(checked?.problem ?? undefined);
      };
      // Completion is of help only while the server answers; searching tells what is wrong.
      ask().catch(() => setOptions([]));
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text, caret]);

  const take = ({ text: chosen }: Option): void => {
    const { from } = completionAt(text, caret);
    const next = `${text.slice(0, from)}${chosen} `;
    complete(next + text.slice(caret), next.length);
    setOptions([]);
    input.current?.focus();
    nextCaret.current = next.length;
  };
  // At once: somebody who types on must not find the caret moved.
  useLayoutEffect(() => {
    if (nextCaret.current !== undefined)
      input.current?.setSelectionRange(nextCaret.current, nextCaret.current);
    nextCaret.current = undefined;
  });
  const search = (asWords = false): void => {
    setOptions([]);
    const wanted = text.trim();
    const isQ = !asWords && isCondition(wanted);
    go(addressWith({ q: isQ ? wanted : undefined, text: isQ ? undefined : wanted }));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const move = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (move !== 0 && options.length > 0) {
      event.preventDefault();
      setAt((at + move + options.length + (at < 0 && move < 0 ? 1 : 0)) % options.length);
    } else if (event.key === 'Escape') {
      if (options.length > 0) setOptions([]);
      else input.current?.blur();
    } else if ((event.key === 'Enter' || event.key === 'Tab') && options[at] !== undefined) {
      event.preventDefault();
      take(options[at]);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      search();
    }
  };

  return (
    <search class="query-bar">
      <div class="query-box">
        <input
          ref={input}
          id="query"
          type="text"
          role="combobox"
          aria-label="Words, or a condition such as proc.name = bash"
          aria-expanded={options.length > 0}
          aria-controls="query-options"
          aria-autocomplete="list"
          aria-activedescendant={at >= 0 ? `query-option-${at}` : undefined}
          aria-invalid={problem !== undefined}
          aria-describedby="query-problem"
          aria-keyshortcuts="/"
          placeholder="Words, or a condition: proc.name = bash and priority = Critical   (key /)"
          autocomplete="off"
          spellcheck={false}
          maxLength={8_192}
          value={text}
          onInput={({ currentTarget }) =>
            complete(currentTarget.value, currentTarget.selectionStart ?? currentTarget.value.length)
          }
          onKeyDown={onKeyDown}
          onBlur={() => setOptions([])}
        />
        <ul
          id="query-options"
          class="query-options"
          role="listbox"
          aria-label="What can stand here"
          hidden={options.length === 0}
        >
          {options.map((option, i) => (
            <li
              key={option.text}
              id={`query-option-${i}`}
              role="option"
              tabIndex={-1}
              aria-selected={i === at}
              onMouseDown={(event) => {
                event.preventDefault();
                take(option);
              }}
            >
              <ShortText value={option.text} limit={80} />
              <span class="quiet">
                <ShortText value={option.doc} limit={80} />
              </span>
            </li>
          ))}
        </ul>
      </div>
      <label>
        <span class="unseen">Period</span>
        <select
          value={query.has('from') ? '' : filterOfPlace().since}
          onChange={({ currentTarget: { value } }) =>
            go(addressWith({ since: value, from: undefined, to: undefined }))
          }
        >
          {query.has('from') && <option value="">a period of the chart</option>}
          {periods.map(({ since, title }) => (
            <option key={since} value={since}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <button type="button" class="button is-main" onClick={() => search()}>
        Search
      </button>
      <p id="query-problem" class="query-problem bad" role="status">
        {problem !== undefined && (
          <>
            {problem}{' '}
            <button type="button" class="link-button" onClick={() => search(true)}>
              look for these words instead
            </button>
          </>
        )}
      </p>
    </search>
  );
}

async function optionsFor(
  { wants, word, field }: Completion,
  facts: Answer<'listFields'>,
  signal: AbortSignal,
): Promise<readonly Option[]> {
  const begun = word.replace(/^["']/, '').toLowerCase();
  const fitting = (options: readonly Option[]): readonly Option[] =>
    options
      .filter(({ text }) => text.toLowerCase().includes(begun) && text !== word)
      .sort(
        (a, b) =>
          Number(b.text.toLowerCase().startsWith(begun)) - Number(a.text.toLowerCase().startsWith(begun)),
      )
      .slice(0, MOST_OPTIONS);
  switch (wants) {
    case 'field':
      return word === ''
        ? []
        : fitting([...own, ...facts.fields.map(({ name, doc }) => ({ text: name, doc }))]);
    case 'operator':
      return fitting(facts.operators.map(({ symbol, doc }) => ({ text: symbol, doc })));
    case 'connective':
      return fitting([
        { text: 'and', doc: 'both' },
        { text: 'or', doc: 'one of them' },
      ]);
    case 'value': {
      const by = { by: field, limit: 100, since: filterOfPlace().since ?? '30d' };
      const { values } = await call('groupAlerts', { query: by, signal });
      const found = values.filter(({ value }) => value !== '' && value.toLowerCase().includes(begun));
      return found
        .slice(0, MOST_OPTIONS)
        .map(({ value, count }) => ({ text: quotedValue(value), doc: `${count} alerts` }));
    }
  }
}
