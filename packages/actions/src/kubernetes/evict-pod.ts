/** Evictions: deletions that disruption budgets may forbid for now. */

import { placeText } from './api-path.ts';
import { isAnother } from './is-another.ts';
import { KubeFailure, type KubePort, type ObjectPlace } from './kube-port.ts';

export type Evicted =
  | { readonly kind: 'evicted' }
  /** It is not there any more, or another of that name is. */
  | { readonly kind: 'gone' }
  /** A disruption budget forbids it, for now. */
  | { readonly kind: 'blocked'; readonly why: string; readonly afterMs: number | undefined };

/** `graceSeconds` absent: the pod's own. Rejects with a `KubeFailure`. */
export async function evictPod(
  kube: KubePort,
  {
    place,
    uid,
    graceSeconds,
  }: { readonly place: ObjectPlace; readonly uid: string; readonly graceSeconds?: number | undefined },
  signal: AbortSignal,
): Promise<Evicted> {
  const { namespace, name } = place;
  const body = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { namespace, name },
    deleteOptions: {
      preconditions: { uid },
      ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }),
    },
  };
  try {
    await kube.subresource({ place, name: 'eviction', verb: 'create', body }, signal);
    return { kind: 'evicted' };
  } catch (error) {
    if (!(error instanceof KubeFailure)) throw error;
    if (error.status === 404 || (await isAnother(kube, { place, uid, error }, signal)))
      return { kind: 'gone' };
    if (error.status !== 429) throw error;
    const why = `a disruption budget forbids to evict ${placeText(place)} now`;
    return { kind: 'blocked', why, afterMs: error.afterMs };
  }
}
