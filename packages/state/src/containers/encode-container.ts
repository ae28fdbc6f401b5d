/**
 * Containers as events that tell of them: the same JSON as recorders of the family write. What programs were given in
 * their environment is never among it.
 */

import { fromByteText } from '@peregrine/base';
import type { EventInput } from '@peregrine/events';
import type { Container, ContainerMetadata, ContainerProbe } from '../tables.ts';
import { containerEventName, typeNames } from './container-event.ts';

const ASYNC = 402;
const NO_PLUGIN = 0;
/** Stands for a type that has no number. */
const UNKNOWN_TYPE = 0xffff;

const numberOfType = new Map(Object.entries(typeNames).map(([number, name]) => [name, Number(number)]));

/** An event that makes the container known, or known as gone, to whoever takes it in. */
export function containerEvent(
  container: Container,
  change: keyof typeof containerEventName,
  timestampNs: bigint,
): EventInput {
  const json = Buffer.from(renderContainer(container));
  return { code: ASYNC, timestampNs, params: [NO_PLUGIN, containerEventName[change], json] };
}

/** UTF-16; `decodeContainerEvent` undoes it. */
export function renderContainer({ id, fullId, type, metadata }: Container): string {
  return JSON.stringify({
    container: {
      type: numberOfType.get(type) ?? UNKNOWN_TYPE,
      id: fromByteText(id),
      full_id: fromByteText(fullId),
      ...(metadata && members(metadata)),
    },
  });
}

function members(metadata: ContainerMetadata): Record<string, unknown> {
  return {
    name: fromByteText(metadata.name),
    image: fromByteText(metadata.image),
    imageid: fromByteText(metadata.imageId),
    imagerepo: fromByteText(metadata.imageRepository),
    imagetag: fromByteText(metadata.imageTag),
    imagedigest: fromByteText(metadata.imageDigest),
    ip: fromByteText(metadata.ip),
    cni_json: fromByteText(metadata.cniJson),
    privileged: metadata.isPrivileged,
    host_pid: metadata.isHostPid,
    host_network: metadata.isHostNetwork,
    host_ipc: metadata.isHostIpc,
    is_pod_sandbox: metadata.isPodSandbox,
    Mounts: metadata.mounts.map(({ source, destination, mode, isWritable, propagation }) => ({
      Source: fromByteText(source),
      Destination: fromByteText(destination),
      Mode: fromByteText(mode),
      RW: isWritable,
      Propagation: fromByteText(propagation),
    })),
    labels: labels(metadata.labels),
    pod_sandbox_id: fromByteText(metadata.podSandboxId),
    pod_sandbox_labels: labels(metadata.podSandboxLabels),
    Healthcheck: probe(metadata.healthcheck),
    LivenessProbe: probe(metadata.livenessProbe),
    ReadinessProbe: probe(metadata.readinessProbe),
  };
}

function labels(byName: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(byName).map(([name, value]) => [fromByteText(name), fromByteText(value)]),
  );
}

/** Absent where there is none: readers take what is there for a probe. */
function probe(given: ContainerProbe | undefined): unknown {
  return given && { exe: fromByteText(given.exe), args: given.args.map(fromByteText) };
}
