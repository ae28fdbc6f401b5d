/**
 * Containers as events tell of them: the JSON that a recorder's container plugin writes. Anything in it may be absent
 * or of another type; such members count as empty, and only a document without an id is refused.
 */

import { fromByteText, toByteText } from '@peregrine/base';
import type { Container, ContainerMetadata, ContainerMount } from '../tables.ts';
import { SHORT_ID_LENGTH } from './family.ts';

/** Names by the number that a document carries. */
const TYPE_NAMES: Readonly<Record<number, string>> = {
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

type Json = Readonly<Record<string, unknown>>;

/** `undefined` when the text is no JSON, or names no container. `text` is byte text. */
export function decodeContainerEvent(text: string): Container | undefined {
  const json = parse(fromByteText(text));
  const container = json === undefined ? undefined : (objectOf(json.container) ?? json);
  if (container === undefined) return undefined;
  const id = textOf(container.id);
  if (id === '') return undefined;
  return {
    id: id.slice(0, SHORT_ID_LENGTH),
    fullId: textOf(container.full_id) || id,
    type: typeof container.type === 'number' ? (TYPE_NAMES[container.type] ?? '') : textOf(container.type),
    startNs: 0,
    metadata: metadataOf(container),
  };
}

function parse(text: string): Json | undefined {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function metadataOf(json: Json): ContainerMetadata {
  const probes = probesOf(json);
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
    mounts: listOf(json.Mounts).map(mountOf),
    labels: labelsOf(json.labels),
    podSandboxId: textOf(json.pod_sandbox_id),
    podSandboxLabels: labelsOf(json.pod_sandbox_labels),
    healthcheck: probes.Healthcheck,
    livenessProbe: probes.LivenessProbe,
    readinessProbe: probes.ReadinessProbe,
  };
}

function mountOf(value: unknown): ContainerMount {
  const json = objectOf(value) ?? {};
  return {
    source: textOf(json.Source),
    destination: textOf(json.Destination),
    mode: textOf(json.Mode),
    isWritable: json.RW === true,
    propagation: textOf(json.Propagation),
  };
}

/** Command lines of the probes: executable and arguments, joined by blanks. */
function probesOf(json: Json): Partial<Record<'Healthcheck' | 'LivenessProbe' | 'ReadinessProbe', string>> {
  const probes: Partial<Record<'Healthcheck' | 'LivenessProbe' | 'ReadinessProbe', string>> = {};
  for (const name of ['Healthcheck', 'LivenessProbe', 'ReadinessProbe'] as const) {
    const probe = objectOf(json[name]);
    if (probe === undefined) continue;
    probes[name] = [probe.exe, ...listOf(probe.args)]
      .map(textOf)
      .filter((word) => word !== '')
      .join(' ');
  }
  return probes;
}

function labelsOf(value: unknown): Readonly<Record<string, string>> {
  const json = objectOf(value);
  if (json === undefined) return {};
  return Object.fromEntries(Object.entries(json).map(([key, label]) => [toByteText(key), textOf(label)]));
}

/** Old documents carry an IPv4 address as a number. */
function addressOf(value: unknown): string {
  if (typeof value !== 'number') return textOf(value);
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? toByteText(value) : '';
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function objectOf(value: unknown): Json | undefined {
  // A JSON object has text keys and nothing else.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}
