/** What an action makes of a `KubeFailure`, and of a cluster that nobody told us how to reach. */

import { Fault } from '@peregrine/base';
import type { ActionOutcome } from '../action.ts';
import { KubeFailure } from './kube-port.ts';

export type Failed = Exclude<ActionOutcome, { readonly kind: 'done' }>;

/** `target` as people call it: `pod default/alpine`. What is neither is thrown on: it is a bug, or the action's time is over. */
export function outcomeOf(error: unknown, target: string): Failed {
  if (error instanceof Fault) return { kind: 'refused', reason: error.message };
  if (!(error instanceof KubeFailure)) throw error;
  const { status, message: reason, afterMs } = error;
  if (error.mayBeDone) return { kind: 'unknown', reason };
  switch (status) {
    case 0:
    case 408:
    case 409:
    case 410:
    case 429:
      return { kind: 'retry', reason, afterMs };
    case 401:
      return { kind: 'refused', reason: `the API server does not accept our credentials: ${reason}` };
    case 403:
      return { kind: 'refused', reason: forbidden(reason) };
    case 404:
      return { kind: 'unchanged', reason: `${target} is gone` };
    default:
      return status >= 500 ? { kind: 'retry', reason, afterMs } : { kind: 'refused', reason };
  }
}

/** Runs it, and makes what fails an outcome. */
export async function orOutcome(target: string, run: () => Promise<ActionOutcome>): Promise<ActionOutcome> {
  try {
    return await run();
  } catch (error) {
    return outcomeOf(error, target);
  }
}

const LACKS = /cannot (\w+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)")?/;

/** Says what RBAC lacks, where it is RBAC that says no. */
function forbidden(message: string): string {
  const found = LACKS.exec(message);
  if (found === null) return message;
  const [, verb, resource, group = '', namespace] = found;
  const of = group === '' ? '' : ` of \`${group}\``;
  const where = namespace === undefined ? 'the whole cluster' : `namespace \`${namespace}\``;
  return `RBAC lacks \`${verb}\` on \`${resource}\`${of} in ${where}: ${message}`;
}
