/** What `level` of labels and annotations means: the pod itself, or the node it runs on. */

import type { Permission } from '../action.ts';
import { type PodTarget, placeOfPod } from '../targets/pod.ts';
import type { ObjectPlace } from './kube-port.ts';
import { nodeForRun } from './node-for-run.ts';

export type Level = 'pod' | 'node';

export type MarkedPlace =
  | { readonly kind: 'place'; readonly place: ObjectPlace; readonly uid: string | undefined }
  | { readonly kind: 'refused'; readonly reason: string };

/** `targetUid` is the pod's. */
export function markedPlace({
  target,
  targetUid,
  targetNode,
  level,
}: {
  readonly target: PodTarget;
  readonly targetUid: string | undefined;
  readonly targetNode: string | undefined;
  readonly level: Level;
}): MarkedPlace {
  if (level === 'node') {
    const found = nodeForRun({ targetNode, targetUid: undefined });
    return found.kind === 'node' ? { ...found, kind: 'place' } : found;
  }
  return { kind: 'place', place: placeOfPod(target), uid: targetUid };
}

export function markPermissions(level: Level): readonly Permission[] {
  const pod = { group: '', resource: 'pods', verbs: level === 'pod' ? ['get', 'patch'] : ['get'] };
  return level === 'pod' ? [pod] : [pod, { group: '', resource: 'nodes', verbs: ['get', 'patch'] }];
}
