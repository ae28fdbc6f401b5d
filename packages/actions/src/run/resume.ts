/** What was not over when the program ended: gone on with where that is safe, and reported where it is not. */

import type { PlannedRule } from '../rules/plan.ts';
import type { Ledger } from './ledger.ts';
import { isOver, type Progress } from './progress.ts';
import type { Response } from './response.ts';
import { publicOf, type RunRecord, type StoredRun } from './run-record.ts';

export interface ResumeContext {
  readonly ledger: Ledger;
  readonly progress: Progress;
  /** The response as it was written down; `undefined`: the rules have no such one any more. */
  readonly restored: (run: StoredRun) => Response | undefined;
  readonly notify: (run: RunRecord, rule: PlannedRule) => void;
  readonly nowMs: () => number;
  readonly mostAgeMs: number;
}

export function resume(context: ResumeContext): void {
  const { ledger, restored } = context;
  const seen = new Set<string>();
  for (const run of ledger.inStates(['begun', 'queued'])) {
    const key = `${run.alertUuid}\n${run.rule}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const response = restored(run);
    if (response !== undefined) goOn(response, run, context);
    else {
      const summary = `there is no rule \`${run.rule}\` with this action any more`;
      for (const step of ledger.stepsOf(run.alertUuid, run.rule)) closeRun(step, summary, context);
    }
  }
}

/** A run that nothing will come of: unknown if it was begun, else left out. */
export function closeRun(
  run: StoredRun,
  summary: string,
  { ledger, progress, nowMs }: Pick<ResumeContext, 'ledger' | 'progress' | 'nowMs'>,
): void {
  if (isOver(run.state)) return;
  const state = run.state === 'begun' ? 'unknown' : 'skipped';
  const change = { state, summary, endedMs: nowMs() } as const;
  ledger.update(run.id, change);
  progress.tell({ ...run, ...change });
}

function goOn(
  response: Response,
  run: StoredRun,
  { progress, notify, nowMs, mostAgeMs }: ResumeContext,
): void {
  const step = response.steps[run.step];
  if (step === undefined) return;
  // One before it waits for somebody: nothing of it is begun by itself.
  if (response.steps.slice(0, run.step).some((earlier) => earlier.run.state === 'waiting')) return;
  if (run.state === 'queued' && nowMs() - run.decidedMs > mostAgeMs) {
    progress.endAll(response, run.step, 'held', 'the program was off for too long: `response.maxage`');
    return;
  }
  if (run.state === 'queued' || step.step.action.isRepeatable) {
    progress.start(response, run.step);
    return;
  }
  const summary = 'the program ended while it ran, and nobody knows whether it was done';
  progress.change(step, { state: 'unknown', summary, endedMs: nowMs() });
  notify(publicOf(step.run), response.rule);
  if (step.step.ignoresErrors) progress.start(response, run.step + 1);
  else progress.endAll(response, run.step + 1, 'skipped', `\`${step.step.name}\` ended the response`);
}
