/** The node that was looked at, for actions on nodes; the pod that told it may be gone since. */

import type { Permission } from '../action.ts';
import { nodes } from './kinds.ts';
import type { ObjectPlace } from './kube-port.ts';

export type NodeForRun =
  | { readonly kind: 'node'; readonly place: ObjectPlace; readonly uid: string | undefined }
  | { readonly kind: 'refused'; readonly reason: string };

/** `targetUid`: of the node, or `undefined` for whichever has the name. */
export function nodeForRun({
  targetNode,
  targetUid,
}: {
  readonly targetNode: string | undefined;
  readonly targetUid: string | undefined;
}): NodeForRun {
  if (targetNode === undefined) return { kind: 'refused', reason: 'the pod runs on no node yet' };
  return { kind: 'node', place: { kind: nodes, namespace: '', name: targetNode }, uid: targetUid };
}

/** To find the node, look at it and change it. */
export const nodePermissions: readonly Permission[] = [
  { group: '', resource: 'pods', verbs: ['get'] },
  { group: '', resource: 'nodes', verbs: ['get', 'patch'] },
];
