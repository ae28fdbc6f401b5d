/** One attempt of an action that calls something elsewhere, with the ports that a test gives and no others. */

import type { HubAlert } from '@peregrine/alert';
import { readTree } from '@peregrine/base';
import type { Action, ActionPorts } from '../src/action.ts';
import { noPorts } from './no-ports.ts';
import { nodeOf } from './node-of.ts';
import { type RunResult, runAction } from './run-action.ts';

export interface AttemptFacts {
  readonly alert?: HubAlert;
  readonly ports?: Partial<ActionPorts>;
  readonly signal?: AbortSignal;
  readonly context?: Readonly<Record<string, string>>;
  readonly isDryRun?: boolean;
}

/** Of each attempt. */
export const RUN_ID = '00000000-0000-4000-8000-000000000001';

/** What schema and action say is wrong with parameters. */
export function problemsOf(action: Action, parameters: unknown): readonly string[] {
  const { value, diagnostics } = readTree(action.parameters, nodeOf(parameters));
  if (value === undefined) return diagnostics.map(({ message }) => message);
  return action.refuses(value).map(({ key, why }) => `\`${key}\` ${why}`);
}

/** Throws where the parameters cannot be used. */
export async function callRemote(
  action: Action,
  parameters: unknown,
  { ports, ...facts }: AttemptFacts = {},
): Promise<RunResult> {
  return runAction(action, { ...facts, parameters, ports: { ...noPorts, ...ports } });
}
