/** Whether a conflict means that another object has the name now: the server compares the uid, and may have other reasons. */

import { KubeFailure, type KubePort, type ObjectPlace } from './kube-port.ts';
import { objectMeta } from './object-view.ts';

/** Rejects with a `KubeFailure` where it cannot be looked at. */
export async function isAnother(
  kube: KubePort,
  { place, uid, error }: { readonly place: ObjectPlace; readonly uid: string; readonly error: unknown },
  signal: AbortSignal,
): Promise<boolean> {
  if (!(error instanceof KubeFailure) || error.status !== 409) return false;
  if (/precondition/i.test(error.message)) return true;
  const now = await kube.get(place, signal);
  return now === undefined || objectMeta(now).uid !== uid;
}
