/** A cgroup for one live test: what the probe watches, and where the test's processes are. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scopeHierarchy } from '../src/ebpf/probe-layout.ts';
import { parseCgroupMounts } from '../src/ebpf/scope.ts';

/** How long killed processes may take to be gone, on a machine that is busy with other tests. */
const END_LIMIT_MS = 20_000;
const LOOK_AGAIN_MS = 20;

export interface LiveCgroup {
  readonly path: string;
  /** Starts a shell command in the cgroup and a session of its own, with nothing but PATH in its environment. */
  spawn(command: string): ChildProcess;
  /** Ends what is in it. Throws when that does not go away. */
  remove(): Promise<void>;
}

let cgroupCount = 0;

/** Where the unified hierarchy is mounted. */
export function unifiedMount(): string | undefined {
  return parseCgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8')).find(
    (mount) => mount.hierarchy === scopeHierarchy.unified,
  )?.path;
}

export function createLiveCgroup(): LiveCgroup {
  const parent = unifiedMount() ?? '';
  removeAbandoned(parent);
  const path = join(parent, `peregrine-test-${process.pid}-${++cgroupCount}`);
  mkdirSync(path);
  return {
    path,
    spawn: (command) =>
      spawn('/bin/sh', ['-c', `echo $$ > ${path}/cgroup.procs; ${command}`], {
        stdio: ['ignore', 'pipe', 'pipe'],
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
    if (removeTree(path)) return;
    if (Date.now() > endMs) throw new Error(`${path} still has processes`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

/** Cgroups of test runs that were ended before they could clean up. Where something runs still, they are left alone. */
function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const maker = /^peregrine-test-(\d+)-\d+$/.exec(name)?.[1];
    if (maker !== undefined && !existsSync(`/proc/${maker}`)) removeTree(join(parent, name));
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
