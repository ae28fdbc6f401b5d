/** Containers that are run by containerd directly, as metadata. The environment is not looked at. */

import { type JsonObject, listIn, objectIn, textIn } from '@peregrine/base';
import type { ContainerMetadata, ContainerMount } from '@peregrine/state';
import { boundLabels, boundMounts, boundText } from '../bound-metadata.ts';
import { parseImageName } from '../image-name.ts';
import type { MetadataBounds } from '../runtime-client.ts';
import type { ContainerdAnswer } from './containerd-answers.ts';

/** Where nerdctl notes the name that users gave. */
const NERDCTL_NAME = 'nerdctl/name';

export function containerdMetadata(
  { id, image, labels, spec }: ContainerdAnswer,
  digest: string,
  bounds: MetadataBounds,
): ContainerMetadata {
  const { repository, tag } = parseImageName(image);
  const linux = objectIn(spec.linux) ?? {};
  const ownNamespaces = listIn(linux.namespaces).map((namespace) => textIn(objectIn(namespace)?.type));
  return {
    name: boundText(labels.find(([name]) => name === NERDCTL_NAME)?.[1] ?? id),
    image: boundText(image),
    imageId: '',
    imageRepository: boundText(repository),
    imageTag: boundText(tag),
    imageDigest: boundText(digest),
    ip: '',
    cniJson: '',
    isPrivileged: isUnconfined(spec, linux),
    isHostPid: !ownNamespaces.includes('pid'),
    isHostNetwork: !ownNamespaces.includes('network'),
    isHostIpc: !ownNamespaces.includes('ipc'),
    isPodSandbox: false,
    mounts: boundMounts(listIn(spec.mounts).map((mount) => mountOf(mount, textIn(linux.rootfsPropagation)))),
    labels: boundLabels(labels, bounds.labelBytes),
    podSandboxId: '',
    podSandboxLabels: {},
    ...{ healthcheck: undefined, livenessProbe: undefined, readinessProbe: undefined },
  };
}

function mountOf(value: unknown, propagation: string): ContainerMount {
  const mount = objectIn(value) ?? {};
  const options = optionsOf(mount);
  return {
    source: textIn(mount.source),
    destination: textIn(mount.destination),
    mode: options.find((option) => option.startsWith('mode='))?.slice('mode='.length) ?? '',
    isWritable: !options.includes('ro'),
    propagation,
  };
}

/** COMPAT: nobody writes down that a container is privileged; it is what such containers have in common. */
function isUnconfined(spec: JsonObject, linux: JsonObject): boolean {
  const process = objectIn(spec.process);
  if (
    process === undefined ||
    linux.maskedPaths != null ||
    linux.readonlyPaths != null ||
    linux.seccomp != null
  )
    return false;
  if (textIn(process.selinuxLabel) !== '' || !['', 'unconfined'].includes(textIn(process.apparmorProfile)))
    return false;
  return !listIn(spec.mounts)
    .map((mount) => objectIn(mount) ?? {})
    .some((mount) => ['sysfs', 'cgroup'].includes(textIn(mount.type)) && optionsOf(mount).includes('ro'));
}

function optionsOf(mount: JsonObject): readonly string[] {
  return listIn(mount.options).map(textIn);
}
