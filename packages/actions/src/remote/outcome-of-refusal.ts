/** What it means for a call that it was not answered well: whether it may have been carried out decides what follows. */

import type { ActionOutcome } from '../action.ts';

export interface Refusal {
  /** Of HTTP, or as HTTP has it. `undefined`: there was no answer. */
  readonly status: number | undefined;
  readonly reason: string;
  /** What whoever was called asks to wait. */
  readonly afterMs?: number | undefined;
  /** Whether it is certain that nothing of the call went out. */
  readonly isUnsent?: boolean | undefined;
}

/** Statuses that say that a call was not begun, and that another one may be. */
const notBegun = new Set([425, 429, 503]);

/** A function that failed may have done half of what it does: nobody knows. */
export function outcomeOfRefusal({ status, reason, afterMs, isUnsent = false }: Refusal): ActionOutcome {
  if (isUnsent) return { kind: 'retry', reason, afterMs: undefined };
  if (status === undefined) return { kind: 'unknown', reason };
  if (notBegun.has(status)) return { kind: 'retry', reason, afterMs };
  return status === 408 || status >= 500 ? { kind: 'unknown', reason } : { kind: 'refused', reason };
}
