/** What actions read of objects of the API; what an object does not say is empty. */

import { type JsonObject, listIn, objectIn, textIn } from '@peregrine/base';

export interface OwnerRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** The one that made it and looks after it. */
  readonly controller: OwnerRef | undefined;
}

export function objectMeta(object: JsonObject): ObjectMeta {
  const metadata = objectIn(object.metadata) ?? {};
  const owner = listIn(metadata.ownerReferences)
    .map(objectIn)
    .find((reference) => reference?.controller === true);
  return {
    name: textIn(metadata.name),
    namespace: textIn(metadata.namespace),
    uid: textIn(metadata.uid),
    resourceVersion: textIn(metadata.resourceVersion),
    labels: textsIn(metadata.labels),
    annotations: textsIn(metadata.annotations),
    controller: owner && {
      apiVersion: textIn(owner.apiVersion),
      kind: textIn(owner.kind),
      name: textIn(owner.name),
      uid: textIn(owner.uid),
    },
  };
}

/** A map of texts; values of other types are left out. */
export function textsIn(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(objectIn(value) ?? {});
  return Object.fromEntries(
    entries.flatMap(([name, text]) => (typeof text === 'string' ? [[name, text]] : [])),
  );
}

export function specOf(object: JsonObject): JsonObject {
  return objectIn(object.spec) ?? {};
}

export function statusOf(object: JsonObject): JsonObject {
  return objectIn(object.status) ?? {};
}

/** Where a pod runs; empty while it waits for a node. */
export function podNode(pod: JsonObject): string {
  return textIn(specOf(pod).nodeName);
}

/** Names of the containers of a pod, in their order; neither those that prepare it nor those for debugging. */
export function containersOf(pod: JsonObject): readonly string[] {
  return listIn(specOf(pod).containers)
    .map((container) => textIn(objectIn(container)?.name))
    .filter((name) => name !== '');
}
