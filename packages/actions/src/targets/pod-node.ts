/** The node on which the pod of the alert runs. */

import { nodes } from '../kubernetes/kinds.ts';
import { objectMeta, podNode } from '../kubernetes/object-view.ts';
import { inspectWith } from './inspect-object.ts';
import { findPod, type PodTarget, placeOfPod, podFields, podText } from './pod.ts';
import type { TargetKind } from './target.ts';

export const podNodeTarget: TargetKind<PodTarget> = {
  name: 'node of the pod',
  doc: 'The node on which the pod runs that the alert came from.',
  fields: podFields,
  find: findPod,
  keyOf: (target) => `node of ${podText(target)}`,
  factsOf: ({ namespace }) => ({ namespace }),
  inspect: (target, ports, signal) =>
    inspectWith(podText(target), { ports, signal }, async (kube) => {
      const pod = await kube.get(placeOfPod(target), signal);
      if (pod === undefined)
        return { kind: 'gone', reason: `${podText(target)} is gone, and so is what told its node` };
      const name = podNode(pod);
      if (name === '') return { kind: 'refused', reason: `${podText(target)} runs on no node yet` };
      const node = await kube.get({ kind: nodes, namespace: '', name }, signal);
      if (node === undefined) return { kind: 'gone', reason: `node ${name} is gone` };
      const { uid, labels } = objectMeta(node);
      const facts = { namespace: target.namespace, node: name, uid, labels };
      return { kind: 'there', facts };
    }),
};
