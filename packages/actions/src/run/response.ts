/** A rule that an alert matched: what is done, step by step, and what is written down of each. */

import { type HubAlert, type HubValue, textOfValue } from '@peregrine/alert';
import type { PlannedRule, PlannedStep } from '../rules/plan.ts';
import type { TargetFacts } from '../targets/target.ts';
import type { StoredRun } from './run-record.ts';

export interface ResponseStep {
  readonly step: PlannedStep;
  readonly index: number;
  /** As it is written down; replaced at each change. */
  run: StoredRun;
  /** What it acts on; or why there is nothing. */
  readonly found:
    | { readonly kind: 'found'; readonly target: unknown }
    | { readonly kind: 'missing'; readonly reason: string };
  readonly facts: TargetFacts;
  /** Equal for what is the same on the same target. */
  readonly key: string;
}

export interface Response {
  readonly alert: HubAlert;
  readonly rule: PlannedRule;
  readonly steps: readonly ResponseStep[];
  readonly isDryRun: boolean;
}

/** What happens after a step: the next one, nothing more, or nothing until somebody decides or the program starts again. */
export type StepOutcome = 'next' | 'end' | 'pause';

export interface DraftContext {
  readonly newId: () => string;
  readonly nowMs: number;
  /** Of all rules. */
  readonly isDryRun: boolean;
}

export function draftResponse(alert: HubAlert, rule: PlannedRule, context: DraftContext): Response {
  return {
    alert,
    rule,
    steps: rule.steps.map((step, index) => draftStep(alert, rule, step, index, context)),
    isDryRun: context.isDryRun || rule.isDryRun,
  };
}

function draftStep(
  alert: HubAlert,
  rule: PlannedRule,
  step: PlannedStep,
  index: number,
  { newId, nowMs }: DraftContext,
): ResponseStep {
  const { found, facts, target } = targetOf(step, alert);
  return {
    ...{ step, index, found, facts },
    key: `${step.action.name}\n${step.parametersText}\n${found.kind === 'found' ? target : `${rule.name}\n${found.reason}`}`,
    run: {
      id: newId(),
      alertUuid: alert.uuid,
      alertRule: alert.rule,
      alertPriority: alert.priority,
      alertTime: alert.time,
      alertOutput: alert.output,
      hostname: alert.hostname,
      rule: rule.name,
      step: index,
      action: step.name,
      actionner: step.action.name,
      target,
      namespace: facts.namespace,
      node: facts.node,
      state: 'queued',
      summary: '',
      changes: [],
      canBeUndone: false,
      undoAtMs: undefined,
      decidedMs: nowMs,
      begunMs: undefined,
      endedMs: undefined,
      attemptCount: 0,
      repeatCount: 0,
      approval: undefined,
      artifact: undefined,
      undoneBy: undefined,
      results: {},
      undo: undefined,
      targetUid: undefined,
      alertJson: alert.json,
    },
  };
}

/** What the step acts on, from the alert alone. */
export function targetOf(
  { action, parameters }: PlannedStep,
  alert: HubAlert,
): Pick<ResponseStep, 'found' | 'facts'> & { readonly target: string } {
  const found = action.target.find(alert, parameters);
  if (found.kind === 'missing') return { found, facts: {}, target: '' };
  return { found, facts: action.target.factsOf(found.target), target: action.target.keyOf(found.target) };
}

/** The alert with what earlier steps came to, for conditions: `steps.NAME.state`, `steps.NAME.KEY`. */
export function withResults({ alert, steps }: Response, index: number): HubAlert {
  const more: Record<string, HubValue> = {};
  for (const { step, run } of steps.slice(0, index)) {
    for (const [name, value] of Object.entries(run.results)) more[`steps.${step.slug}.${name}`] = value;
    // Last: what somebody answered does not say how it went.
    more[`steps.${step.slug}.state`] = run.state;
    more[`steps.${step.slug}.summary`] = run.summary;
    more[`steps.${step.slug}.target`] = run.target;
  }
  return { ...alert, fields: { ...alert.fields, ...more } };
}

/** What every action may know of its rule. COMPAT: Talon's names. */
export function baseContext(
  { rule, isDryRun }: Response,
  step: PlannedStep,
): Readonly<Record<string, string>> {
  return {
    'falco-talon.rule': rule.name,
    'falco-talon.rule.continue': textOfValue(rule.continues),
    'falco-talon.rule.dry_run': textOfValue(isDryRun),
    'falco-talon.action': step.name,
    'falco-talon.action.continue': textOfValue(step.continues),
    'falco-talon.action.ignore_errors': textOfValue(step.ignoresErrors),
    'falco-talon.action.parameters': step.parametersText,
    'falco-talon.actionner': step.action.name,
  };
}
