/** Numbers of replicas: set, and put back. */

import { type JsonObject, textIn } from '@peregrine/base';
import type { ActionOutcome, ActionPorts } from '../action.ts';
import { placeText } from './api-path.ts';
import type { KubePort, ObjectPlace } from './kube-port.ts';
import { objectMeta, specOf } from './object-view.ts';
import { orOutcome } from './outcome-of.ts';
import { patchObject } from './patch-object.ts';
import { decodePlace, encodePlace } from './stored-place.ts';

interface ScaleRequest {
  readonly place: ObjectPlace;
  readonly uid: string | undefined;
  readonly replicas: number;
}

/** Rejects with a `KubeFailure`. */
export async function setScale(
  kube: KubePort,
  { place, uid, replicas }: ScaleRequest,
  signal: AbortSignal,
): Promise<ActionOutcome> {
  const text = placeText(place);
  let before = 0;
  let ownUid = '';
  const patched = await patchObject(
    kube,
    {
      ...{ place, uid, subresource: 'scale' },
      patchOf: (object) => {
        before = replicasOf(object);
        ownUid = objectMeta(object).uid;
        return before === replicas ? `${text} has ${replicas} replicas already` : { spec: { replicas } };
      },
    },
    signal,
  );
  if (patched.kind === 'unchanged') return patched;
  return {
    kind: 'done',
    summary: `${text} has ${replicas} replicas, instead of ${before}`,
    changes: [{ object: text, part: 'replicas', before: String(before), after: String(replicas) }],
    undo: { place: encodePlace(place), uid: ownUid, before, after: replicas },
    results: { replicas_before: before },
  };
}

export function restoreScale(
  data: JsonObject,
  ports: ActionPorts,
  signal: AbortSignal,
): Promise<ActionOutcome> {
  const place = decodePlace(data.place);
  const { before, after } = data;
  if (place === undefined || typeof before !== 'number' || typeof after !== 'number')
    return Promise.resolve({ kind: 'refused', reason: 'how many it had before was not written down' });
  const text = placeText(place);
  return orOutcome(text, async () => {
    const patchOf = (object: JsonObject): JsonObject | string => {
      const present = replicasOf(object);
      return present === after
        ? { spec: { replicas: before } }
        : `somebody else gave ${text} ${present} replicas meanwhile`;
    };
    const uid = textIn(data.uid) || undefined;
    const request = { place, uid, subresource: 'scale', patchOf };
    const patched = await patchObject(await ports.kube(), request, signal);
    if (patched.kind === 'unchanged') return patched;
    return { kind: 'done', summary: `${text} has ${before} replicas again` };
  });
}

/** COMPAT: absent in the API's JSON where it is 0 in a scale. */
function replicasOf(scale: JsonObject): number {
  const { replicas } = specOf(scale);
  return typeof replicas === 'number' ? replicas : 0;
}
