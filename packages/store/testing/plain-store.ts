/** What filters mean, written to be read: every alert is looked at anew. Stores are tested against it. */

import { type HubAlert, textOfValue } from '@peregrine/alert';
import { evaluate } from '@peregrine/lang';
import { checkTriagedCondition, type TriagedAlert } from '@peregrine/query';
import type { AlertFilter, CountedValue, TriageState } from '../src/alert-store.ts';
import { isSearched, withoutPrefix } from '../src/segments/segment.ts';

export interface PlainAlert {
  readonly alert: HubAlert;
  readonly state: TriageState;
  readonly assignee: string | undefined;
  readonly incidentId: string;
}

export function isFound(kept: PlainAlert, filter: AlertFilter): boolean {
  const { alert } = kept;
  const { fromNs, toNs, where = [], condition = '', text = '' } = filter;
  if (fromNs !== undefined && alert.timeNs < fromNs) return false;
  if (toNs !== undefined && alert.timeNs >= toNs) return false;
  for (const { field, values, isNegated } of where) {
    if (values.length > 0 && valuesOf(kept, field).some((value) => values.includes(value)) === isNegated)
      return false;
  }
  const checked = checkTriagedCondition(condition);
  if ('problem' in checked) throw new Error(checked.problem);
  const triaged: TriagedAlert = {
    ...alert,
    output: withoutPrefix(alert.output),
    state: kept.state,
    assignee: kept.assignee,
    incident: kept.incidentId,
  };
  if (checked.condition !== undefined && !evaluate(checked.condition, triaged)) return false;
  return text.trim() === '' || textsIn(alert).some((part) => part.toLowerCase().includes(text.toLowerCase()));
}

function textsIn(alert: HubAlert): readonly string[] {
  const fields = Object.entries(alert.fields)
    .filter(([name, value]) => value !== null && isSearched(name))
    .map(([, value]) => textOfValue(value));
  return [
    alert.rule,
    alert.priority,
    alert.source,
    alert.hostname,
    withoutPrefix(alert.output),
    ...alert.tags,
    ...fields,
  ];
}

/** Texts of a dimension; the empty one where there is none. */
export function valuesOf(
  { alert, state, assignee, incidentId }: PlainAlert,
  field: string,
): readonly string[] {
  switch (field) {
    case 'rule':
    case 'priority':
    case 'source':
    case 'hostname':
      return [alert[field]];
    case 'tags':
      return alert.tags.length === 0 ? [''] : alert.tags;
    case 'state':
      return [state];
    case 'assignee':
      return [assignee ?? ''];
    case 'incident':
      return [incidentId];
    default: {
      const value = alert.fields[field];
      if (value === undefined || value === null) return [''];
      if (!Array.isArray(value)) return [textOfValue(value)];
      return value.length === 0 ? [''] : value.map(textOfValue);
    }
  }
}

export function countsOf(alerts: readonly PlainAlert[], field: string): readonly CountedValue[] {
  const counts = new Map<string, number>();
  for (const kept of alerts)
    for (const value of valuesOf(kept, field)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}
