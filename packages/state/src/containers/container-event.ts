/**
 * Containers as events tell of them: the JSON that a recorder's container plugin writes. Anything in it may be absent
 * or of another type; such members count as empty, and only a document without an id is refused.
 */

import {
  fromByteText,
  type JsonObject,
  listIn,
  objectIn,
  parseObject,
  textIn,
  toByteText,
} from '@peregrine/base';
import type { Container, ContainerMetadata, ContainerMount, ContainerProbe } from '../tables.ts';
import { SHORT_ID_LENGTH } from './family.ts';

/** Names of asynchronous events that tell of containers. */
export const containerEventName = { added: 'container', removed: 'container_removed' } as const;

/** Names by the number that a document carries. */
export const typeNames: Readonly<Record<number, string>> = {
  0: 'docker',
  1: 'lxc',
  2: 'libvirt-lxc',
  3: 'mesos',
  4: 'rkt',
  5: 'custom',
  6: 'cri',
  7: 'containerd',
  8: 'cri-o',
  9: 'bpm',
  10: 'static',
  11: 'podman',
};

/** `undefined` when the text is no JSON, or names no container. `text` is byte text. */
export function decodeContainerEvent(text: string): Container | undefined {
  const json = parseObject(fromByteText(text));
  const container = json === undefined ? undefined : (objectIn(json.container) ?? json);
  if (container === undefined) return undefined;
  const id = textOf(container.id);
  if (id === '') return undefined;
  return {
    id: /^[0-9a-f]{64}$/i.test(id) ? id.slice(0, SHORT_ID_LENGTH) : id,
    fullId: textOf(container.full_id) || id,
    type: typeof container.type === 'number' ? (typeNames[container.type] ?? '') : textOf(container.type),
    startNs: 0,
    metadata: metadataOf(container),
  };
}

function metadataOf(json: JsonObject): ContainerMetadata {
  return {
    name: textOf(json.name),
    image: textOf(json.image),
    imageId: textOf(json.imageid),
    imageRepository: textOf(json.imagerepo),
    imageTag: textOf(json.imagetag),
    imageDigest: textOf(json.imagedigest),
    ip: addressOf(json.ip),
    cniJson: textOf(json.cni_json),
    isPrivileged: json.privileged === true,
    isHostPid: json.host_pid === true,
    isHostNetwork: json.host_network === true,
    isHostIpc: json.host_ipc === true,
    isPodSandbox: json.is_pod_sandbox === true,
    mounts: listIn(json.Mounts).map(mountOf),
    labels: labelsOf(json.labels),
    podSandboxId: textOf(json.pod_sandbox_id),
    podSandboxLabels: labelsOf(json.pod_sandbox_labels),
    healthcheck: probeOf(json.Healthcheck),
    livenessProbe: probeOf(json.LivenessProbe),
    readinessProbe: probeOf(json.ReadinessProbe),
  };
}

function mountOf(value: unknown): ContainerMount {
  const json = objectIn(value) ?? {};
  return {
    source: textOf(json.Source),
    destination: textOf(json.Destination),
    mode: textOf(json.Mode),
    isWritable: json.RW === true,
    propagation: textOf(json.Propagation),
  };
}

function probeOf(value: unknown): ContainerProbe | undefined {
  const probe = objectIn(value);
  if (probe === undefined) return undefined;
  return { exe: textOf(probe.exe), args: listIn(probe.args).map(textOf) };
}

function labelsOf(value: unknown): Readonly<Record<string, string>> {
  const json = objectIn(value);
  if (json === undefined) return {};
  return Object.fromEntries(Object.entries(json).map(([key, label]) => [toByteText(key), textOf(label)]));
}

/** Old documents carry an IPv4 address as a number. */
function addressOf(value: unknown): string {
  if (typeof value !== 'number') return textOf(value);
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');
}

function textOf(value: unknown): string {
  return toByteText(textIn(value));
}
