/** Objects of a small cluster, for tests. */

import type { JsonObject } from '@peregrine/base';
import * as kinds from '../src/kubernetes/kinds.ts';
import type { ObjectPlace } from '../src/kubernetes/kube-port.ts';
import type { FakeKube } from './fake-kube.ts';

export const alpine: ObjectPlace = { kind: kinds.pods, namespace: 'default', name: 'alpine' };
export const worker: ObjectPlace = { kind: kinds.nodes, namespace: '', name: 'worker-1' };

export interface PodParts {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly node?: string;
  readonly containers?: readonly string[];
  readonly owner?: { readonly kind: string; readonly name: string; readonly apiVersion?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

export function podOf(name: string, parts: PodParts = {}): JsonObject {
  const { namespace = 'default', labels = { app: name }, node = 'worker-1', owner, annotations = {} } = parts;
  return {
    metadata: {
      ...{ name, namespace, labels, annotations },
      ...(owner === undefined
        ? {}
        : {
            ownerReferences: [
              { apiVersion: 'apps/v1', uid: `uid-of-${owner.name}`, controller: true, ...owner },
            ],
          }),
    },
    spec: {
      nodeName: node,
      containers: (parts.containers ?? ['main']).map((container) => ({ name: container, image: 'alpine' })),
    },
    status: { phase: 'Running' },
  };
}

/** A node, and on it a pod by itself. */
export function putAlpine(kube: FakeKube, parts: PodParts = {}): JsonObject {
  kube.put(kinds.nodes, { metadata: { name: 'worker-1', labels: { zone: 'a' } }, spec: {} });
  return kube.put(kinds.pods, podOf('alpine', parts));
}
