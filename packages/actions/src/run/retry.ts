/** Asks again, after pauses that grow, as long as that may help. */

/** Who asks for a longer pause is asked again sooner. */
const MOST_ASKED_MS = 60_000;

export interface RetryLimits {
  readonly mostAttempts: number;
  readonly firstRetryMs: number;
  readonly mostRetryMs: number;
}

export interface RetryContext {
  readonly limits: RetryLimits;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Ends the pauses, and the asking. */
  readonly signal: AbortSignal;
}

/** The last answer. */
export interface Settled<T> {
  readonly answer: T;
  /** How often it was asked. */
  readonly count: number;
  /** Asking again might have helped: it was asked as often as it may, or the signal ended it. */
  readonly isGivenUp: boolean;
}

/** `again` says whether to ask again, and after how long at the least. `ask` must not reject. */
export async function untilSettled<T>(
  ask: (count: number) => Promise<T>,
  again: (answer: T) => { readonly afterMs: number | undefined } | undefined,
  { limits, random, signal }: RetryContext,
): Promise<Settled<T>> {
  for (let count = 1; ; count++) {
    const answer = await ask(count);
    const wish = again(answer);
    const isGivenUp = wish !== undefined && (signal.aborted || count >= limits.mostAttempts);
    if (wish === undefined || isGivenUp) return { answer, count, isGivenUp };
    const backOffMs =
      Math.min(limits.mostRetryMs, limits.firstRetryMs * 2 ** (count - 1)) * (0.5 + random() / 2);
    await pause(Math.max(Math.min(wish.afterMs ?? 0, MOST_ASKED_MS), backOffMs), signal);
    if (signal.aborted) return { answer, count, isGivenUp: true };
  }
}

/** What broke, as an answer that may be another one the next time. */
export function retryOf(error: unknown): {
  readonly kind: 'retry';
  readonly reason: string;
  readonly afterMs: undefined;
} {
  const reason = error instanceof Error ? error.message : String(error);
  return { kind: 'retry', reason, afterMs: undefined };
}

/** Ends early, and without complaint, when the signal says so. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
