/** Whether an alert is urgent enough for an output. */

import { type HubAlert, type Priority, priorities, TEST_RULE } from '@peregrine/alert';

const ranks: Readonly<Record<string, number>> = Object.fromEntries(
  priorities.map((priority, rank) => [priority, rank]),
);

/** COMPAT: alerts of the rule of tests pass everywhere. */
export function passesPriority(alert: HubAlert, minimum: Priority | undefined): boolean {
  if (minimum === undefined || alert.rule === TEST_RULE) return true;
  return (ranks[alert.priority] ?? 0) <= (ranks[minimum] ?? 0);
}
