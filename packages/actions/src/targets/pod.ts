/** The pod that the alert came from. */

import type { HubAlert } from '@peregrine/alert';
import { pods } from '../kubernetes/kinds.ts';
import type { ObjectPlace } from '../kubernetes/kube-port.ts';
import { objectMeta, podNode } from '../kubernetes/object-view.ts';
import { inspectObject } from './inspect-object.ts';
import { firstField, isNamespaceName, isObjectName, shownName } from './names.ts';
import type { Found, TargetKind } from './target.ts';

export interface PodTarget {
  readonly namespace: string;
  readonly name: string;
}

/** COMPAT: Talon's, in its order; `ka.target.name` only where it is a pod's. */
const nameFields = ['k8s.pod.name', 'ka.target.pod.name'];
const namespaceFields = ['k8s.ns.name', 'ka.target.namespace'];

export const podFields: readonly string[] = [
  ...nameFields,
  ...['ka.target.name', 'ka.target.resource'],
  ...namespaceFields,
];

export function findPod(alert: HubAlert): Found<PodTarget> {
  const isOfPods = firstField(alert, ['ka.target.resource']) === 'pods';
  const name = firstField(alert, isOfPods ? [...nameFields, 'ka.target.name'] : nameFields);
  const namespace = firstField(alert, namespaceFields);
  if (name === '' || namespace === '') {
    const what = name === '' ? 'pod' : 'namespace';
    const wanted = name === '' ? '`k8s.pod.name`' : '`k8s.ns.name`';
    return {
      kind: 'missing',
      reason: `the alert names no ${what}: its rule would have to put ${wanted} in its output`,
    };
  }
  if (!isObjectName(name)) return { kind: 'missing', reason: `${shownName(name)} is no name of a pod` };
  if (!isNamespaceName(namespace))
    return { kind: 'missing', reason: `${shownName(namespace)} is no name of a namespace` };
  return { kind: 'found', target: { namespace, name } };
}

export function placeOfPod({ namespace, name }: PodTarget): ObjectPlace {
  return { kind: pods, namespace, name };
}

/** `pod default/alpine`. */
export function podText({ namespace, name }: PodTarget): string {
  return `pod ${namespace}/${name}`;
}

export const podTarget: TargetKind<PodTarget> = {
  name: 'pod',
  doc: 'The pod that the alert came from.',
  fields: podFields,
  find: findPod,
  keyOf: podText,
  factsOf: ({ namespace }) => ({ namespace }),
  inspect: (target, ports, signal) =>
    inspectObject(placeOfPod(target), { ports, signal }, (pod) => {
      const { uid, labels } = objectMeta(pod);
      const node = podNode(pod);
      return { namespace: target.namespace, uid, labels, ...(node === '' ? {} : { node }) };
    }),
};
