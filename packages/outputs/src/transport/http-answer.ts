/** What a destination answered, and what that means for the alert. */

import { delivered, type Outcome } from '@peregrine/base';

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; of repeated ones, all, joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** The beginning, at most `MOST_ANSWER_BYTES`. */
  readonly body: string;
  /** The same, where it may be no text. */
  readonly bytes?: Uint8Array;
}

/** Enough for the answer to a batch, which has a part for each alert. */
export const MOST_ANSWER_BYTES = 1024 * 1024;

/** Longest pause that a destination may ask for; a longer one is taken as this, milliseconds. */
const LONGEST_PAUSE_MS = 3_600_000;
const MOST_REASON_LENGTH = 300;

/**
 * Statuses that are about this very alert: it will be refused however often it is sent. All others, wrong addresses and
 * credentials among them, are about the destination, and alerts wait until somebody has put it right.
 */
const aboutTheAlert = new Set([400, 406, 409, 411, 413, 414, 415, 417, 422, 431]);

/** For destinations that speak HTTP as it is meant; `nowMs` is for a `Retry-After` that is a date. */
export function classifyAnswer(answer: HttpAnswer, nowMs: number): Outcome {
  if (answer.status >= 200 && answer.status < 300) return delivered;
  if (aboutTheAlert.has(answer.status)) return { kind: 'rejected', reason: reasonOf(answer) };
  return {
    kind: 'retry',
    reason: reasonOf(answer),
    afterMs: retryAfterMs(answer.headers['retry-after'], nowMs),
  };
}

/** `status 429: slow down`, on one line and short. */
export function reasonOf({ status, headers, body }: HttpAnswer): string {
  const location = status >= 300 && status < 400 ? headers.location : undefined;
  const detail = (location === undefined ? body : `sent on to ${location}`).replace(/\s+/g, ' ').trim();
  const shown = detail.length > MOST_REASON_LENGTH ? `${detail.slice(0, MOST_REASON_LENGTH)}...` : detail;
  return shown === '' ? `status ${status}` : `status ${status}: ${shown}`;
}

/** Seconds, or a date. */
export function retryAfterMs(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  const pauseMs = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs;
  return Number.isNaN(pauseMs) ? undefined : Math.min(Math.max(0, pauseMs), LONGEST_PAUSE_MS);
}
