/** How host actions ask what acts on this machine: for alerts of this machine only. */

import type { JsonObject } from '@peregrine/base';
import type { ActionOutcome, ActionPorts } from '../action.ts';
import type { Inspected } from '../targets/target.ts';

export interface HandsQuestion {
  readonly ports: ActionPorts;
  /** Where the alert came from. */
  readonly hostname: string;
  readonly deed: string;
  readonly data: JsonObject;
  readonly isDryRun: boolean;
  readonly signal: AbortSignal;
}

export async function askHands(question: HandsQuestion): Promise<ActionOutcome> {
  const { ports, hostname, deed, data, isDryRun, signal } = question;
  let hands: Awaited<ReturnType<ActionPorts['hands']>>;
  try {
    hands = await ports.hands();
  } catch (error) {
    return { kind: 'refused', reason: error instanceof Error ? error.message : String(error) };
  }
  if (hostname !== hands.hostname)
    return {
      kind: 'refused',
      reason: `the alert is of \`${hostname}\`, and this program acts on \`${hands.hostname}\` alone; run one there with the same rule`,
    };
  return hands.ask({ deed, data, isDryRun }, signal);
}

/** A look's outcome, as targets tell it. */
export async function inspectThrough(question: Omit<HandsQuestion, 'isDryRun'>): Promise<Inspected> {
  const outcome = await askHands({ ...question, isDryRun: true });
  switch (outcome.kind) {
    case 'done': {
      const uid = outcome.results?.uid;
      return { kind: 'there', facts: typeof uid === 'string' ? { uid } : {} };
    }
    case 'unchanged':
      return { kind: 'gone', reason: outcome.reason };
    case 'refused':
      return outcome;
    case 'retry':
      return outcome;
    case 'unknown':
      return { kind: 'retry', reason: outcome.reason, afterMs: undefined };
  }
}

/** What is taken back is of this machine: the ledger is, too. */
export async function undoThrough({
  ports,
  ...request
}: Omit<HandsQuestion, 'hostname' | 'isDryRun'>): Promise<ActionOutcome> {
  const hands = await ports
    .hands()
    .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  if (typeof hands === 'string') return { kind: 'refused', reason: hands };
  return askHands({ ...request, ports, hostname: hands.hostname, isDryRun: false });
}
