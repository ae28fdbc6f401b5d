/** An answer of the API as the state of a component. */

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiProblem } from '../api.ts';

export interface AnswerState<T> {
  /** Of the request before while another is under way. */
  readonly data: T | undefined;
  readonly problem: ApiProblem | undefined;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

export function problemOf(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem(0, { error: error instanceof Error ? error.message : String(error), code: 'failed' });
}

/** Asks whenever the key changes; what was under way for another key is given up. */
export function useAnswer<T>(key: string, ask: (signal: AbortSignal) => Promise<T>): AnswerState<T> {
  const [state, setState] = useState<{
    data: T | undefined;
    problem: ApiProblem | undefined;
    isLoading: boolean;
  }>({
    ...{ data: undefined, problem: undefined, isLoading: true },
  });
  const [round, setRound] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    const stop = new AbortController();
    setState((before) => ({ ...before, isLoading: true }));
    latest.current(stop.signal).then(
      (data) => {
        if (!stop.signal.aborted) setState({ data, problem: undefined, isLoading: false });
      },
      (error: unknown) => {
        if (!stop.signal.aborted)
          setState((before) => ({ ...before, problem: problemOf(error), isLoading: false }));
      },
    );
    return () => stop.abort();
  }, [key, round]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  return { ...state, reload };
}
