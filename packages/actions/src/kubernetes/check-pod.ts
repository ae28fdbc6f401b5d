/** Whether a pod is the one that was looked at, and may be taken away. */

import { type PodTarget, placeOfPod, podText } from '../targets/pod.ts';
import type { KubePort } from './kube-port.ts';
import { objectMeta } from './object-view.ts';
import { guardOf, hasGuards, type PodGuards } from './pod-guards.ts';

interface Wanted {
  readonly target: PodTarget;
  readonly targetUid: string | undefined;
  readonly guards: PodGuards;
}

/** Looks again only where the parameters ask for more than is known. */
export async function checkPod(
  kube: KubePort,
  { target, targetUid, guards }: Wanted,
  signal: AbortSignal,
): Promise<
  { readonly kind: 'uid'; readonly uid: string } | { readonly kind: 'unchanged'; readonly reason: string }
> {
  if (targetUid !== undefined && !hasGuards(guards)) return { kind: 'uid', uid: targetUid };
  const text = podText(target);
  const pod = await kube.get(placeOfPod(target), signal);
  if (pod === undefined) return { kind: 'unchanged', reason: `${text} is gone` };
  const { uid } = objectMeta(pod);
  if (targetUid !== undefined && uid !== targetUid) return replaced(text);
  const why = await guardOf(kube, pod, guards, signal);
  return why === undefined
    ? { kind: 'uid', uid }
    : { kind: 'unchanged', reason: `${text} is left alone: ${why}` };
}

/** Another pod has the name now. */
export function replaced(text: string): { readonly kind: 'unchanged'; readonly reason: string } {
  return { kind: 'unchanged', reason: `${text} is gone, and another of that name is there` };
}
