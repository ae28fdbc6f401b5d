/** The folder of one process of a function: a copy of its code, and its home. It is the function's user's. */

import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '@peregrine/base';
import { type FunctionSpec, languageEndings } from '../function-spec.ts';
import type { Account } from './messages.ts';

export interface FunctionFolder {
  /** Removed as a whole by whoever supervises the process. */
  readonly path: string;
  /** Path of the module. */
  readonly code: string;
  readonly home: string;
  readonly kubeconfig: string | undefined;
}

export interface FolderRequest {
  readonly spec: FunctionSpec;
  readonly account: Account | undefined;
  /** Folder that npm installed into. */
  readonly packages: string | undefined;
  /** A kubeconfig file to copy. */
  readonly kubeconfig: string | undefined;
}

/** Throws when it cannot be made, and leaves nothing then. */
export function createFolder({ spec, account, packages, kubeconfig }: FolderRequest): FunctionFolder {
  const path = mkdtempSync(join(tmpdir(), 'peregrine-function-'));
  try {
    return fill(path, { spec, account, packages, kubeconfig });
  } catch (error) {
    rmSync(path, { recursive: true, force: true });
    throw error;
  }
}

function fill(path: string, { spec, account, packages, kubeconfig }: FolderRequest): FunctionFolder {
  own(path, account);
  const home = join(path, 'home');
  mkdirSync(home, { mode: 0o700 });
  own(home, account);
  let code: string;
  if (spec.code.kind === 'file') code = spec.code.path;
  else {
    const folder = join(path, 'code');
    mkdirSync(folder, { mode: 0o700 });
    own(folder, account);
    code = join(folder, `${spec.moduleName}${languageEndings[spec.language][0] ?? ''}`);
    writeFileSync(code, spec.code.text, { mode: 0o600 });
    own(code, account);
    if (packages !== undefined && spec.language !== 'python')
      symlinkSync(join(packages, 'node_modules'), join(folder, 'node_modules'));
  }
  return { path, code, home, kubeconfig: kubeconfig === undefined ? undefined : copy(kubeconfig) };

  function copy(file: string): string {
    const to = join(path, 'kubeconfig');
    writeFileSync(to, readKubeconfig(file), { mode: 0o400 });
    own(to, account);
    return to;
  }
}

function own(path: string, account: Account | undefined): void {
  if (account !== undefined) chownSync(path, account.uid, account.gid);
}

function readKubeconfig(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Fault('functions-kubeconfig', `cannot read \`${file}\``, { cause });
  }
}
