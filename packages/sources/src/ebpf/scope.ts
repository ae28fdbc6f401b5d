/**
 * What the probe is limited to: everything, the tasks of a cgroup subtree, or those of a container.
 *
 * The probe compares cgroups by the inode number of their directories, at a known depth of a known hierarchy.
 */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Fault } from '@peregrine/base';
import { scopeHierarchy } from './probe-layout.ts';

export interface ProbeScope {
  readonly hierarchy: number;
  /** Depth below the root of the hierarchy; 0 is the root itself. */
  readonly level: number;
  readonly cgroupId: bigint;
  /** As files of /proc name the cgroup: below the root of its hierarchy. */
  readonly path: string;
}

export interface CgroupMount {
  readonly path: string;
  /** Path within the hierarchy that is mounted there. */
  readonly root: string;
  /** Value of `scope_hierarchy`; `undefined` for hierarchies that the probe cannot tell. */
  readonly hierarchy: number | undefined;
}

/** Everything. */
export const unlimitedScope: ProbeScope = {
  hierarchy: scopeHierarchy.none,
  level: 0,
  cgroupId: 0n,
  path: '/',
};

/** Subsystems by the order of `bpf/filter.h`. */
export const v1Subsystems: readonly string[] = [
  'cpuset',
  'cpu',
  'cpuacct',
  'blkio',
  'memory',
  'devices',
  'freezer',
  'pids',
];

/** Deepest directory that a container is looked for in. */
const SEARCH_DEPTH = 8;

/** Cgroup mounts in the text of `/proc/self/mountinfo`. */
export function parseCgroupMounts(mountInfo: string): readonly CgroupMount[] {
  return mountInfo.split('\n').flatMap((line) => {
    const words = line.split(' ');
    const separator = words.indexOf('-');
    const [root, path, kind, options] = [words[3], words[4], words[separator + 1], words[separator + 3]];
    if (separator < 0 || root === undefined || path === undefined || options === undefined) return [];
    if (kind === 'cgroup2') return [{ path, root, hierarchy: scopeHierarchy.unified }];
    if (kind !== 'cgroup') return [];
    const index = v1Subsystems.findIndex((name) => options.split(',').includes(name));
    return [{ path, root, hierarchy: index < 0 ? undefined : scopeHierarchy.v1 + index }];
  });
}

/** Those of this machine, as this process sees them. */
export function readCgroupMounts(): readonly CgroupMount[] {
  return parseCgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
}

function depthOf(path: string): number {
  return path.split('/').filter((part) => part !== '' && part !== '.').length;
}

function scopeOf(path: string, mounts: readonly CgroupMount[]): ProbeScope {
  const mount = mounts
    .filter((candidate) => path === candidate.path || path.startsWith(`${candidate.path}/`))
    .sort((left, right) => right.path.length - left.path.length)[0];
  if (mount?.hierarchy === undefined)
    throw new Fault('probe-scope', `\`${path}\` is in no cgroup hierarchy that the probe can follow`, {
      hint: 'name a directory below a mounted cgroup file system, such as /sys/fs/cgroup/my-group',
    });
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined || !stat.isDirectory())
    throw new Fault('probe-scope', `there is no cgroup \`${path}\``, {
      hint: 'make it before the sensor starts: mkdir',
    });
  return {
    hierarchy: mount.hierarchy,
    level: depthOf(mount.root) + depthOf(relative(mount.path, path)),
    cgroupId: stat.ino,
    path: join('/', mount.root, relative(mount.path, path)),
  };
}

/** The cgroup directory whose name holds the container's id, by breadth first. */
function findContainer(folder: string, id: string): string | undefined {
  let level = [folder];
  for (let depth = 0; depth < SEARCH_DEPTH && level.length > 0; depth++) {
    const next: string[] = [];
    for (const parent of level) {
      for (const entry of readFolders(parent)) {
        if (entry.includes(id)) return join(parent, entry);
        next.push(join(parent, entry));
      }
    }
    level = next;
  }
  return undefined;
}

/** Empty when the folder has gone meanwhile. */
function readFolders(path: string): readonly string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

/** Resolves `cgroup:PATH` or `container:ID`. Throws a Fault when there is no such thing. */
export function resolveScope(text: string, mounts: readonly CgroupMount[] = readCgroupMounts()): ProbeScope {
  const [kind, name] = [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)];
  if (kind === 'cgroup' && name !== '') {
    const unified = mounts.find((mount) => mount.hierarchy === scopeHierarchy.unified)?.path;
    const isMounted = mounts.some((mount) => name === mount.path || name.startsWith(`${mount.path}/`));
    return scopeOf(
      (isMounted || unified === undefined ? name : join(unified, name)).replace(/\/+$/, ''),
      mounts,
    );
  }
  if (kind === 'container' && name.length >= 12) {
    for (const mount of mounts) {
      const path = mount.hierarchy === undefined ? undefined : findContainer(mount.path, name);
      if (path !== undefined) return scopeOf(path, mounts);
    }
    throw new Fault('probe-scope', `no running container has the id \`${name}\``);
  }
  throw new Fault('probe-scope', `\`${text}\` is not a scope`, {
    hint: 'write cgroup:PATH, or container:ID with at least 12 characters of the id',
  });
}

/** Tells by `/proc/PID/cgroup` whether a process is in the scope; `undefined` when all are. */
export function scopeInProc(scope: ProbeScope, procRoot = '/proc'): ((pid: number) => boolean) | undefined {
  if (scope.hierarchy === scopeHierarchy.none) return undefined;
  return (pid) => {
    try {
      return isInScope(scope, readFileSync(`${procRoot}/${pid}/cgroup`, 'utf8'));
    } catch {
      return false;
    }
  };
}

/** `cgroups`: lines `number:subsystem,subsystem:path`; the unified hierarchy has no subsystems. */
export function isInScope({ hierarchy, path }: ProbeScope, cgroups: string): boolean {
  const subsystem = hierarchy === scopeHierarchy.unified ? '' : v1Subsystems[hierarchy - scopeHierarchy.v1];
  const line = cgroups
    .split('\n')
    .map((text) => /^\d+:([^:]*):(.*)$/.exec(text))
    .find((match) => match?.[1]?.split(',').includes(subsystem ?? ''));
  const found = line?.[2];
  return found !== undefined && (path === '/' || found === path || found.startsWith(`${path}/`));
}
