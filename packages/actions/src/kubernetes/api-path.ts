/** Paths of the Kubernetes API. */

import { groupOf } from './kinds.ts';
import { KubeFailure, type KubeKind, type ObjectPlace } from './kube-port.ts';

/** Where objects of a kind are listed and created. An empty namespace: all of them. */
export function collectionPath(kind: KubeKind, namespace: string): string {
  const root = groupOf(kind) === '' ? `/api/${kind.apiVersion}` : `/apis/${kind.apiVersion}`;
  const folder = kind.isNamespaced && namespace !== '' ? `/namespaces/${segment(namespace)}` : '';
  return `${root}${folder}/${kind.resource}`;
}

/** Where one object is. */
export function objectPath({ kind, namespace, name }: ObjectPlace): string {
  if (kind.isNamespaced && namespace === '') throw badName(namespace);
  return `${collectionPath(kind, namespace)}/${segment(name)}`;
}

/** For people, and as keys: `pod default/alpine`, `node worker-1`. */
export function placeText({ kind, namespace, name }: ObjectPlace): string {
  const word = kind.kind.toLowerCase();
  return kind.isNamespaced ? `${word} ${namespace}/${name}` : `${word} ${name}`;
}

/**
 * INVARIANT: no name reaches another object's path. Names come from alerts, and so from whoever wrote these; targets refuse
 * what is no name, and here is the last look.
 */
function segment(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/%?#\s]/.test(name)) throw badName(name);
  return encodeURIComponent(name);
}

function badName(name: string): KubeFailure {
  const message = `\`${name}\` is no name that an object can have`;
  return new KubeFailure(message, { status: 400, reason: 'BadRequest', mayBeDone: false });
}
