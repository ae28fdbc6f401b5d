/** One action, tried until it is known what came of it: how long, how often, and when trying again is safe. */

import type { ActionCall, ActionOutcome } from '../action.ts';
import type { PlannedStep } from '../rules/plan.ts';
import { type RetryContext, untilSettled } from './retry.ts';

export interface AttemptContext extends RetryContext {
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
  { onAttempt, ...context }: AttemptContext,
): Promise<Attempted> {
  const { signal } = context;
  const { answer, count, isGivenUp } = await untilSettled(
    (attemptCount) => {
      onAttempt(attemptCount);
      return tryOnce(step, facts, signal);
    },
    (outcome) => {
      if (outcome.kind === 'retry') return outcome;
      return outcome.kind === 'unknown' && step.action.isRepeatable ? { afterMs: undefined } : undefined;
    },
    context,
  );
  if (answer.kind !== 'retry' && !isGivenUp) {
    const isStopped = answer.kind === 'unknown' && signal.aborted;
    return isStopped ? { kind: 'unknown', reason: `stopped: ${answer.reason}` } : answer;
  }
  // Only these two are asked for again.
  const { kind, reason } = answer as Extract<ActionOutcome, { kind: 'retry' | 'unknown' }>;
  if (signal.aborted) return { kind: 'stopped', reason };
  const kindAfterAll = kind === 'unknown' ? 'unknown' : 'failed';
  return { kind: kindAfterAll, reason: `${reason} (tried ${count} times)` };
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
