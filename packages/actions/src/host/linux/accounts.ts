/** Accounts of the machine, from its files. */

import { readFileSync } from 'node:fs';

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** `root`: folder that is taken for `/`; `''` for the real one. `undefined`: there is no such user in the file. */
export function findAccount(name: string, root = ''): Account | undefined {
  const fields = lineOf(`${root}/etc/passwd`, name);
  const [, , uid = '', gid = ''] = fields ?? [];
  return /^\d+$/.test(uid) && /^\d+$/.test(gid) ? { name, uid: Number(uid), gid: Number(gid) } : undefined;
}

export interface Lock {
  /** Nobody can log in with the password. */
  readonly isLocked: boolean;
  /** Days since 1970 after which the account is closed; empty: never. */
  readonly expiry: string;
}

/** `undefined`: there is no such user in the file, or it cannot be read. */
export function readLock(name: string, root = ''): Lock | undefined {
  const fields = lineOf(`${root}/etc/shadow`, name);
  return fields === undefined
    ? undefined
    : { isLocked: fields[1]?.startsWith('!') ?? false, expiry: fields[7] ?? '' };
}

function lineOf(path: string, name: string): readonly string[] | undefined {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .find(([own]) => own === name);
  } catch {
    return undefined;
  }
}
