/** The workload that the pod of the alert belongs to: its Deployment, StatefulSet, DaemonSet. */

import { objectMeta, podNode } from '../kubernetes/object-view.ts';
import { workloadOf } from '../kubernetes/workload-of.ts';
import { inspectWith } from './inspect-object.ts';
import { findPod, type PodTarget, placeOfPod, podFields, podText } from './pod.ts';
import type { TargetKind } from './target.ts';

export const workloadTarget: TargetKind<PodTarget> = {
  name: 'workload of the pod',
  doc: 'The Deployment, StatefulSet, DaemonSet, ReplicaSet or ReplicationController that the pod belongs to that the alert came from.',
  fields: podFields,
  find: findPod,
  keyOf: (target) => `workload of ${podText(target)}`,
  factsOf: ({ namespace }) => ({ namespace }),
  inspect: (target, ports, signal) =>
    inspectWith(podText(target), { ports, signal }, async (kube) => {
      const pod = await kube.get(placeOfPod(target), signal);
      if (pod === undefined) return { kind: 'gone', reason: `${podText(target)} is gone` };
      const found = await workloadOf(kube, pod, signal);
      if (found.kind === 'none') return { kind: 'refused', reason: `${podText(target)} ${found.why}` };
      const node = podNode(pod);
      const { uid, labels } = objectMeta(found.object);
      // A protected label of either protects both.
      const facts = { namespace: target.namespace, uid, labels: { ...labels, ...objectMeta(pod).labels } };
      return { kind: 'there', facts: { ...facts, ...(node === '' ? {} : { node }) } };
    }),
};
