/** The machine's Pythons, in the order in which they are tried. */

import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const usualFolders = ['/usr/local/bin', '/usr/bin'];

/** Paths of different programs; `path` is that of the environment. */
export function findPythons(path: string | undefined): readonly string[] {
  const found = new Map<string, string>();
  for (const folder of [...(path ?? '').split(delimiter), ...usualFolders]) {
    const program = join(folder, 'python3');
    if (!folder.startsWith('/') || !isProgram(program)) continue;
    const real = realpathSync(program);
    // Links into an environment of its own (`venv`) are programs of their own.
    const key = program.startsWith('/usr/') || program.startsWith('/bin/') ? real : program;
    if (!found.has(key)) found.set(key, program);
  }
  return [...found.values()];
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
