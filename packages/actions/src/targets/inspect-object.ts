/** Looks at an object of the cluster, for what limits and protections go by. */

import type { JsonObject } from '@peregrine/base';
import type { ActionPorts } from '../action.ts';
import { placeText } from '../kubernetes/api-path.ts';
import type { KubePort, ObjectPlace } from '../kubernetes/kube-port.ts';
import { outcomeOf } from '../kubernetes/outcome-of.ts';
import type { Inspected, TargetFacts } from './target.ts';

export interface InspectContext {
  readonly ports: ActionPorts;
  readonly signal: AbortSignal;
}

export function inspectObject(
  place: ObjectPlace,
  context: InspectContext,
  factsOf: (object: JsonObject) => TargetFacts,
): Promise<Inspected> {
  const text = placeText(place);
  return inspectWith(text, context, async (kube) => {
    const object = await kube.get(place, context.signal);
    return object === undefined
      ? { kind: 'gone', reason: `${text} is gone` }
      : { kind: 'there', facts: factsOf(object) };
  });
}

/** The same for what takes more than one look. */
export async function inspectWith(
  target: string,
  { ports }: InspectContext,
  look: (kube: KubePort) => Promise<Inspected>,
): Promise<Inspected> {
  try {
    return await look(await ports.kube());
  } catch (error) {
    const outcome = outcomeOf(error, target);
    switch (outcome.kind) {
      case 'unchanged':
        return { kind: 'gone', reason: outcome.reason };
      case 'unknown':
        return { kind: 'retry', reason: outcome.reason, afterMs: undefined };
      default:
        return outcome;
    }
  }
}
