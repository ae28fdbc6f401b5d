/** What an exception would have hidden, asked for anew as it changes. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { type Answer, type ApiProblem, call } from '../../api.ts';
import { problemOf } from '../../shared/answer.ts';
import { type Draft, draftProblem } from './draft.ts';

export type Preview = Answer<'previewException'>;

/** How far back alerts are looked at. */
export const SINCE = '30d';
const PAUSE_MS = 350;

export interface PreviewState {
  readonly preview: Preview | undefined;
  readonly problem: ApiProblem | undefined;
  readonly isLoading: boolean;
}

/** Asks once nothing was changed for a moment; the answer before stays until then. */
export function usePreview(rule: string, draft: Draft | undefined): PreviewState {
  const [state, setState] = useState<PreviewState>({
    preview: undefined,
    problem: undefined,
    isLoading: true,
  });
  const isFirst = useRef(true);
  useEffect(() => {
    if (draft === undefined || draftProblem(draft) !== undefined) return;
    const stop = new AbortController();
    setState((before) => ({ ...before, isLoading: true }));
    const timer = setTimeout(
      async () => {
        try {
          const body = { rule, exception: draft, since: SINCE };
          const preview = await call('previewException', { body, signal: stop.signal });
          if (!stop.signal.aborted) setState({ preview, problem: undefined, isLoading: false });
        } catch (error) {
          if (!stop.signal.aborted)
            setState((before) => ({ ...before, problem: problemOf(error), isLoading: false }));
        }
      },
      isFirst.current ? 0 : PAUSE_MS,
    );
    isFirst.current = false;
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [rule, draft]);
  return state;
}
