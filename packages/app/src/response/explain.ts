/** What would be done about an alert, rule by rule, and why not. Nothing is done. */

import type { PlannedRule, PlannedStep, ResponsePlan } from '@peregrine/actions';
import { targetOf } from '@peregrine/actions';
import { decodeStored, type HubAlert } from '@peregrine/alert';
import type { ResponseExplanation } from './response-port.ts';

/** Why each step of a rule would not be done now; `undefined`: it would. */
export type WhyNot = (rule: PlannedRule) => readonly (string | undefined)[];

type ExplainedRule = ResponseExplanation['rules'][number];

export function explainResponse(
  plan: ResponsePlan,
  alert: HubAlert,
  whyNot: WhyNot,
  isDryRun: boolean,
): ResponseExplanation {
  let isEnded = false;
  const rules = plan.rules.map((rule): ExplainedRule => {
    const parts = rule.parts.map((part) => ({
      text: part.text,
      holds: part.holds(alert),
      found: part.found(alert),
    }));
    const matches = !isEnded && parts.every(({ holds }) => holds);
    const reasons = matches ? whyNot(rule) : [];
    const actions = rule.steps.map((step, i) => ({
      name: step.name,
      actionner: step.action.name,
      verdict: verdictOf(rule, step, { matches, isEnded, isDryRun, reason: reasons[i] }),
      target: targetOf(step, alert).target,
    }));
    if (matches && !rule.continues) isEnded = true;
    return { name: rule.name, matches, parts, actions };
  });
  return { rules };
}

function verdictOf(
  rule: PlannedRule,
  step: PlannedStep,
  {
    matches,
    isEnded,
    isDryRun,
    reason,
  }: { matches: boolean; isEnded: boolean; isDryRun: boolean; reason: string | undefined },
): string {
  if (isEnded) return 'an earlier rule ends the matter';
  if (!matches) return 'the rule does not match';
  if (reason !== undefined) return `would not run: ${reason}`;
  const when = step.when === undefined ? '' : `, if ${step.when.text}`;
  if (isDryRun || rule.isDryRun || step.isDryRun) return `would run dry${when}`;
  return step.needsApproval ? `would wait for approval${when}` : `would run${when}`;
}

/** An alert as Falco or the hub has it, in JSON; or what is wrong with it. */
export function alertFrom(json: string): HubAlert | { readonly problem: string } {
  return decodeStored(Buffer.from(`\n${json}`))?.alert ?? { problem: 'this is no alert as the hub has it' };
}
