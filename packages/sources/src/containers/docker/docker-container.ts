/** What Docker and Podman answer when a container is inspected, as metadata. The environment is not looked at. */

import { type JsonObject, listIn, objectIn, textIn } from '@peregrine/base';
import type { ContainerMetadata, ContainerMount, ContainerProbe } from '@peregrine/state';
import { boundLabels, boundMounts, boundProbe, boundText } from '../bound-metadata.ts';
import { parseImageName } from '../image-name.ts';
import { probesInPod } from '../kubernetes-probes.ts';
import type { MetadataBounds } from '../runtime-client.ts';

/** Where the kubelet of old leaves the description of a container. */
const APPLIED_CONFIG = 'io.kubernetes.container.last-applied-config';
const SANDBOX_ID = 'io.kubernetes.sandbox.id';

export interface ImageFacts {
  readonly image: string;
  readonly imageId: string;
  readonly imageRepository: string;
  readonly imageTag: string;
  readonly imageDigest: string;
}

/** Another container whose network this one shares; `undefined` when it has its own. */
export function networkOwnerOf(container: JsonObject): string | undefined {
  const mode = textIn(objectIn(container.HostConfig)?.NetworkMode);
  return mode.startsWith('container:') ? mode.slice('container:'.length) : undefined;
}

/** COMPAT: the old place first; newer engines only have networks by name. */
export function addressOf(container: JsonObject | undefined): string {
  const settings = objectIn(container?.NetworkSettings);
  const networks = objectIn(settings?.Networks) ?? {};
  const addresses = Object.keys(networks)
    .sort()
    .map((name) => textIn(objectIn(networks[name])?.IPAddress));
  return [textIn(settings?.IPAddress), ...addresses].find((address) => address !== '') ?? '';
}

export function metadataOf(
  container: JsonObject,
  image: ImageFacts,
  ip: string,
  bounds: MetadataBounds,
): ContainerMetadata {
  const config = objectIn(container.Config) ?? {};
  const host = objectIn(container.HostConfig) ?? {};
  const labels = objectIn(config.Labels) ?? {};
  const name = textIn(container.Name).replace(/^\//, '');
  const probes = probesInPod(textIn(labels[APPLIED_CONFIG]));
  const isProbed = probes.livenessProbe !== undefined || probes.readinessProbe !== undefined;
  return {
    name: boundText(name),
    image: boundText(image.image),
    imageId: boundText(image.imageId),
    imageRepository: boundText(image.imageRepository),
    imageTag: boundText(image.imageTag),
    imageDigest: boundText(image.imageDigest),
    ip: boundText(ip),
    cniJson: '',
    isPrivileged: host.Privileged === true,
    isHostPid: host.PidMode === 'host',
    isHostNetwork: host.NetworkMode === 'host',
    isHostIpc: host.IpcMode === 'host',
    isPodSandbox: name.includes('k8s_POD') || container.IsInfra === true,
    mounts: boundMounts(listIn(container.Mounts).map(mountOf)),
    labels: boundLabels(
      Object.entries(labels).map(([key, value]) => [key, textIn(value)] as const),
      bounds.labelBytes,
    ),
    podSandboxId: boundText(textIn(labels[SANDBOX_ID])),
    podSandboxLabels: {},
    healthcheck: isProbed ? undefined : healthcheckOf(listIn(objectIn(config.Healthcheck)?.Test).map(textIn)),
    ...probes,
  };
}

function mountOf(value: unknown): ContainerMount {
  const mount = objectIn(value) ?? {};
  return {
    source: textIn(mount.Source),
    destination: textIn(mount.Destination),
    mode: textIn(mount.Mode),
    isWritable: mount.RW === true,
    propagation: textIn(mount.Propagation),
  };
}

function healthcheckOf([kind, ...words]: readonly string[]): ContainerProbe | undefined {
  if (kind === 'CMD') return boundProbe(words);
  const [script] = words;
  return kind === 'CMD-SHELL' && script !== undefined ? boundProbe(['/bin/sh', '-c', script]) : undefined;
}

/** Docker tells of the image by its id, and of its names when asked for the image. */
export function dockerImageOf(container: JsonObject, image: JsonObject | undefined): ImageFacts {
  const asked = textIn(objectIn(container.Config)?.Image);
  const digests = listIn(image?.RepoDigests)
    .map(textIn)
    .filter((name) => name.includes('@'));
  const tags = listIn(image?.RepoTags)
    .map(textIn)
    .map(parseImageName)
    .filter(({ tag }) => tag !== '');
  const byDigest = digests.map(parseImageName);
  const wanted = parseImageName(asked);
  const repository = byDigest[0]?.repository ?? tags[0]?.repository ?? '';
  const own = tags.filter((name) => name.repository === repository);
  const tag = own.find((name) => name.tag === wanted.tag) ?? own[0];
  return {
    image: asked,
    imageId: textIn(container.Image).replace(/^sha256:/, ''),
    imageRepository: repository,
    imageTag: tag?.tag ?? '',
    imageDigest: byDigest.find((name) => name.repository === repository)?.digest ?? '',
  };
}

/** Podman tells of the image with the container. */
export function podmanImageOf(container: JsonObject): ImageFacts {
  const image = textIn(container.ImageName);
  const { repository, tag } = parseImageName(image);
  return {
    image,
    imageId: textIn(container.Image),
    imageRepository: repository,
    imageTag: tag,
    imageDigest: textIn(container.ImageDigest),
  };
}
