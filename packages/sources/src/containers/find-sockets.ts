/** Sockets that are there now. */

import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Users with a podman of their own that are asked. */
const MOST_FOUND = 64;

/** `hostRoot`: where the host's files are seen. One component of a path may be `*`. */
export function findSockets(paths: readonly string[], hostRoot: string): readonly string[] {
  const found = paths.flatMap((path) => expand(join(hostRoot === '' ? '/' : hostRoot, path)));
  return [...new Set(found.flatMap(socketAt))].slice(0, MOST_FOUND);
}

function expand(path: string): readonly string[] {
  const star = path.indexOf('/*');
  if (star < 0) return [path];
  const folder = path.slice(0, star);
  return namesIn(folder).map((name) => `${folder}/${name}${path.slice(star + 2)}`);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** By its real path: `/var/run` is often another name of `/run`. None where there is no socket, or where nobody may look. */
function socketAt(path: string): readonly string[] {
  try {
    return statSync(path).isSocket() ? [realpathSync(path)] : [];
  } catch {
    return [];
  }
}
