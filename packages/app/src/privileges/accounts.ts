/** The user to run as, looked up in the account files. */

import { readFileSync } from 'node:fs';
import { Fault } from '@peregrine/base';
import type { Account } from './linux.ts';

export interface AccountFiles {
  /** `/etc/passwd`. */
  readonly users: string;
  /** `/etc/group`. */
  readonly groups: string;
}

const LARGEST_ID = 4_294_967_294;

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

export function readAccountFiles(): AccountFiles {
  return { users: readIfThere('/etc/passwd'), groups: readIfThere('/etc/group') };
}

/**
 * `user`: a name or a number. A number that no line has stands for itself, with a group of the same number. Throws a
 * Fault for a name that nobody has.
 */
export function findAccount(user: string, { users, groups }: AccountFiles): Account {
  const isNumber = /^\d+$/.test(user);
  if (isNumber && Number(user) > LARGEST_ID)
    throw new Fault('privileges-user', `\`privileges.user\` is \`${user}\`, which is no user id`);
  const found = users
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name, , uid]) => (isNumber ? uid === user : name === user));
  if (found === undefined && !isNumber)
    throw new Fault('privileges-user', `\`privileges.user\` is \`${user}\`, and there is no such user`, {
      hint: `make one, \`useradd --system ${user}\`, or give its number`,
    });
  const [name, , uid = user, gid = user] = found ?? [];
  const memberOf = groups
    .split('\n')
    .map((line) => line.split(':'))
    .filter(([, , , members = '']) => name !== undefined && members.split(',').includes(name))
    .map(([, , id]) => Number(id))
    .filter(Number.isInteger);
  return { uid: Number(uid), gid: Number(gid), groups: [...new Set([Number(gid), ...memberOf])] };
}
