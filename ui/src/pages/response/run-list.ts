/** Lists of runs: which are wanted, and how changes get into a list that is shown. */

import type { Run } from '@peregrine/api/contract';
import { type RunState, runStates } from '../../shared/run-words.ts';

export interface RunFilter {
  /** Empty: any. */
  readonly states: readonly RunState[];
  readonly rule: string;
  readonly text: string;
}

export type Changes = ReadonlyMap<string, Run>;

/** What the address says; words that are no states are passed over. */
export function runFilterOf(query: URLSearchParams): RunFilter {
  const wanted = new Set(query.getAll('state'));
  return {
    states: runStates.filter((state) => wanted.has(state)),
    rule: query.get('rule') ?? '',
    text: query.get('text') ?? '',
  };
}

/** As the server does it. */
export function isWanted(run: Run, { states, rule, text }: RunFilter): boolean {
  const words = text.toLowerCase();
  return (
    (states.length === 0 || states.includes(run.state)) &&
    (rule === '' || run.rule === rule) &&
    (words === '' ||
      [run.rule, run.action, run.target, run.summary].some((part) => part.toLowerCase().includes(words)))
  );
}

/** The same runs as they are now. The same list when none of them changed. */
export function updateRuns(runs: readonly Run[], changes: Changes): readonly Run[] {
  if (!runs.some((run) => isOther(run, changes.get(run.id)))) return runs;
  return runs.map((run) => changes.get(run.id) ?? run);
}

const isOther = (run: Run, changed: Run | undefined): boolean => changed !== undefined && changed !== run;

/** With those that came since in their places, and without those that are no longer wanted. */
export function mergeRuns(
  runs: readonly Run[],
  changes: Changes,
  filter: RunFilter,
  hasMore: boolean,
): readonly Run[] {
  const fresh = freshOf(runs, changes, filter, hasMore);
  const updated = updateRuns(runs, changes);
  const kept = updated === runs ? runs : updated.filter((run) => isWanted(run, filter));
  if (fresh.length === 0) return kept;
  const merged: Run[] = [];
  let next = 0;
  for (const run of fresh) {
    for (let known = kept[next]; known !== undefined && isNewer(known, run); known = kept[++next])
      merged.push(known);
    merged.push(run);
  }
  return [...merged, ...kept.slice(next)];
}

/** `hasMore`: those that are older than the list have their place where it has not got to yet. */
export function freshOf(
  runs: readonly Run[],
  changes: Changes,
  filter: RunFilter,
  hasMore: boolean,
): readonly Run[] {
  const known = new Set(runs.map(({ id }) => id));
  const last = hasMore ? runs.at(-1) : undefined;
  return (
    [...changes.values()]
      .filter((run) => !known.has(run.id) && isWanted(run, filter))
      .filter((run) => last === undefined || !isNewer(last, run))
      // Of those that were decided at once, the last comes first.
      .reverse()
      .sort((a, b) => Date.parse(b.decidedTime) - Date.parse(a.decidedTime))
  );
}

const isNewer = (run: Run, than: Run): boolean => Date.parse(run.decidedTime) > Date.parse(than.decidedTime);

/** Those that somebody has to decide about, the one that expires first in front. */
export function waitingOf(runs: readonly Run[], changes: Changes): readonly Run[] {
  const all = new Map([...runs.map((run) => [run.id, run] as const), ...changes]);
  return [...all.values()]
    .filter(({ state }) => state === 'waiting')
    .sort((a, b) => expiryMs(a) - expiryMs(b));
}

const expiryMs = ({ approval }: Run): number => Date.parse(approval?.expiresTime ?? '') || 0;
