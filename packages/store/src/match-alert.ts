/** Whether one alert is among those that a filter finds: for alerts that have just come, before any search. */

import { type HubAlert, textOfValue } from '@peregrine/alert';
import type { AlertFilter, KeptAlert } from './alert-store.ts';
import { type ConditionPlan, type Input, planFilter } from './segments/filter-plan.ts';
import { foldText } from './segments/fold-text.ts';
import { textsOf } from './segments/match-rows.ts';
import { isSearched, withoutPrefix } from './segments/segment.ts';

/** Throws a `FilterError` for a condition that cannot be understood. */
export function createMatcher(filter: AlertFilter): (kept: KeptAlert) => boolean {
  const plan = planFilter(filter);
  return (kept) => {
    const { alert } = kept;
    if (plan.fromNs !== undefined && alert.timeNs < plan.fromNs) return false;
    if (plan.toNs !== undefined && alert.timeNs >= plan.toNs) return false;
    for (const { input, values, isNegated } of plan.clauses)
      if (textsOf(inputOf(kept, input)).some((text) => values.has(text)) === isNegated) return false;
    if (plan.condition !== undefined && !holds(plan.condition, kept)) return false;
    const { text } = plan;
    return text === undefined || textsIn(alert).some((part) => foldText(part).includes(text.whole));
  };
}

function holds(plan: ConditionPlan, kept: KeptAlert): boolean {
  switch (plan.kind) {
    case 'junction':
      return plan.operator === 'and'
        ? plan.terms.every((term) => holds(term, kept))
        : plan.terms.some((term) => holds(term, kept));
    case 'not':
      return !holds(plan.term, kept);
    case 'test':
      return plan.holds(plan.inputs.map((input) => inputOf(kept, input)));
  }
}

/** What an alert has for an input of a filter, or for a dimension that is counted by. */
export function inputOf(
  { alert, state, assignee, incidentId, mark }: KeptAlert,
  input: Input,
): HubAlert['fields'][string] | undefined {
  if (input.kind === 'triage') return input.name === 'state' ? state : assignee;
  switch (input.name) {
    case 'rule':
    case 'priority':
    case 'source':
      return alert[input.name];
    case 'hostname':
      return alert.hostname === '' ? undefined : alert.hostname;
    case 'tags':
      return alert.tags.length === 0 ? undefined : alert.tags;
    case 'output':
      return withoutPrefix(alert.output);
    case 'incident':
      return incidentId;
    case 'mark':
      return mark;
    default:
      return alert.fields[input.name.slice(1)];
  }
}

/** The texts that are searched. */
export function textsIn(alert: HubAlert): readonly string[] {
  const { rule, priority, source, hostname, tags, output, fields } = alert;
  const values = Object.entries(fields).flatMap(([name, value]) =>
    value === null || !isSearched(name) ? [] : [textOfValue(value)],
  );
  return [rule, priority, source, hostname, ...tags, withoutPrefix(output), ...values];
}
