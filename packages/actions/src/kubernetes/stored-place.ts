/** Places of objects in what undo needs, which is kept as JSON. */

import { type JsonObject, objectIn, textIn } from '@peregrine/base';
import type { ObjectPlace } from './kube-port.ts';

export function encodePlace({ kind, namespace, name }: ObjectPlace): JsonObject {
  return { ...kind, namespace, name };
}

/** `undefined` where it is none, as after another version of this program wrote it. */
export function decodePlace(value: unknown): ObjectPlace | undefined {
  const data = objectIn(value) ?? {};
  const [apiVersion, kind, resource] = [textIn(data.apiVersion), textIn(data.kind), textIn(data.resource)];
  const name = textIn(data.name);
  if ([apiVersion, kind, resource, name].includes('') || typeof data.isNamespaced !== 'boolean')
    return undefined;
  return {
    kind: { apiVersion, kind, resource, isNamespaced: data.isNamespaced },
    namespace: textIn(data.namespace),
    name,
  };
}
