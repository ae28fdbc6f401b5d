/** A call of a function, and what came of it. */

import type { Outcome } from '@peregrine/base';
import type { ProcessAnswer } from '../process/function-process.ts';

export interface FunctionCall {
  readonly method?: string;
  /** Without the part that names the function. */
  readonly path?: string;
  /** Without the question mark. */
  readonly query?: string;
  /** Names in small letters. `content-type` and the `event-` headers matter. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Address of whoever asks. */
  readonly remote?: string;
  /** Gives the call up: it waits no longer, and ends if it runs. */
  readonly signal?: AbortSignal;
}

export type CallResult =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly contentType: string;
      readonly body: Uint8Array;
    }
  /** It threw, or its process ended. */
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'timed_out'; readonly limitMs: number }
  /** The body is said to be JSON, and is not. */
  | { readonly kind: 'bad_json' }
  /** Too many calls wait. */
  | { readonly kind: 'busy'; readonly afterMs: number }
  /** Its process cannot be started, or the runtime is closed. */
  | { readonly kind: 'unavailable'; readonly reason: string; readonly afterMs: number }
  | { readonly kind: 'given_up' }
  | { readonly kind: 'unknown' };

/** For whoever delivers alerts to functions. What a function refuses by throwing it would refuse again. */
export function outcomeOf(result: CallResult): Outcome {
  switch (result.kind) {
    case 'answered':
      if (result.status < 300) return { kind: 'delivered' };
      return result.status >= 500
        ? { kind: 'retry', reason: reasonOf(result), afterMs: undefined }
        : { kind: 'rejected', reason: reasonOf(result) };
    case 'busy':
    case 'unavailable':
      return { kind: 'retry', reason: reasonOf(result), afterMs: result.afterMs };
    case 'timed_out':
    case 'given_up':
      return { kind: 'retry', reason: reasonOf(result), afterMs: undefined };
    case 'failed':
    case 'bad_json':
    case 'unknown':
      return { kind: 'rejected', reason: reasonOf(result) };
  }
}

export function reasonOf(result: CallResult): string {
  switch (result.kind) {
    case 'answered':
      return `the function answered with status ${result.status}`;
    case 'failed':
      return `the function failed: ${result.reason}`;
    case 'timed_out':
      return `the function did not answer within ${result.limitMs / 1_000} s`;
    case 'bad_json':
      return 'the body is not the JSON that it is said to be';
    case 'busy':
      return 'too many calls of the function wait already';
    case 'unavailable':
      return `the function cannot be called: ${result.reason}`;
    case 'given_up':
      return 'the call was given up';
    case 'unknown':
      return 'there is no such function';
  }
}

/** Whether it counts as a failure of the function. */
export function isFailure({ kind }: CallResult): boolean {
  return kind === 'failed' || kind === 'timed_out';
}

/** What a process said of a call, as its caller is told. */
export function resultOf(
  { outcome, status, contentType, body, reason }: ProcessAnswer,
  { timedOutMs, isGivenUp }: { readonly timedOutMs: number | undefined; readonly isGivenUp: boolean },
): CallResult {
  // An answer that came just before the end counts.
  if (outcome === 'answered') return { kind: 'answered', status, contentType, body };
  if (timedOutMs !== undefined) return { kind: 'timed_out', limitMs: timedOutMs };
  if (isGivenUp) return { kind: 'given_up' };
  if (outcome === 'bad_json') return { kind: 'bad_json' };
  if (outcome === 'too_large') return { kind: 'failed', reason: 'its answer is too large' };
  if (outcome === 'raised') return { kind: 'failed', reason: `it raised ${reason}` };
  return { kind: 'failed', reason: `its process ${reason === '' ? 'ended' : reason}` };
}
