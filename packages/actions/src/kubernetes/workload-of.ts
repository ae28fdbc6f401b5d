/** What a pod belongs to, up to what a user made. */

import { type JsonObject, objectIn } from '@peregrine/base';
import type { ActionOutcome } from '../action.ts';
import { type PodTarget, placeOfPod, podText } from '../targets/pod.ts';
import {
  daemonSets,
  deployments,
  groupOf,
  replicaSets,
  replicationControllers,
  statefulSets,
} from './kinds.ts';
import type { KubeKind, KubePort, ObjectPlace } from './kube-port.ts';
import { type OwnerRef, objectMeta, specOf } from './object-view.ts';

export const workloadKinds: readonly KubeKind[] = [
  ...[deployments, statefulSets, daemonSets, replicaSets, replicationControllers],
];

export interface Workload {
  readonly kind: 'workload';
  readonly place: ObjectPlace;
  readonly object: JsonObject;
}

/** `why` follows the name of the pod: `is a pod by itself`. */
export type FoundWorkload = Workload | { readonly kind: 'none'; readonly why: string };

/** The kind of an owner; `undefined` where it is none that we know, whatever it is called. */
export function kindOfOwner({ kind, apiVersion }: OwnerRef): KubeKind | undefined {
  return workloadKinds.find(
    (candidate) => candidate.kind === kind && groupOf(candidate) === groupOf({ apiVersion }),
  );
}

/** Rejects with a `KubeFailure`. */
export async function workloadOf(
  kube: KubePort,
  pod: JsonObject,
  signal: AbortSignal,
): Promise<FoundWorkload> {
  const { controller, namespace } = objectMeta(pod);
  if (controller === undefined) return { kind: 'none', why: 'is a pod by itself' };
  const first = await ownerOf(kube, controller, namespace, signal);
  if (first.kind === 'none' || first.place.kind !== replicaSets) return first;
  const above = objectMeta(first.object).controller;
  return above === undefined ? first : ownerOf(kube, above, namespace, signal);
}

async function ownerOf(
  kube: KubePort,
  owner: OwnerRef,
  namespace: string,
  signal: AbortSignal,
): Promise<FoundWorkload> {
  const kind = kindOfOwner(owner);
  if (kind === undefined) return { kind: 'none', why: `belongs to a ${owner.kind}, which is left alone` };
  const place = { kind, namespace, name: owner.name };
  const object = await kube.get(place, signal);
  return object === undefined
    ? { kind: 'none', why: `belongs to a ${owner.kind} that is gone` }
    : { kind: 'workload', place, object };
}

/** The workload of a pod that is named, if it is still the one with that uid. Rejects with a `KubeFailure`. */
export async function workloadOfTarget(
  kube: KubePort,
  target: PodTarget,
  uid: string | undefined,
  signal: AbortSignal,
): Promise<Workload | Extract<ActionOutcome, { readonly kind: 'unchanged' | 'refused' }>> {
  const text = podText(target);
  const pod = await kube.get(placeOfPod(target), signal);
  if (pod === undefined) return { kind: 'unchanged', reason: `${text} is gone` };
  const found = await workloadOf(kube, pod, signal);
  if (found.kind === 'none') return { kind: 'refused', reason: `${text} ${found.why}` };
  return uid === undefined || objectMeta(found.object).uid === uid
    ? found
    : { kind: 'unchanged', reason: `the workload of ${text} is gone, and another is there` };
}

/** `metadata` of the pods that a workload makes. */
export function templateOf(workload: JsonObject): JsonObject {
  return objectIn(objectIn(specOf(workload).template)?.metadata) ?? {};
}
