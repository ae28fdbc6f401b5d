/** Nodes that take no new pods: set, and taken back only where it is ours. */

import { type JsonObject, textIn } from '@peregrine/base';
import type { ActionOutcome, ActionPorts } from '../action.ts';
import { placeText } from './api-path.ts';
import type { KubePort, ObjectPlace } from './kube-port.ts';
import { objectMeta, specOf } from './object-view.ts';
import { orOutcome } from './outcome-of.ts';
import { patchObject } from './patch-object.ts';
import { decodePlace, encodePlace } from './stored-place.ts';

/** On nodes that we cordoned: the run that did it. Who uncordons a node by hand need not remove it. */
export const CORDONED_BY = 'peregrine/cordoned-by';

export interface CordonRequest {
  readonly place: ObjectPlace;
  readonly uid: string | undefined;
  readonly runId: string;
}

/** `done` also where this run did it before. Rejects with a `KubeFailure`. */
export async function cordonNode(
  kube: KubePort,
  { place, uid, runId }: CordonRequest,
  signal: AbortSignal,
): Promise<ActionOutcome> {
  const text = placeText(place);
  let isOurs = false;
  let ownUid = uid ?? '';
  const patched = await patchObject(
    kube,
    {
      ...{ place, uid },
      patchOf: (node) => {
        const meta = objectMeta(node);
        ownUid = meta.uid;
        isOurs = meta.annotations[CORDONED_BY] === runId;
        if (specOf(node).unschedulable === true) return `${text} takes no new pods already`;
        return { metadata: { annotations: { [CORDONED_BY]: runId } }, spec: { unschedulable: true } };
      },
    },
    signal,
  );
  if (patched.kind === 'unchanged' && !isOurs) return patched;
  return {
    kind: 'done',
    summary: `${text} takes no new pods`,
    changes: [{ object: text, part: 'unschedulable', before: 'false', after: 'true' }],
    undo: { place: encodePlace(place), uid: ownUid, runId },
  };
}

/** Lets the node take pods again, if it was us who said that it must not. */
export function uncordonOurs(
  data: JsonObject,
  ports: ActionPorts,
  signal: AbortSignal,
): Promise<ActionOutcome> {
  const place = decodePlace(data.place);
  const runId = textIn(data.runId);
  if (place === undefined || runId === '')
    return Promise.resolve({ kind: 'refused', reason: 'what was done was not written down' });
  const uid = textIn(data.uid) || undefined;
  return orOutcome(placeText(place), async () =>
    uncordonNode(await ports.kube(), { place, uid, runId }, signal),
  );
}

/** `runId` absent: whoever cordoned it. Rejects with a `KubeFailure`. */
export async function uncordonNode(
  kube: KubePort,
  { place, uid, runId }: Omit<CordonRequest, 'runId'> & { readonly runId: string | undefined },
  signal: AbortSignal,
): Promise<ActionOutcome> {
  const text = placeText(place);
  const patched = await patchObject(
    kube,
    {
      ...{ place, uid },
      patchOf: (node) => {
        if (specOf(node).unschedulable !== true) return `${text} takes new pods already`;
        const by = objectMeta(node).annotations[CORDONED_BY];
        if (runId !== undefined && by !== runId) return `${text} was cordoned by somebody else meanwhile`;
        return { metadata: { annotations: { [CORDONED_BY]: null } }, spec: { unschedulable: null } };
      },
    },
    signal,
  );
  if (patched.kind === 'unchanged') return patched;
  return {
    kind: 'done',
    summary: `${text} takes new pods again`,
    changes: [{ object: text, part: 'unschedulable', before: 'true', after: 'false' }],
  };
}
