/** The real disk, as configuration and rules loading see it. */

import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigFiles } from './load-config.ts';

export const disk: ConfigFiles = Object.freeze({
  read: (path: string): string => readFileSync(path, 'utf8'),
  kindOf: (path: string): 'file' | 'folder' | undefined => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    return stat.isDirectory() ? 'folder' : 'file';
  },
  filesIn: (folder: string): readonly string[] =>
    readdirSync(folder)
      .map((name) => join(folder, name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
      .sort(),
  realPath: (path: string): string => realpathSync(path),
});
