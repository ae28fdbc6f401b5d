/** Container runtimes in the order in which a cgroup path is tried: who comes first gets paths that look alike. */

import { bpm } from './bpm.ts';
import { containerd } from './containerd.ts';
import { cri } from './cri.ts';
import { docker } from './docker.ts';
import type { ContainerFamily } from './family.ts';
import { libvirtLxc } from './libvirt-lxc.ts';
import { lxc } from './lxc.ts';
import { podman } from './podman.ts';

export const containerRoster: readonly ContainerFamily[] = [
  podman,
  docker,
  cri,
  containerd,
  lxc,
  libvirtLxc,
  bpm,
];
