/** What `level` of labels and annotations means: the pod itself, or the node it runs on. */

import type { ActionOutcome, Permission } from '../action.ts';
import { type PodTarget, placeOfPod, podText } from '../targets/pod.ts';
import { nodes } from './kinds.ts';
import type { KubePort, ObjectPlace } from './kube-port.ts';
import { objectMeta, podNode } from './object-view.ts';

export type Level = 'pod' | 'node';

export type Marked =
  | { readonly kind: 'place'; readonly place: ObjectPlace; readonly uid: string | undefined }
  | Extract<ActionOutcome, { readonly kind: 'unchanged' | 'refused' }>;

/** Rejects with a `KubeFailure`. */
export async function markedPlace(
  kube: KubePort,
  {
    target,
    targetUid,
    level,
  }: { readonly target: PodTarget; readonly targetUid: string | undefined; readonly level: Level },
  signal: AbortSignal,
): Promise<Marked> {
  const place = placeOfPod(target);
  if (level === 'pod') return { kind: 'place', place, uid: targetUid };
  const pod = await kube.get(place, signal);
  if (pod === undefined || (targetUid !== undefined && objectMeta(pod).uid !== targetUid))
    return { kind: 'unchanged', reason: `${podText(target)} is gone, and so is what told its node` };
  const name = podNode(pod);
  if (name === '') return { kind: 'refused', reason: `${podText(target)} runs on no node yet` };
  return { kind: 'place', place: { kind: nodes, namespace: '', name }, uid: undefined };
}

export function markPermissions(level: Level): readonly Permission[] {
  const pod = { group: '', resource: 'pods', verbs: level === 'pod' ? ['get', 'patch'] : ['get'] };
  return level === 'pod' ? [pod] : [pod, { group: '', resource: 'nodes', verbs: ['get', 'patch'] }];
}
