/** The alerts that a filter finds: page by page, and as they come. */

import type { Alert, FilterQuery } from '@peregrine/api/contract';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type ApiProblem, call, pathOf } from '../../api.ts';
import { problemOf } from '../../shared/answer.ts';
import { MOST_ROWS, mergeNew } from './merge-alerts.ts';

export interface AlertList {
  readonly alerts: readonly Alert[];
  readonly problem: ApiProblem | undefined;
  readonly isLoading: boolean;
  readonly hasMore: boolean;
  /** Came since, and not shown yet. */
  readonly waitingCount: number;
  /** Left out by the server for a reader that is too slow. */
  readonly missedCount: number;
  readonly loadMore: () => void;
  readonly showWaiting: () => void;
  readonly reload: () => void;
}

const PAGE = 100;
/** New alerts are shown together, so that hundreds in a second cost no more than a few. */
const SHOW_MS = 250;

interface State {
  readonly alerts: readonly Alert[];
  readonly next: string | null;
  readonly problem: ApiProblem | undefined;
  readonly isLoading: boolean;
  readonly waitingCount: number;
  readonly missedCount: number;
}

const nothing: State = {
  ...{ alerts: [], next: null, problem: undefined, isLoading: true, waitingCount: 0, missedCount: 0 },
};

/** `isHeld`: what comes is counted, but not shown, as long as somebody reads further down. */
export function useAlerts(filter: FilterQuery, isLive: boolean, isHeld: boolean): AlertList {
  const key = JSON.stringify(filter);
  const [state, setState] = useState<State>(nothing);
  const [round, setRound] = useState(0);
  const waiting = useRef<Alert[]>([]);
  const held = useRef(isHeld);
  held.current = isHeld;

  const showWaiting = (): void => {
    const fresh = waiting.current.splice(0);
    if (fresh.length > 0)
      setState((now) => ({ ...now, alerts: mergeNew(now.alerts, fresh), waitingCount: 0 }));
  };

  useEffect(() => {
    const stop = new AbortController();
    waiting.current = [];
    setState((before) => ({ ...nothing, alerts: before.alerts }));
    call('listAlerts', { query: { ...filter, limit: PAGE }, signal: stop.signal }).then(
      ({ alerts, next }) => setState({ ...nothing, alerts, next, isLoading: false }),
      (error: unknown) => {
        if (!stop.signal.aborted) setState({ ...nothing, problem: problemOf(error), isLoading: false });
      },
    );
    return () => stop.abort();
  }, [key, round]);

  useEffect(() => {
    // A period that has ended gets no more.
    if (!isLive || filter.to !== undefined || state.isLoading || state.problem !== undefined) return;
    const stream = new EventSource(pathOf('streamAlerts', {}, filter));
    stream.addEventListener('alert', ({ data }: MessageEvent<string>) => {
      waiting.current.push(JSON.parse(data) as Alert); // The server sends it as the contract says.
      if (waiting.current.length > MOST_ROWS) waiting.current.splice(0, waiting.current.length - MOST_ROWS);
    });
    stream.addEventListener('behind', ({ data }: MessageEvent<string>) => {
      const { missed } = JSON.parse(data) as { readonly missed: number }; // The same.
      setState((now) => ({ ...now, missedCount: now.missedCount + missed }));
    });
    const timer = setInterval(() => {
      if (!held.current) showWaiting();
      else
        setState((now) =>
          now.waitingCount === waiting.current.length
            ? now
            : { ...now, waitingCount: waiting.current.length },
        );
    }, SHOW_MS);
    return () => {
      stream.close();
      clearInterval(timer);
    };
  }, [key, round, isLive, state.isLoading, state.problem !== undefined]);

  const isAsking = useRef(false);
  const loadMore = (): void => {
    if (state.next === null || isAsking.current || state.alerts.length >= MOST_ROWS) return;
    isAsking.current = true;
    const asked = key;
    call('listAlerts', { query: { ...filter, limit: PAGE, cursor: state.next } })
      .then(
        ({ alerts, next }) => {
          if (asked !== latestKey.current) return;
          setState((now) => ({ ...now, alerts: mergeNew(now.alerts, alerts), next }));
        },
        (error: unknown) => setState((now) => ({ ...now, problem: problemOf(error) })),
      )
      .finally(() => {
        isAsking.current = false;
      });
  };
  const latestKey = useRef(key);
  latestKey.current = key;

  return {
    ...state,
    hasMore: state.next !== null,
    loadMore,
    showWaiting,
    reload: () => setRound((before) => before + 1),
  };
}
