/** Network policies of whatever kind: written, and put back. Policies that are not ours are left alone. */

import { isDeepStrictEqual } from 'node:util';
import { type JsonObject, objectIn, textIn } from '@peregrine/base';
import type { ActionOutcome, ActionPorts } from '../action.ts';
import { placeText } from './api-path.ts';
import { KubeFailure, type KubePort, type ObjectPlace } from './kube-port.ts';
import { objectMeta, specOf } from './object-view.ts';
import { orOutcome } from './outcome-of.ts';
import { decodePlace, encodePlace } from './stored-place.ts';

const MOST_TRIES = 5;
/** COMPAT: Talon's label, and its value on what Talon made, which may be changed, too. */
const MANAGED_BY = 'app.k8s.io/managed-by';
const ours = 'peregrine';
const managers: readonly (string | undefined)[] = [ours, 'falco-talon'];

export interface PolicyRequest {
  readonly place: ObjectPlace;
  /** From the one that is there, if there is one; a text: why it cannot be. */
  readonly specOf: (former: JsonObject | undefined) => JsonObject | string;
  /** What the policy does, for people: `denies all egress of app=alpine`. */
  readonly effect: string;
}

/** Rejects with a `KubeFailure`. */
export async function writePolicy(
  kube: KubePort,
  request: PolicyRequest,
  signal: AbortSignal,
): Promise<ActionOutcome> {
  for (let count = 1; ; count++) {
    try {
      return await writeOnce(kube, request, signal);
    } catch (error) {
      // Somebody was faster, with the same policy or with a change of it.
      const isFaster = error instanceof KubeFailure && error.status === 409 && !error.mayBeDone;
      if (!isFaster || count >= MOST_TRIES) throw error;
    }
  }
}

async function writeOnce(
  kube: KubePort,
  { place, specOf: specFrom, effect }: PolicyRequest,
  signal: AbortSignal,
): Promise<ActionOutcome> {
  const text = placeText(place);
  const former = await kube.get(place, signal);
  if (former !== undefined && !managers.includes(objectMeta(former).labels[MANAGED_BY]))
    return { kind: 'refused', reason: `${text} was made by somebody else, and is left as it is` };
  const spec = specFrom(former && specOf(former));
  if (typeof spec === 'string') return { kind: 'refused', reason: spec };
  if (former !== undefined && isDeepStrictEqual(specOf(former), spec))
    return { kind: 'unchanged', reason: `${text} ${effect} already` };
  const { name, namespace } = place;
  const written =
    former === undefined
      ? await kube.create(
          place,
          {
            apiVersion: place.kind.apiVersion,
            kind: place.kind.kind,
            metadata: { name, namespace, labels: { [MANAGED_BY]: ours } },
            spec,
          },
          signal,
        )
      : await kube.replace(place, { ...former, spec }, signal);
  return {
    kind: 'done',
    summary: `${former === undefined ? 'made' : 'changed'} ${text}, which ${effect}`,
    changes: [
      {
        object: text,
        ...(former === undefined ? {} : { before: JSON.stringify(specOf(former)) }),
        after: JSON.stringify(spec),
      },
    ],
    undo: {
      place: encodePlace(place),
      uid: objectMeta(written).uid,
      // As the server has it, with what it filled in.
      written: specOf(written),
      former: former === undefined ? null : specOf(former),
    },
  };
}

/** Removes the policy, or puts back what it said before; not where somebody changed it meanwhile. */
export function restorePolicy(
  data: JsonObject,
  ports: ActionPorts,
  signal: AbortSignal,
): Promise<ActionOutcome> {
  const place = decodePlace(data.place);
  const written = objectIn(data.written);
  if (place === undefined || written === undefined)
    return Promise.resolve({ kind: 'refused', reason: 'what it was before was not written down' });
  const text = placeText(place);
  return orOutcome(text, async () => {
    const kube = await ports.kube();
    const present = await kube.get(place, signal);
    const uid = textIn(data.uid);
    if (present === undefined || objectMeta(present).uid !== uid)
      return { kind: 'unchanged', reason: `${text} is gone` };
    if (!isDeepStrictEqual(specOf(present), written))
      return { kind: 'unchanged', reason: `somebody else changed ${text} meanwhile` };
    const former = objectIn(data.former);
    // Where it is changed between looking and doing, the server says 409, and it is looked at again.
    if (former !== undefined) await kube.replace(place, { ...present, spec: former }, signal);
    else await kube.delete(place, { uid }, signal);
    return { kind: 'done', summary: former === undefined ? `removed ${text}` : `put ${text} back as it was` };
  });
}
