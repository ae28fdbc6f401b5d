/** Where the journal is: as configured, or the first usual place that can be written. */

import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '@peregrine/base';

export interface StateFolder {
  readonly path: string;
  /** Whether what is there may be gone after the machine was started anew. */
  readonly isTemporary: boolean;
}

export function findStateFolder(
  configured: string,
  environment: Readonly<Record<string, string | undefined>>,
  name: 'hub' | 'ui' = 'hub',
): StateFolder {
  if (configured !== '') {
    const problem = prepare(configured);
    if (problem === undefined) return { path: configured, isTemporary: false };
    throw new Fault(
      'journal-folder',
      `cannot use \`${configured}\`, which \`journal.path\` names: ${problem}`,
    );
  }
  const home = environment.XDG_STATE_HOME || join(environment.HOME || homedir(), '.local', 'state');
  const temporary = join(tmpdir(), `peregrine-${name}-${process.getuid?.() ?? 0}`);
  for (const path of [`/var/lib/peregrine/${name}`, join(home, 'peregrine', name)]) {
    if (prepare(path) === undefined) return { path, isTemporary: false };
  }
  const problem = prepare(temporary);
  if (problem === undefined) return { path: temporary, isTemporary: true };
  throw new Fault('journal-folder', `there is no folder for the journal that can be written: ${problem}`, {
    hint: 'set `journal.path`, and give it a volume',
  });
}

/** Why the folder cannot be used. */
function prepare(path: string): string | undefined {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
