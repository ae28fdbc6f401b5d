/** Evictions, and the budgets that forbid them. */

import { documentAt, type JsonDocument, numberAt, textAt } from '../document.ts';
import type { ObjectApi, WriteOptions } from '../objects/object-api.ts';
import { isTerminating } from '../objects/object-store.ts';
import { disruptionBudgets, pods } from '../objects/resource-types.ts';
import { selectsLabels } from '../objects/selectors.ts';
import { success, tooManyRequests } from '../status.ts';
import { isPodReady } from './pod-status.ts';

/** Deletes the pod unless a budget forbids it: then throws a 429. */
export function evict(
  api: ObjectApi,
  namespace: string,
  name: string,
  eviction: JsonDocument,
  options: WriteOptions,
): JsonDocument {
  const place = { type: pods, namespace, name };
  const pod = api.get(place);
  for (const budget of api.store.list(disruptionBudgets, namespace)) {
    if (!selectsLabels(documentAt(budget, 'spec', 'selector'), documentAt(pod, 'metadata', 'labels')))
      continue;
    const { disruptionsAllowed, desiredHealthy, currentHealthy } = budgetStatus(api, budget);
    if (Number(disruptionsAllowed) > 0 || !isPodReady(pod)) continue;
    const budgetName = textAt(budget, 'metadata', 'name');
    throw tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", undefined, [
      {
        reason: 'DisruptionBudget',
        message: `The disruption budget ${budgetName} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
      },
    ]);
  }
  api.delete(place, documentAt(eviction, 'deleteOptions'), options);
  return success();
}

/** What a budget's status says of the pods as they are now. */
export function budgetStatus(api: ObjectApi, budget: JsonDocument): JsonDocument {
  const chosen = api.store
    .list(pods, textAt(budget, 'metadata', 'namespace'))
    .filter((pod) =>
      selectsLabels(documentAt(budget, 'spec', 'selector'), documentAt(pod, 'metadata', 'labels')),
    );
  const currentHealthy = chosen.filter((pod) => isPodReady(pod) && !isTerminating(pod)).length;
  const { minAvailable, maxUnavailable } = documentAt(budget, 'spec');
  const desiredHealthy =
    minAvailable === undefined
      ? Math.max(0, chosen.length - countOf(maxUnavailable ?? 1, chosen.length))
      : countOf(minAvailable, chosen.length);
  return {
    observedGeneration: numberAt(budget, 'metadata', 'generation') ?? 1,
    disruptionsAllowed: Math.max(0, currentHealthy - desiredHealthy),
    currentHealthy,
    desiredHealthy,
    expectedPods: chosen.length,
  };
}

/** `2`, `"33%"`: of a number of pods, rounded up. */
function countOf(given: unknown, whole: number): number {
  const text = String(given);
  return text.endsWith('%') ? Math.ceil((Number.parseFloat(text) * whole) / 100) : Number(text);
}
