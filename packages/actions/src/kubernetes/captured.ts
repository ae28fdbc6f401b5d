/** What came of a capture that a program in a container wrote to its standard output. */

import type { ActionOutcome, Artifact } from '../action.ts';
import type { ExecResult } from './kube-port.ts';
import { textOf } from './run-in-containers.ts';

export interface CapturedFile extends Omit<Artifact, 'bytes'> {
  /** `5 s of pod default/alpine`. */
  readonly what: string;
  /** What was asked for at most. */
  readonly mostBytes: number;
  /** Whether it is a capture at all. */
  readonly isWhole: boolean;
}

export function capturedOutcome(
  { stdout, stderr, isCut }: ExecResult,
  { what, mostBytes, isWhole, ...file }: CapturedFile,
): ActionOutcome {
  if (!isWhole)
    return {
      kind: 'refused',
      reason: `nothing was captured: ${textOf(stderr, 300).trim() || 'it said nothing'}`,
    };
  const cut = isCut ? `, of which only the first ${mostBytes / 1024 ** 2} MiB` : '';
  return {
    kind: 'done',
    summary: `captured ${what}: ${stdout.length} bytes${cut}`,
    artifact: { ...file, bytes: stdout },
    results: { size: stdout.length },
  };
}
