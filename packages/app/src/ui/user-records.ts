/** Users of the web interface, from outside of the hub, which may run or not. */

import { hashPassword, weaknessOf } from '@peregrine/api';
import { Fault } from '@peregrine/base';
import { Accounts, prepareRecords } from '@peregrine/store';
import { openRecordsAt, type StoreLocation } from './store-location.ts';

export interface UserSummary {
  readonly name: string;
  readonly role: 'viewer' | 'responder' | 'admin';
  /** Where it comes from: whoever added it, the configuration, or an OpenID provider. */
  readonly source: 'password' | 'config' | 'oidc';
  readonly isDisabled: boolean;
}

export type UserChange =
  | {
      readonly kind: 'add';
      readonly name: string;
      readonly role: UserSummary['role'];
      readonly password: string;
    }
  | { readonly kind: 'password'; readonly name: string; readonly password: string }
  | { readonly kind: 'remove'; readonly name: string };

export async function listUsers(location: StoreLocation): Promise<readonly UserSummary[]> {
  return withAccounts(location, async (accounts) =>
    (await accounts.users()).map(({ name, role, source, isDisabled }) => ({
      name,
      role,
      source,
      isDisabled,
    })),
  );
}

/** Throws a `Fault` when it cannot be. */
export async function changeUsers(location: StoreLocation, change: UserChange): Promise<void> {
  await withAccounts(location, async (accounts) => {
    const { name } = change;
    const known = await accounts.user(name);
    if (change.kind !== 'add' && known === undefined)
      throw new Fault('no-user', `there is no user \`${name}\``);
    if (known?.source === 'config')
      throw new Fault(
        'user-of-configuration',
        `\`${name}\` is a user of the configuration: change \`ui.users\``,
      );
    if (change.kind === 'password' && known?.source === 'oidc')
      throw new Fault(
        'user-of-provider',
        `\`${name}\` signs in at the OpenID provider, which has the password`,
      );
    if (change.kind === 'remove') {
      await accounts.removeUser(name);
      return;
    }
    const why = weaknessOf(name, change.password);
    if (why !== undefined) throw new Fault('weak-password', `this password will not do: ${why}`);
    const passwordHash = await hashPassword(change.password);
    if (change.kind === 'password') {
      await accounts.changeUser(name, { passwordHash });
      await accounts.removeSessionsOf(name);
      return;
    }
    const isNew = await accounts.addUser({
      ...{ name, role: change.role, source: 'password', passwordHash, createdMs: Date.now() },
      ...{ lastSeenMs: undefined, isDisabled: false },
    });
    if (!isNew) throw new Fault('user-exists', `there is a user \`${name}\` already`);
  });
}

async function withAccounts<T>(
  location: StoreLocation,
  work: (accounts: Accounts) => Promise<T>,
): Promise<T> {
  const { records, close } = await openRecordsAt(location);
  try {
    await prepareRecords(records);
    return await work(new Accounts(records));
  } finally {
    await close();
  }
}
