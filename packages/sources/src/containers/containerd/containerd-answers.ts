/** Answers of containerd's own services: the numbers are those of their definitions. */

import { type JsonObject, parseObject } from '@peregrine/base';
import { WireMessage } from '../grpc/wire-message.ts';

export interface ContainerdAnswer {
  readonly id: string;
  readonly image: string;
  readonly labels: readonly (readonly [string, string])[];
  /** What the runtime was told to run: an OCI specification, empty where it is none. */
  readonly spec: JsonObject;
}

export function decodeNamespaces(bytes: Uint8Array): readonly string[] {
  return new WireMessage(bytes).messages(1).map((namespace) => namespace.text(1));
}

/** `undefined` when the answer has no container. */
export function decodeContainerd(bytes: Uint8Array): ContainerdAnswer | undefined {
  const container = new WireMessage(bytes).message(1);
  if (container === undefined) return undefined;
  return {
    id: container.text(1),
    image: container.text(3),
    labels: container.entries(2),
    spec: parseObject(container.message(5)?.text(2) ?? '') ?? {},
  };
}

/** Digest of what the image's name stands for. */
export function decodeImageDigest(bytes: Uint8Array): string {
  return new WireMessage(bytes).message(1)?.message(3)?.text(2) ?? '';
}
