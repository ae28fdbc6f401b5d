/**
 * Control groups: which one a process or a container is in, who else is in it, and its switches. In the unified hierarchy,
 * or in the older one of the freezer where the machine uses that.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Hierarchy = 'unified' | 'freezer';

export interface ControlGroup {
  readonly hierarchy: Hierarchy;
  /** Within the hierarchy: `/system.slice/nginx.service`. */
  readonly path: string;
  /** Where its files are. */
  readonly folder: string;
}

export type FoundGroup = { readonly group: ControlGroup } | { readonly why: string };

/** Groups within groups, at the most. */
const MOST_DEPTH = 16;
/** Of an id, as tools shorten it. */
const SHORT_ID = 12;

/** Where hierarchies are mounted, from their root on. */
export function hierarchyFolders(
  mountInfo = readFileSync('/proc/self/mountinfo', 'latin1'),
): Readonly<Partial<Record<Hierarchy, string>>> {
  const found: Partial<Record<Hierarchy, string>> = {};
  for (const line of mountInfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root, folder] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    if (root !== '/' || folder === undefined) continue;
    if (type === 'cgroup2') found.unified ??= folder;
    if (type === 'cgroup' && options.split(',').includes('freezer')) found.freezer ??= folder;
  }
  return found;
}

/** Paths of a process in both hierarchies, from the text of `/proc/PID/cgroup`. */
export function parseGroups(text: string): Readonly<Partial<Record<Hierarchy, string>>> {
  const found: Partial<Record<Hierarchy, string>> = {};
  for (const line of text.split('\n')) {
    const [, id, controllers = '', path = ''] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (id === '0' && controllers === '') found.unified = path;
    else if (controllers.split(',').includes('freezer')) found.freezer = path;
  }
  return found;
}

/** The group of the container, with all that it has made within; without one, that of the process. */
export function findGroup(pid: number, containerId: string): FoundGroup {
  let paths: ReturnType<typeof parseGroups>;
  try {
    paths = parseGroups(readFileSync(`/proc/${pid}/cgroup`, 'latin1'));
  } catch {
    return { why: `process ${pid} has ended` };
  }
  const folders = hierarchyFolders();
  for (const hierarchy of ['unified', 'freezer'] as const) {
    const path = containerId === '' ? paths[hierarchy] : upTo(paths[hierarchy] ?? '', containerId);
    if (path === undefined || path === '/' || path === '') continue;
    const group = groupAt(hierarchy, path, folders);
    if (group !== undefined) return { group };
  }
  return {
    why:
      containerId === ''
        ? `process ${pid} is in the root control group, with everything else`
        : `process ${pid} is in no control group of container ${containerId}`,
  };
}

/** `undefined` where there is none, or its path leaves the hierarchy. */
export function groupAt(
  hierarchy: Hierarchy,
  path: string,
  folders = hierarchyFolders(),
): ControlGroup | undefined {
  const root = folders[hierarchy];
  const parts = path.split('/');
  if (root === undefined || !path.startsWith('/') || path === '/' || parts.includes('..')) return undefined;
  const folder = join(root, path);
  return existsSync(folder) ? { hierarchy, path, folder } : undefined;
}

/** The path up to the first part that names the container. */
function upTo(path: string, containerId: string): string | undefined {
  const parts = path.split('/');
  const index = parts.findIndex((part) => part.includes(containerId.slice(0, SHORT_ID)));
  return index < 0 ? undefined : parts.slice(0, index + 1).join('/');
}

/** Processes in it, and in groups within it. */
export function membersOf({ folder }: Pick<ControlGroup, 'folder'>, depth = 0): readonly number[] {
  if (depth > MOST_DEPTH) return [];
  try {
    const own = readFileSync(join(folder, 'cgroup.procs'), 'latin1').split('\n').filter(Boolean).map(Number);
    const inner = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...own, ...inner.flatMap(({ name }) => membersOf({ folder: join(folder, name) }, depth + 1))];
  } catch {
    // It went away, or it is one of threads, whose processes its parent lists.
    return [];
  }
}
