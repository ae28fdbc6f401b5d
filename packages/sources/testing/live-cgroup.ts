/** A cgroup for one live test: what the probe watches, and where the test's processes are. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { scopeHierarchy } from '../src/ebpf/probe-layout.ts';
import { readCgroupMounts, v1Subsystems } from '../src/ebpf/scope.ts';

/** How long killed processes may take to be gone, on a machine that is busy with other tests. */
const END_LIMIT_MS = 20_000;
const LOOK_AGAIN_MS = 20;

export interface LiveCgroup {
  readonly path: string;
  /**
   * Starts a shell command in the cgroup and a session of its own, with nothing but PATH in its environment. It has no input
   * unless asked for.
   */
  spawn(command: string, input?: 'ignore' | 'pipe'): ChildProcess;
  /** Ends what is in it. Throws when that does not go away. */
  remove(): Promise<void>;
}

let cgroupCount = 0;

/** Where the unified hierarchy is mounted. */
export function unifiedMount(): string | undefined {
  return readCgroupMounts().find((mount) => mount.hierarchy === scopeHierarchy.unified)?.path;
}

export function createLiveCgroup(): LiveCgroup {
  const parent = unifiedMount() ?? '';
  removeAbandoned(parent);
  const path = join(parent, `peregrine-test-${process.pid}-${++cgroupCount}`);
  mkdirSync(path);
  return {
    path,
    spawn: (command, input = 'ignore') =>
      spawn('/bin/sh', ['-c', `echo $$ > ${path}/cgroup.procs; ${command}`], {
        stdio: [input, 'pipe', 'pipe'],
        detached: true,
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      }),
    remove: () => endAndRemove(path),
  };
}

async function endAndRemove(path: string): Promise<void> {
  const kill = join(path, 'cgroup.kill');
  for (const endMs = Date.now() + END_LIMIT_MS; existsSync(path); ) {
    // Again and again: a process may have come in meanwhile.
    if (existsSync(kill)) writeFileSync(kill, '1');
    if (hierarchiesOf(path).every(removeTree)) return;
    if (Date.now() > endMs) throw new Error(`${path} still has processes`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

/** The same cgroup in every hierarchy: runtimes make theirs in all of them. */
function hierarchiesOf(path: string): readonly string[] {
  return readCgroupMounts().map((mount) => join(mount.path, basename(path)));
}

/**
 * Makes a cgroup as runtimes make them for a container, below a test's own, where the probe looks for their names: in the
 * unified hierarchy, and in an older one where there are such. Gives the files that a process id is written to for
 * entering it. Goes with the test's own.
 */
export function createContainerCgroup({ path }: LiveCgroup, leaf: string): readonly string[] {
  const cpu = scopeHierarchy.v1 + v1Subsystems.indexOf('cpu');
  return readCgroupMounts()
    .filter(({ hierarchy }) => hierarchy === scopeHierarchy.unified || hierarchy === cpu)
    .map((mount) => {
      const folder = join(mount.path, basename(path), leaf);
      mkdirSync(folder, { recursive: true });
      return join(folder, 'cgroup.procs');
    });
}

/** Cgroups of test runs that were ended before they could clean up. Where something runs still, they are left alone. */
function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const maker = /^peregrine-test-(\d+)-\d+$/.exec(name)?.[1];
    if (maker !== undefined && !existsSync(`/proc/${maker}`)) hierarchiesOf(name).every(removeTree);
  }
}

/** False: something is in it. */
function removeTree(path: string): boolean {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true }))
      if (entry.isDirectory() && !removeTree(join(path, entry.name))) return false;
    rmdirSync(path);
    return true;
  } catch {
    // Gone meanwhile is as good.
    return !existsSync(path);
  }
}
