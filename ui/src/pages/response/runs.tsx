/** What was decided of each alert, newest first: a table of any length, filtered, that follows what comes. */

import type { ResponseRule } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { countText } from '../../format.ts';
import { addressWith, go, place } from '../../place.ts';
import { useKeys } from '../../shared/keys.ts';
import { Panel, ProblemBox } from '../../shared/parts.tsx';
import { runStates, stateWords } from '../../shared/run-words.ts';
import { type RunFilter, runFilterOf } from './run-list.ts';
import { RunRows } from './run-rows.tsx';
import type { RunChanges } from './use-run-changes.ts';
import { useRuns } from './use-runs.ts';

/** After the last key in the search field. */
const PAUSE_MS = 200;

export interface RunsPanelProps {
  readonly changed: RunChanges;
  readonly rules: readonly ResponseRule[];
}

export function RunsPanel({ changed, rules }: RunsPanelProps): JSX.Element {
  const { query } = place.value;
  const filter = runFilterOf(query);
  const key = JSON.stringify(filter);
  const [isTop, setTop] = useState(true);
  const [current, setCurrent] = useState(-1);
  const isHeld = !isTop || query.has('run');
  const list = useRuns(filter, changed, isHeld);
  const { runs, waitingCount, isOld } = list;
  useEffect(() => setCurrent(-1), [key]);
  const move = (step: number): void => setCurrent(Math.min(runs.length - 1, Math.max(0, current + step)));
  useKeys({
    '/': () => document.getElementById('run-words')?.focus(),
    j: () => move(1),
    k: () => move(-1),
    Enter: () => {
      const run = runs[current];
      if (run !== undefined) go(addressWith({ run: run.id }));
    },
  });
  return (
    <Panel
      title="Runs"
      class="response-runs"
      actions={
        <button
          type="button"
          class="button is-small"
          disabled={waitingCount === 0 && !isOld}
          onClick={() => {
            list.showWaiting();
            document.querySelector('.run-rows')?.scrollTo({ top: 0 });
          }}
        >
          {isOld
            ? 'show what is new'
            : waitingCount === 0
              ? 'up to date'
              : `show ${countText(waitingCount)} new`}
        </button>
      }
    >
      <Filters filter={filter} rules={rules} />
      {list.problem !== undefined && <ProblemBox problem={list.problem} />}
      <div class="run-rows-place">
        <RunRows
          runs={runs}
          hasMore={list.hasMore}
          current={current}
          onCurrent={setCurrent}
          onEnd={list.loadMore}
          onTop={setTop}
        />
        {runs.length === 0 && !list.isLoading && list.problem === undefined && (
          <p class="nothing run-rows-nothing">
            {key === NO_FILTER ? 'Nothing was decided yet.' : 'No run is like that.'}
          </p>
        )}
      </div>
    </Panel>
  );
}

const NO_FILTER = JSON.stringify(runFilterOf(new URLSearchParams()));

function Filters({
  filter: { states, rule, text },
  rules,
}: {
  readonly filter: RunFilter;
  readonly rules: readonly ResponseRule[];
}): JSX.Element {
  const [words, setWords] = useState(text);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setWords(text), [text]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const search = (value: string): void => {
    setWords(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => go(addressWith({ text: value }), { isReplaced: true }), PAUSE_MS);
  };
  // A rule of before still has runs.
  const names = [...new Set([...rules.map(({ name }) => name), ...(rule === '' ? [] : [rule])])];
  const [state = ''] = states;
  return (
    <search class="response-filters">
      <input
        id="run-words"
        type="search"
        aria-label="Words in rule, action, target or summary"
        aria-keyshortcuts="/"
        placeholder="Words in rule, action, target, summary   (key /)"
        autocomplete="off"
        spellcheck={false}
        maxLength={1_024}
        value={words}
        onInput={({ currentTarget }) => search(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' || event.key === 'Enter') event.currentTarget.blur();
        }}
      />
      <select
        aria-label="State"
        value={states.length > 1 ? 'several' : state}
        onChange={({ currentTarget: { value } }) => go(addressWith({ state: value }))}
      >
        <option value="">Any state</option>
        {states.length > 1 && (
          <option value="several" disabled>
            {states.map((one) => stateWords[one].text).join(', ')}
          </option>
        )}
        {runStates.map((one) => (
          <option key={one} value={one}>
            {stateWords[one].text}
          </option>
        ))}
      </select>
      <select
        aria-label="Response rule"
        value={rule}
        onChange={({ currentTarget: { value } }) => go(addressWith({ rule: value }))}
      >
        <option value="">Any rule</option>
        {names.map((name) => (
          <option key={name} value={name}>
            {name.slice(0, 80)}
          </option>
        ))}
      </select>
    </search>
  );
}
