/**
 * What acts on this machine, as actions see it. Behind it is a process of its own, which has the few privileges that the
 * actions in use take, while the one that reads what others wrote has none.
 */

import type { JsonObject } from '@peregrine/base';
import type { ActionOutcome } from '../action.ts';

/** One thing to do, with everything that it takes. */
export interface HandsRequest {
  /** Name of a deed: `kill`, `freeze`, `thaw`, `quarantine`. */
  readonly deed: string;
  readonly data: JsonObject;
  /** Look and say what would be done. */
  readonly isDryRun: boolean;
}

export interface HandsPort {
  /** Of this machine, as its alerts name it. */
  readonly hostname: string;
  /** Never rejects: a broken connection is `unknown`. The signal gives up waiting. */
  ask(request: HandsRequest, signal: AbortSignal): Promise<ActionOutcome>;
}
