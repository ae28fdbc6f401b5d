/** Runs an action as the responder does: finds the target, looks at it, runs; without limits, approvals and records. */

import type { HubAlert } from '@peregrine/alert';
import { type ConfigNode, readTree } from '@peregrine/base';
import type { Action, ActionCall, ActionOutcome, ActionPorts } from '../src/action.ts';
import { variablesOf } from '../src/run/variables.ts';
import type { Inspected } from '../src/targets/target.ts';
import { alertOf } from './alert-of.ts';
import { nodeOf } from './node-of.ts';

export interface RunRequest {
  readonly ports: ActionPorts;
  readonly parameters?: unknown;
  readonly alert?: HubAlert;
  readonly isDryRun?: boolean;
  readonly signal?: AbortSignal;
  readonly context?: Readonly<Record<string, string>>;
  /** Between the look at the target and the run. */
  readonly afterLook?: () => void;
}

export type RunResult = ActionOutcome | Exclude<Inspected, { readonly kind: 'there' }>;

/** The outcome; or what came of looking at the target, where nothing was run. */
export async function runAction(action: Action, request: RunRequest): Promise<RunResult> {
  const { ports, alert = alertOf(), isDryRun = false, context = {} } = request;
  const signal = request.signal ?? new AbortController().signal;
  const parameters = parametersOf(action, request.parameters);
  const found = action.target.find(alert, parameters);
  if (found.kind === 'missing') return { kind: 'refused', reason: found.reason };
  const seen = await action.target.inspect(found.target, ports, signal);
  if (seen.kind !== 'there') return seen;
  request.afterLook?.();
  const call: ActionCall<Readonly<Record<string, unknown>>, unknown> = {
    runId: '00000000-0000-4000-8000-000000000001',
    ...{ alert, ports, signal, context, isDryRun, parameters },
    target: found.target,
    targetUid: seen.facts.uid,
    targetNode: seen.facts.node,
    variables: variablesOf(alert, context),
  };
  return action.run(call);
}

/** As a rules file gives them; throws where they are refused. */
export function parametersOf(action: Action, parameters: unknown = {}): Readonly<Record<string, unknown>> {
  const node: ConfigNode = nodeOf(parameters);
  const { value, diagnostics } = readTree(action.parameters, node);
  if (value === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const refusals = action.refuses(value);
  if (refusals.length > 0) throw new Error(refusals.map(({ key, why }) => `\`${key}\` ${why}`).join('\n'));
  return value;
}

/** Takes back what an outcome says can be. */
export async function undoOf(
  action: Action,
  outcome: RunResult,
  ports: ActionPorts,
  signal: AbortSignal = new AbortController().signal,
): Promise<ActionOutcome> {
  if (outcome.kind !== 'done' || outcome.undo === undefined || action.undo === undefined)
    throw new Error('it cannot be taken back');
  // As it comes back from the disk.
  return action.undo(JSON.parse(JSON.stringify(outcome.undo)), ports, signal);
}
