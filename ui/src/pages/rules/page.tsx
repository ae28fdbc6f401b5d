/** All rules: what each found, how much of it was noise, and which never said anything; to be turned on and off. */

import './rules.css';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { call } from '../../api.ts';
import { periods } from '../../filter.ts';
import { countText } from '../../format.ts';
import { addressWith, go, place } from '../../place.ts';
import { useAnswer } from '../../shared/answer.ts';
import { useKeys } from '../../shared/keys.ts';
import { ProblemBox, Waiting } from '../../shared/parts.tsx';
import { mayAct } from '../../shared/session.ts';
import { ShortText, Text } from '../../shared/text.tsx';
import { addressOfRule, addressOfVersions } from './addresses.ts';
import { RuleRows } from './rows.tsx';
import {
  choiceOf,
  chosenRules,
  countsOf,
  RULES_SINCE,
  type RuleChoice,
  ruleOrders,
  ruleStates,
} from './rule-list.ts';

/** After the last key in the search field. */
const PAUSE_MS = 150;

export function RulesPage(): JSX.Element {
  const { query } = place.value;
  const since = query.get('since') ?? RULES_SINCE;
  const { data, problem, reload } = useAnswer(`rules ${since}`, (signal) =>
    call('listRules', { query: { since }, signal }),
  );
  const files = useAnswer('rules files', (signal) => call('listRulesFiles', { signal }));
  const choice = choiceOf(query);
  const key = query.toString();
  const rules = useMemo(() => chosenRules(data?.rules ?? [], choice), [data, key]);
  const [current, setCurrent] = useState(-1);
  useEffect(() => setCurrent(-1), [key]);
  const move = (step: number): void => setCurrent(Math.min(rules.length - 1, Math.max(0, current + step)));
  useKeys({
    '/': () => document.getElementById('rule-words')?.focus(),
    j: () => move(1),
    k: () => move(-1),
    Enter: () => {
      const rule = rules[current];
      if (rule !== undefined) go(addressOfRule(rule.name));
    },
  });
  const changes = files.data?.changes;
  return (
    <div class="page rules-page">
      <header class="row">
        <h1>Rules</h1>
        <span class="quiet" role="status">
          {data === undefined
            ? '\u00a0'
            : rules.length === data.rules.length
              ? countText(rules.length)
              : `${countText(rules.length)} of ${countText(data.rules.length)}`}
        </span>
        <span class="spring" />
        <a class="button is-small" href="/rules-files">
          Files
        </a>
        <a class="button is-small" href={addressOfVersions('web-rules.yaml')}>
          Versions
        </a>
      </header>
      <Filters
        choice={choice}
        since={since}
        sources={[...new Set(data?.rules.map(({ source }) => source) ?? [])].sort()}
        tags={countsOf(data?.rules.flatMap(({ tags }) => tags) ?? [])}
      />
      <p class="rules-why quiet">
        {changes?.isAllowed === false && mayAct('admin') ? (
          <>
            Rules cannot be changed from here: <Text value={changes.reason ?? ''} />
          </>
        ) : (
          '\u00a0'
        )}
      </p>
      {problem !== undefined && <ProblemBox problem={problem} retry={reload} />}
      {data === undefined && problem === undefined && <Waiting lines={14} />}
      {data !== undefined && (
        <>
          <RuleRows
            rules={rules}
            order={choice.order}
            since={since}
            current={current}
            mayChange={mayAct('admin') && changes?.isAllowed === true}
            onCurrent={setCurrent}
            onChanged={reload}
          />
          {rules.length === 0 && (
            <p class="nothing">
              No rule is like that. <a href="/rules">Show all rules</a>
            </p>
          )}
        </>
      )}
    </div>
  );
}

interface FiltersProps {
  readonly choice: RuleChoice;
  readonly since: string;
  readonly sources: readonly string[];
  readonly tags: readonly { readonly name: string; readonly count: number }[];
}

function Filters({ choice, since, sources, tags }: FiltersProps): JSX.Element {
  const [words, setWords] = useState(choice.words);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setWords(choice.words), [choice.words]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const search = (text: string): void => {
    setWords(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => go(addressWith({ text }), { isReplaced: true }), PAUSE_MS);
  };
  return (
    <search class="rule-filters">
      <input
        id="rule-words"
        type="search"
        aria-label="Words in the rule"
        aria-keyshortcuts="/"
        placeholder="Words in name, description, condition, tags   (key /)"
        autocomplete="off"
        spellcheck={false}
        value={words}
        onInput={({ currentTarget }) => search(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' || event.key === 'Enter') event.currentTarget.blur();
        }}
      />
      <div class="row">
        <div class="segments" role="group" aria-label="Which">
          {ruleStates.map(({ state, title }) => (
            <button
              key={state}
              type="button"
              class="segment"
              aria-pressed={state === choice.state}
              onClick={() => go(addressWith({ state: state === 'all' ? undefined : state }))}
            >
              {title}
            </button>
          ))}
        </div>
        <Choice
          title="Source"
          value={choice.source}
          options={[
            { value: '', title: 'All sources' },
            ...sources.map((value) => ({ value, title: value })),
          ]}
          onChange={(source) => go(addressWith({ source }))}
        />
        <Choice
          title="Tag"
          value=""
          options={[
            { value: '', title: 'Tag…' },
            ...tags.map(({ name, count }) => ({ value: name, title: `${name} (${count})` })),
          ]}
          onChange={(tag) => go(addressWith({ tag: [...new Set([...choice.tags, tag])] }))}
        />
        <Choice
          title="Order"
          class="rule-order"
          value={choice.order}
          options={ruleOrders.map(({ order, title }) => ({
            value: order,
            title: `By ${title.toLowerCase()}`,
          }))}
          onChange={(order) => go(addressWith({ order }))}
        />
        <Choice
          title="Period"
          value={since}
          options={periods.map((period) => ({ value: period.since, title: period.title }))}
          onChange={(value) => go(addressWith({ since: value }))}
        />
        {choice.tags.map((tag) => (
          <button
            key={tag}
            type="button"
            class="chip"
            aria-label={`Remove the tag ${tag}`}
            onClick={() => go(addressWith({ tag: choice.tags.filter((other) => other !== tag) }))}
          >
            <ShortText value={tag} limit={60} /> <span aria-hidden="true">×</span>
          </button>
        ))}
      </div>
    </search>
  );
}

interface ChoiceProps {
  readonly title: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly title: string }[];
  readonly onChange: (value: string) => void;
  readonly class?: string;
}

function Choice({ title, value, options, onChange, class: more = '' }: ChoiceProps): JSX.Element {
  return (
    <select
      class={more}
      aria-label={title}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.title.slice(0, 80)}
        </option>
      ))}
    </select>
  );
}
