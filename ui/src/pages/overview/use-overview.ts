/** The answers that the overview is made of, asked for again as alerts come, and never faster than the server answers. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { type Answer, call, pathOf } from '../../api.ts';
import { type AnswerState, useAnswer } from '../../shared/answer.ts';
import type { PeriodQuery } from './period.ts';

const LOOK_MS = 250;
const LEAST_REST_MS = 1_000;
const MOST_REST_MS = 30_000;
/** The rest after an answer, in times of what it took: a server with much to do is not asked all the time. */
const REST_FACTOR = 4;
/** The period goes on without alerts, too. */
const IDLE_MS = 30_000;

/** With the period that it was asked for: while another one is asked for, the one before is still shown. */
export type ShownOverview = Answer<'getOverview'> & { readonly period: PeriodQuery };

export function useOverview(period: PeriodQuery): AnswerState<ShownOverview> {
  const [round, setRound] = useState(0);
  const isAsking = useRef(false);
  const nextMs = useRef(0);
  const answer = useAnswer(`overview ${JSON.stringify(period)} ${round}`, async (signal) => {
    const startMs = performance.now();
    isAsking.current = true;
    try {
      return { ...(await call('getOverview', { query: period, signal })), period };
    } finally {
      const nowMs = performance.now();
      isAsking.current = false;
      nextMs.current =
        nowMs + Math.min(MOST_REST_MS, Math.max(LEAST_REST_MS, REST_FACTOR * (nowMs - startMs)));
    }
  });
  useEffect(() => {
    let hasCome = false;
    let lastMs = performance.now();
    const stream = new EventSource(pathOf('streamArrivals'));
    stream.addEventListener('arrived', () => {
      hasCome = true;
    });
    const timer = setInterval(() => {
      const nowMs = performance.now();
      if (document.hidden || isAsking.current || nowMs < nextMs.current) return;
      if (!hasCome && nowMs < lastMs + IDLE_MS) return;
      hasCome = false;
      lastMs = nowMs;
      setRound((before) => before + 1);
    }, LOOK_MS);
    return () => {
      stream.close();
      clearInterval(timer);
    };
  }, []);
  return answer;
}
