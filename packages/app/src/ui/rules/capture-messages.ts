/** What the thread that tries rules on a recording is given, and what it tells. */

import type { Setup } from '../../detection/setup.ts';

export interface CaptureStart {
  readonly setup: Setup;
  readonly path: string;
  /** Only matches of that one are shown. */
  readonly rule: string | undefined;
  readonly limitMs: number;
}

export interface TriedCapture {
  /** Events that were read. */
  readonly examined: number;
  readonly counts: readonly { readonly rule: string; readonly count: number }[];
  /** The first of each rule. */
  readonly samples: readonly { readonly rule: string; readonly output: string; readonly timeNs: bigint }[];
  /** Whether there was time for all of it. */
  readonly isComplete: boolean;
}

/** `problem`: the recording cannot be read further, or the rules cannot be used. */
export type FromCapture =
  | { readonly kind: 'tried'; readonly tried: TriedCapture }
  | { readonly kind: 'problem'; readonly message: string };
