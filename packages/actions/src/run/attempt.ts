/** One action, tried until it is known what came of it: how long, how often, and when trying again is safe. */

import type { ActionCall, ActionOutcome } from '../action.ts';
import type { PlannedStep } from '../rules/plan.ts';

/** Who asks for a longer pause is asked again sooner. */
const MOST_ASKED_MS = 60_000;

export interface AttemptLimits {
  readonly mostAttempts: number;
  readonly firstRetryMs: number;
  readonly mostRetryMs: number;
}

export interface AttemptContext {
  readonly limits: AttemptLimits;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Aborted when the program stops. */
  readonly signal: AbortSignal;
  readonly onAttempt: (count: number) => void;
}

/** `stopped`: the program stops while it was tried, or before it was tried again. */
export type Attempted =
  | Exclude<ActionOutcome, { kind: 'retry' }>
  | { readonly kind: 'failed' | 'stopped'; readonly reason: string };

/** What a call is made of, beside its signal. */
export type CallFacts = Omit<ActionCall<Readonly<Record<string, unknown>>, unknown>, 'signal'>;

export async function attempt(
  step: PlannedStep,
  facts: CallFacts,
  { limits, random, signal, onAttempt }: AttemptContext,
): Promise<Attempted> {
  for (let count = 1; ; count++) {
    onAttempt(count);
    const outcome = await tryOnce(step, facts, signal);
    const isAgain = outcome.kind === 'retry' || (outcome.kind === 'unknown' && step.action.isRepeatable);
    if (!isAgain) {
      const isStopped = outcome.kind === 'unknown' && signal.aborted;
      return isStopped ? { kind: 'unknown', reason: `stopped: ${outcome.reason}` } : outcome;
    }
    if (signal.aborted) return { kind: 'stopped', reason: outcome.reason };
    if (count >= limits.mostAttempts) {
      const reason = `${outcome.reason} (tried ${count} times)`;
      return outcome.kind === 'unknown' ? { kind: 'unknown', reason } : { kind: 'failed', reason };
    }
    const backOffMs =
      Math.min(limits.mostRetryMs, limits.firstRetryMs * 2 ** (count - 1)) * (0.5 + random() / 2);
    const askedMs = outcome.kind === 'retry' ? (outcome.afterMs ?? 0) : 0;
    await pause(Math.max(Math.min(askedMs, MOST_ASKED_MS), backOffMs), signal);
    if (signal.aborted) return { kind: 'stopped', reason: outcome.reason };
  }
}

async function tryOnce(step: PlannedStep, facts: CallFacts, signal: AbortSignal): Promise<ActionOutcome> {
  const timeout = AbortSignal.timeout(step.timeoutMs);
  try {
    return await step.action.run({ ...facts, signal: AbortSignal.any([signal, timeout]) });
  } catch (error) {
    // When its time is over, an action may just end; anything else is a bug of ours.
    if (timeout.aborted) return { kind: 'unknown', reason: `it took longer than ${step.timeoutMs} ms` };
    if (signal.aborted) return { kind: 'unknown', reason: 'the program stopped' };
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'refused', reason: `it broke: ${reason}` };
  }
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
