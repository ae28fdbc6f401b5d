/** Which pods `terminate`, `evict` and `drain` leave alone, by what owns them. */

import { flag, type JsonObject } from '@peregrine/base';
import type { Permission } from '../action.ts';
import { type MinHealthy, minHealthyKey, tooFewReady } from './healthy-replicas.ts';
import { daemonSets, groupOf, replicaSets, replicationControllers, statefulSets } from './kinds.ts';
import type { KubeKind, KubePort } from './kube-port.ts';
import { objectMeta } from './object-view.ts';
import { kindOfOwner } from './workload-of.ts';

export interface PodGuards {
  readonly ignore_daemonsets: boolean;
  readonly ignore_statefulsets: boolean;
  readonly ignore_standalone_pods: boolean;
  readonly min_healthy_replicas: MinHealthy;
}

export const guardKeys = {
  ignore_daemonsets: flag({ default: false, doc: 'Leave pods of DaemonSets alone.' }),
  ignore_statefulsets: flag({ default: false, doc: 'Leave pods of StatefulSets alone.' }),
  ignore_standalone_pods: flag({ default: false, doc: 'Leave pods alone that nothing would make anew.' }),
  min_healthy_replicas: minHealthyKey(),
};

/** Those whose `status` counts what is ready. */
const counted: readonly KubeKind[] = [replicaSets, statefulSets, replicationControllers];

export function hasGuards(guards: PodGuards): boolean {
  return (
    guards.ignore_daemonsets ||
    guards.ignore_statefulsets ||
    guards.ignore_standalone_pods ||
    guards.min_healthy_replicas.kind !== 'none'
  );
}

/** Why the pod is left alone; `undefined`: it is not. Rejects with a `KubeFailure`. */
export async function guardOf(
  kube: KubePort,
  pod: JsonObject,
  guards: PodGuards,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { controller, namespace } = objectMeta(pod);
  if (controller === undefined)
    return guards.ignore_standalone_pods ? 'it is a pod by itself: `ignore_standalone_pods`' : undefined;
  const kind = kindOfOwner(controller);
  if (kind === daemonSets && guards.ignore_daemonsets)
    return `it is of DaemonSet \`${controller.name}\`: \`ignore_daemonsets\``;
  if (kind === statefulSets && guards.ignore_statefulsets)
    return `it is of StatefulSet \`${controller.name}\`: \`ignore_statefulsets\``;
  if (guards.min_healthy_replicas.kind === 'none' || kind === undefined || !counted.includes(kind))
    return undefined;
  const workload = await kube.get({ kind, namespace, name: controller.name }, signal);
  if (workload === undefined) return undefined;
  const why = tooFewReady(workload, guards.min_healthy_replicas);
  return why === undefined ? undefined : `${why}: \`min_healthy_replicas\``;
}

export function guardPermissions({ min_healthy_replicas }: PodGuards): readonly Permission[] {
  if (min_healthy_replicas.kind === 'none') return [];
  return counted.map((kind) => ({ group: groupOf(kind), resource: kind.resource, verbs: ['get'] }));
}
