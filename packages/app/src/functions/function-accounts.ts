/** Who functions run as: nobody in particular, unless the operator or the manifest names a user. */

import { Fault } from '@peregrine/base';
import { type Account, type FunctionSpec, fullNameOf } from '@peregrine/functions';
import { type AccountFiles, findAccount } from '../privileges/accounts.ts';

export interface AccountRequest {
  /** Who we are. */
  readonly uid: number;
  /** Named by the operator. */
  readonly user: string | undefined;
  /** User id of the first function; each other one has the next. */
  readonly firstUser: number | undefined;
  /** Which of the functions it is. */
  readonly index: number;
  readonly files: AccountFiles;
  readonly warn: (message: string) => void;
}

/** `undefined`: whoever we are. Throws a `Fault` for a user who is not there, or who we cannot become. */
export function accountFor(
  spec: FunctionSpec,
  { uid, user, firstUser, index, files, warn }: AccountRequest,
): Account | undefined {
  const own = firstUser === undefined ? undefined : String(firstUser + index);
  const asked = own ?? user ?? askedBy(spec, uid, warn);
  if (asked === undefined) return uid === 0 ? accountOf('nobody', files) : undefined;
  const account = accountOf(asked, files);
  if (account.uid === uid) return undefined;
  if (uid !== 0)
    throw new Fault('functions-user', `functions cannot run as \`${asked}\``, {
      hint: 'only root can choose another user',
    });
  return account;
}

/** A manifest may ask for any user but root, which is the operator's to give. */
function askedBy(spec: FunctionSpec, uid: number, warn: (message: string) => void): string | undefined {
  const { runAsUser } = spec;
  if (runAsUser === undefined || runAsUser === uid) return undefined;
  if (uid === 0) return String(runAsUser);
  warn(`\`${fullNameOf(spec)}\` asks for user ${runAsUser}, and runs as ${uid}: only root can choose`);
  return undefined;
}

function accountOf(user: string, files: AccountFiles): Account {
  try {
    return findAccount(user, files);
  } catch (cause) {
    if (user === 'nobody') return { uid: 65_534, gid: 65_534, groups: [65_534] };
    throw new Fault('functions-user', `there is no user \`${user}\``, {
      cause,
      hint: `make one, \`useradd --system ${user}\`, or give its number`,
    });
  }
}
