/** Answers of the container runtime interface as metadata. */

import { textIn } from '@peregrine/base';
import type { ContainerMetadata } from '@peregrine/state';
import { boundLabels, boundMounts, boundText } from '../bound-metadata.ts';
import { isBareDigest, parseImageName } from '../image-name.ts';
import { probesInPod } from '../kubernetes-probes.ts';
import type { MetadataBounds } from '../runtime-client.ts';
import type { ContainerAnswer, SandboxAnswer } from './cri-answers.ts';

const APPLIED_CONFIG = 'kubectl.kubernetes.io/last-applied-configuration';
/** Where runtimes note the name of an image that they otherwise know by its digest; the first one counts. */
const imageAnnotations = [
  'io.kubernetes.cri.image-name',
  'io.kubernetes.cri-o.Image',
  'io.kubernetes.cri-o.ImageName',
];
const propagations: Readonly<Record<number, string>> = { 0: 'private', 1: 'rslave', 2: 'rshared' };

export function containerMetadata(
  container: ContainerAnswer,
  sandboxId: string,
  sandbox: SandboxAnswer | undefined,
  bounds: MetadataBounds,
): ContainerMetadata {
  const probes = probesInPod(annotationOf(sandbox, APPLIED_CONFIG), container.name);
  return {
    ...podMetadata(container.labels, sandboxId, sandbox, bounds),
    ...imageOf(container),
    name: boundText(container.name),
    isPrivileged: container.info.isPrivileged,
    isPodSandbox: false,
    mounts: boundMounts(
      container.mounts.map(({ hostPath, containerPath, isReadonly, propagation }) => ({
        source: hostPath,
        destination: containerPath,
        mode: '',
        isWritable: !isReadonly,
        propagation: propagations[propagation] ?? 'unknown',
      })),
    ),
    healthcheck: undefined,
    ...probes,
  };
}

/** The container that holds a pod's namespaces: runtimes know it as the sandbox, not as a container. */
export function sandboxMetadata(sandbox: SandboxAnswer, bounds: MetadataBounds): ContainerMetadata {
  return {
    ...podMetadata(sandbox.labels, sandbox.id, sandbox, bounds),
    ...{ image: '', imageId: '', imageRepository: '', imageTag: '', imageDigest: '' },
    name: boundText(sandbox.name),
    isPrivileged: false,
    isPodSandbox: true,
    mounts: [],
    ...{ healthcheck: undefined, livenessProbe: undefined, readinessProbe: undefined },
  };
}

function podMetadata(
  labels: Iterable<readonly [string, string]>,
  sandboxId: string,
  sandbox: SandboxAnswer | undefined,
  bounds: MetadataBounds,
) {
  const ofPod: readonly (readonly [string, string])[] = [
    ['io.kubernetes.sandbox.id', sandboxId],
    ...(sandbox === undefined
      ? []
      : ([
          ['io.kubernetes.pod.uid', sandbox.uid],
          ['io.kubernetes.pod.name', sandbox.name],
          ['io.kubernetes.pod.namespace', sandbox.namespace],
        ] as const)),
  ];
  return {
    ip: boundText(sandbox?.ip ?? ''),
    cniJson: boundText(sandbox?.cniJson ?? ''),
    isHostPid: sandbox?.isHostPid ?? false,
    isHostNetwork: sandbox?.isHostNetwork ?? false,
    isHostIpc: sandbox?.isHostIpc ?? false,
    podSandboxId: boundText(sandboxId),
    podSandboxLabels: boundLabels(sandbox?.labels ?? [], bounds.labelBytes),
    // Names of pods may be longer than labels may be.
    labels: { ...boundLabels(labels, bounds.labelBytes), ...boundLabels(ofPod, MOST_NAME_BYTES) },
  };
}

/** Kubernetes allows no longer names of pods. */
const MOST_NAME_BYTES = 253;

function annotationOf(sandbox: SandboxAnswer | undefined, name: string): string {
  return sandbox?.annotations.find(([key]) => key === name)?.[1] ?? '';
}

/**
 * The reference is `name@sha256:...` or `sha256:...`; the image as asked for is a name, or a digest where the runtime
 * forgot the name.
 */
function imageOf({ image: asked, imageRef, imageId, info }: ContainerAnswer) {
  const isDigestAlone = imageRef.startsWith('sha256:');
  const byRef = parseImageName(isDigestAlone ? '' : imageRef);
  const noted = imageAnnotations.map((key) => textIn(info.annotations[key])).find((name) => name !== '');
  const named = isBareDigest(asked) ? (noted ?? '') : asked;
  const byName = parseImageName(named);
  const repository = byRef.digest === '' ? byName.repository : byRef.repository;
  const name = byName.tag === '' ? repository : `${repository}:${byName.tag}`;
  return {
    image: boundText(byRef.digest === '' ? named : name),
    imageId: boundText((info.image === '' ? imageId : info.image).replace(/^[^:/]*:/, '')),
    imageRepository: boundText(repository),
    imageTag: boundText(byName.tag),
    imageDigest: boundText(isDigestAlone ? imageRef : byRef.digest),
  };
}
