/** The runs that a filter finds: page by page, and as they come. */

import type { Run } from '@peregrine/api/contract';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type ApiProblem, call } from '../../api.ts';
import { problemOf } from '../../shared/answer.ts';
import { freshOf, mergeRuns, type RunFilter, updateRuns } from './run-list.ts';
import type { RunChanges } from './use-run-changes.ts';

export interface RunList {
  readonly runs: readonly Run[];
  readonly problem: ApiProblem | undefined;
  readonly isLoading: boolean;
  readonly hasMore: boolean;
  /** Came since, and not shown yet. */
  readonly waitingCount: number;
  /** More came than is known, and nothing of it is shown yet. */
  readonly isOld: boolean;
  readonly loadMore: () => void;
  readonly showWaiting: () => void;
}

interface State {
  readonly runs: readonly Run[];
  readonly next: string | null;
  readonly problem: ApiProblem | undefined;
  readonly isLoading: boolean;
}

const PAGE = 100;
const nothing: State = { runs: [], next: null, problem: undefined, isLoading: true };

const queryOf = ({ states, rule, text }: RunFilter) => ({ state: [...states], rule, text, limit: PAGE });

/** `isHeld`: what comes is counted, but not shown, as long as somebody reads further down. */
export function useRuns(filter: RunFilter, { changes, epoch }: RunChanges, isHeld: boolean): RunList {
  const key = JSON.stringify(filter);
  const [state, setState] = useState<State>(nothing);
  // Who reads further down keeps the rows that are there.
  const [shownEpoch, setShownEpoch] = useState(epoch);
  const isOld = shownEpoch !== epoch;
  if (isOld && !isHeld) setShownEpoch(epoch);
  const latestKey = useRef('');
  latestKey.current = `${key} ${shownEpoch}`;

  useEffect(() => {
    const stop = new AbortController();
    setState((before) => ({ ...before, isLoading: true }));
    call('listResponseRuns', { query: queryOf(filter), signal: stop.signal }).then(
      ({ runs, next }) => setState({ runs, next, problem: undefined, isLoading: false }),
      (error: unknown) => {
        if (!stop.signal.aborted) setState({ ...nothing, problem: problemOf(error), isLoading: false });
      },
    );
    return () => stop.abort();
  }, [key, shownEpoch]);

  const merge = (): void =>
    setState((now) => {
      const runs = mergeRuns(now.runs, changes, filter, now.next !== null);
      return runs === now.runs ? now : { ...now, runs };
    });
  useEffect(() => {
    if (state.isLoading) return;
    if (!isHeld) merge();
    else
      setState((now) => {
        const runs = updateRuns(now.runs, changes);
        return runs === now.runs ? now : { ...now, runs };
      });
  }, [changes, isHeld, state.isLoading]);

  const isAsking = useRef(false);
  const loadMore = (): void => {
    if (state.next === null || isAsking.current) return;
    isAsking.current = true;
    const asked = latestKey.current;
    call('listResponseRuns', { query: { ...queryOf(filter), cursor: state.next } })
      .then(
        ({ runs, next }) => {
          if (asked !== latestKey.current) return;
          setState((now) => {
            const known = new Set(now.runs.map(({ id }) => id));
            return { ...now, runs: [...now.runs, ...runs.filter(({ id }) => !known.has(id))], next };
          });
        },
        (error: unknown) => setState((now) => ({ ...now, problem: problemOf(error) })),
      )
      .finally(() => {
        isAsking.current = false;
      });
  };

  return {
    ...state,
    hasMore: state.next !== null,
    waitingCount:
      isHeld && !state.isLoading ? freshOf(state.runs, changes, filter, state.next !== null).length : 0,
    isOld,
    loadMore,
    showWaiting: () => {
      merge();
      setShownEpoch(epoch);
    },
  };
}
