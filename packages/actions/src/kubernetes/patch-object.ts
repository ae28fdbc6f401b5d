/** Changes an object only as it was read: whoever changes it meanwhile is not overwritten, but looked at again. */

import { type JsonObject, objectIn } from '@peregrine/base';
import { placeText } from './api-path.ts';
import { KubeFailure, type KubePort, type ObjectPlace } from './kube-port.ts';
import { objectMeta } from './object-view.ts';

/** Others may be faster this often; then the failure is told. */
const MOST_TRIES = 5;

export type Patched =
  | { readonly kind: 'patched'; readonly before: JsonObject }
  | { readonly kind: 'unchanged'; readonly reason: string };

export interface PatchRequest {
  readonly place: ObjectPlace;
  /** Another object of that name is left alone; absent: whichever is there. */
  readonly uid: string | undefined;
  /** Read and changed instead of the object itself: `scale`. */
  readonly subresource?: string;
  /** A merge patch, or why there is nothing to do. */
  readonly patchOf: (object: JsonObject) => JsonObject | string;
}

/** Rejects with a `KubeFailure`. */
export async function patchObject(
  kube: KubePort,
  { place, uid, subresource: name, patchOf }: PatchRequest,
  signal: AbortSignal,
): Promise<Patched> {
  const text = placeText(place);
  const read = (): Promise<JsonObject | undefined> =>
    name === undefined ? kube.get(place, signal) : kube.subresource({ place, name, verb: 'get' }, signal);
  const write = (body: JsonObject): Promise<JsonObject> =>
    name === undefined
      ? kube.patch(place, { type: 'merge', body }, signal)
      : kube.subresource({ place, name, verb: 'patch', body, patchType: 'merge' }, signal);
  for (let count = 1; ; count++) {
    const object = await read();
    if (object === undefined) return { kind: 'unchanged', reason: `${text} is gone` };
    const meta = objectMeta(object);
    if (uid !== undefined && uid !== meta.uid)
      return { kind: 'unchanged', reason: `${text} is gone, and another of that name is there` };
    const patch = patchOf(object);
    if (typeof patch === 'string') return { kind: 'unchanged', reason: patch };
    const metadata = { ...objectIn(patch.metadata), resourceVersion: meta.resourceVersion };
    try {
      await write({ ...patch, metadata });
      return { kind: 'patched', before: object };
    } catch (error) {
      const isFaster = error instanceof KubeFailure && error.status === 409 && !error.mayBeDone;
      if (!isFaster || count >= MOST_TRIES) throw error;
    }
  }
}
