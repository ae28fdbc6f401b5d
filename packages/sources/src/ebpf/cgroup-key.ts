/** The numbers that the probe knows cgroups by: a hierarchy, and the inode number of a directory in it. */

import { CGROUP_HIERARCHY_SHIFT, scopeHierarchy } from './probe-layout.ts';
import type { CgroupMount } from './scope.ts';
import { v1Subsystems } from './scope.ts';

/** Older hierarchies in which containers are sure to have cgroups of their own, the best first. */
const preferredSubsystems: readonly string[] = ['pids', 'memory', 'cpu', 'devices'];

/** The hierarchy in which cgroups are told apart: an older one where one is in use, the unified one otherwise. */
export function accountHierarchy(mounts: readonly CgroupMount[]): number {
  const mounted = new Set(mounts.map(({ hierarchy }) => hierarchy));
  return (
    preferredSubsystems
      .map((name) => scopeHierarchy.v1 + v1Subsystems.indexOf(name))
      .find((hierarchy) => mounted.has(hierarchy)) ?? scopeHierarchy.unified
  );
}

export interface CgroupKeyParts {
  /** A value of `scopeHierarchy`. */
  readonly hierarchy: number;
  readonly inode: bigint;
}

export function splitCgroupKey(key: bigint): CgroupKeyParts {
  return {
    hierarchy: Number(key >> CGROUP_HIERARCHY_SHIFT),
    inode: key & ((1n << CGROUP_HIERARCHY_SHIFT) - 1n),
  };
}
