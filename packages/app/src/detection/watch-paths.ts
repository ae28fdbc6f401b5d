/** Notices that files or folders changed, moved or went, however editors and config maps replace them. */

import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';

/** Changes within this time are one, milliseconds. */
const SETTLE_MS = 200;

/**
 * Calls back with the path that changed, once for each burst of changes. A file is watched through its folder, so
 * that a file put in its place is seen.
 */
export function watchPaths(
  paths: readonly string[],
  onChange: (path: string) => void,
  onTrouble: (message: string) => void,
): { close(): void } {
  const watchers: FSWatcher[] = [];
  const seen = new Map(paths.map((path) => [path, stampOf(path)]));
  let timer: NodeJS.Timeout | undefined;

  const look = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const changed = paths.find((path) => stampOf(path) !== seen.get(path));
      if (changed === undefined) return;
      for (const path of paths) seen.set(path, stampOf(path));
      onChange(changed);
    }, SETTLE_MS);
  };

  for (const folder of new Set(paths.flatMap(folderOf))) {
    try {
      const watcher = watch(folder, { persistent: false }, look);
      watcher.on('error', (error) => onTrouble(`\`${folder}\` is not watched any more: ${error.message}`));
      watchers.push(watcher);
    } catch (error) {
      onTrouble(`\`${folder}\` is not watched: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return {
    close: () => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

function folderOf(path: string): readonly string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  return [stat.isDirectory() ? path : dirname(path)];
}

/** Tells two states of a file, or of a folder and the files in it, apart. */
function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return '';
  const stamp = `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeMs}`;
  if (!stat.isDirectory()) return stamp;
  return [stamp, ...readdirSync(path).map((name) => fileStampOf(join(path, name)))].join(' ');
}

function fileStampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() ? `${path}:${stat.ino}:${stat.size}:${stat.mtimeMs}` : '';
}
