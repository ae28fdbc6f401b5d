/** Directories of cgroups, found by the numbers that the probe knows them by. */

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { splitCgroupKey } from './cgroup-key.ts';
import { type CgroupMount, readCgroupMounts } from './scope.ts';

/** Directories looked at for one question. */
const MOST_FOLDERS = 100_000;

/** Paths below the root of their hierarchy, for those of `keys` that are there. Walks file systems: never in a hurry. */
export async function findCgroups(
  keys: readonly bigint[],
  mounts: readonly CgroupMount[] = readCgroupMounts(),
): Promise<ReadonlyMap<bigint, string>> {
  const found = new Map<bigint, string>();
  const wanted = new Map<number, Map<bigint, bigint>>();
  for (const key of keys) {
    const { hierarchy, inode } = splitCgroupKey(key);
    const inodes = wanted.get(hierarchy) ?? new Map<bigint, bigint>();
    wanted.set(hierarchy, inodes.set(inode, key));
  }
  for (const [hierarchy, inodes] of wanted) {
    const mount = mounts.find((candidate) => candidate.hierarchy === hierarchy);
    if (mount !== undefined) await walk(mount, inodes, found);
  }
  return found;
}

/** Breadth first, since containers are near the top. */
async function walk(
  mount: CgroupMount,
  inodes: Map<bigint, bigint>,
  found: Map<bigint, string>,
): Promise<void> {
  const folders = [''];
  for (let i = 0; i < folders.length && i < MOST_FOLDERS && inodes.size > 0; i++) {
    const path = folders[i] ?? '';
    const inode = await inodeOf(join(mount.path, path));
    const key = inode === undefined ? undefined : inodes.get(inode);
    if (inode !== undefined && key !== undefined) {
      inodes.delete(inode);
      found.set(key, join('/', mount.root, path));
    }
    for (const name of await foldersIn(join(mount.path, path))) folders.push(join(path, name));
  }
}

/** `undefined` when the folder has gone meanwhile. */
async function inodeOf(path: string): Promise<bigint | undefined> {
  try {
    return (await stat(path, { bigint: true })).ino;
  } catch {
    return undefined;
  }
}

async function foldersIn(path: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}
