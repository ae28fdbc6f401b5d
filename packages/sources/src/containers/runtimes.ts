/** Runtimes that can be asked, in the order in which they are, and whose containers each may have. */

import type { ContainerMetadata } from '@peregrine/state';
import { openDocker, openPodman } from './docker/docker-client.ts';
import type { ClientOptions, RuntimeClient } from './runtime-client.ts';

export interface Runtime {
  readonly name: 'docker' | 'podman' | 'cri' | 'containerd';
  readonly doc: string;
  /** Types that cgroup paths give its containers: see `ContainerMatch`. */
  readonly types: readonly string[];
  readonly open: (options: ClientOptions) => RuntimeClient | Promise<RuntimeClient>;
}

export const runtimeRoster: readonly Runtime[] = [
  {
    name: 'docker',
    doc: 'Docker, over its HTTP API.',
    types: ['docker'],
    open: openDocker,
  },
  {
    name: 'podman',
    doc: 'Podman, as root or not, over its HTTP API.',
    types: ['podman'],
    open: openPodman,
  },
  {
    name: 'cri',
    doc: 'containerd, CRI-O and others, over the Kubernetes container runtime interface.',
    // A bare id looks like Docker's, whoever made it.
    types: ['docker', 'containerd', 'cri-o'],
    open: async (options) => (await import('./cri/cri-client.ts')).openCri(options),
  },
  {
    name: 'containerd',
    doc: 'containerd, used directly by ctr or nerdctl.',
    types: ['containerd'],
    open: async (options) => (await import('./containerd/containerd-client.ts')).openContainerd(options),
  },
];

/** COMPAT: containers that have no runtime to ask are known all the same, with nothing but their type and id. */
export const noMetadata: ContainerMetadata = Object.freeze({
  ...{
    name: '',
    image: '',
    imageId: '',
    imageRepository: '',
    imageTag: '',
    imageDigest: '',
    ip: '',
    cniJson: '',
  },
  ...{ isPrivileged: false, isHostPid: false, isHostNetwork: false, isHostIpc: false, isPodSandbox: false },
  ...{ mounts: [], labels: {}, podSandboxId: '', podSandboxLabels: {} },
  ...{ healthcheck: undefined, livenessProbe: undefined, readinessProbe: undefined },
});

/** Whether any runtime can tell more of such a container than its cgroup does. */
export function isAskable(type: string): boolean {
  return runtimeRoster.some(({ types }) => types.includes(type));
}
