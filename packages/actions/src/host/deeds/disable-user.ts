/** Locks accounts: the password, and the account itself from a day long ago on. And opens exactly what was locked. */

import { flag, schema, text } from '@peregrine/base';
import type { ActionOutcome } from '../../action.ts';
import { type DeedCall, defineDeed, refused, unchanged } from '../deed.ts';
import { findAccount, readLock } from '../linux/accounts.ts';
import { runProgram } from '../linux/run-program.ts';

/** What rewriting the files of accounts takes, with their owners and rights as they are. */
export const userCapabilities: readonly string[] = [...['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FOWNER']];

/** Below are users of the system. */
const FIRST_PERSON_UID = 1_000;
/** The second day of 1970: `usermod` takes 0 for never. */
const LONG_AGO = '1';
const USERMOD_LIMIT_MS = 20_000;

/** As names are in the files: never taken for an option, nor for another field. */
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?$/;

export const disableUser = defineDeed({
  name: 'disable-user',
  doc: 'Locks the account of a user.',
  data: schema({
    user: text({ doc: 'Its name.' }),
    system: flag({ default: false, doc: 'Also a user of the system, whose number is below 1000.' }),
  }),
  capabilities: () => userCapabilities,
  run: async (call): Promise<ActionOutcome> => {
    const { user, system } = call.data;
    const why = whyNot(user, system, call);
    if (why !== undefined) return refused(why);
    const before = readLock(user, call.accountsRoot);
    if (before === undefined)
      return refused(`user \`${user}\` has no line in \`/etc/shadow\`, or it cannot be read`);
    const isExpired = before.expiry === LONG_AGO;
    if (before.isLocked && isExpired) return unchanged(`the account of \`${user}\` is locked already`);
    const options = [...(before.isLocked ? [] : ['-L']), ...(isExpired ? [] : ['-e', LONG_AGO])];
    const trouble = call.isDryRun ? undefined : await usermod(options, user, call);
    return (
      trouble ?? {
        kind: 'done',
        summary: `${call.isDryRun ? 'would lock' : 'locked'} the account of \`${user}\``,
        changes: [{ object: `user ${user}`, before: 'open', after: 'locked' }],
        undo: { user, password: !before.isLocked, account: !isExpired, expiry: before.expiry },
      }
    );
  },
});

export const enableUser = defineDeed({
  name: 'enable-user',
  doc: 'Opens what of an account was locked.',
  data: schema({
    user: text({ doc: 'Its name.' }),
    password: flag({ doc: 'Whether its password was locked.' }),
    account: flag({ doc: 'Whether the account itself was closed.' }),
    expiry: text({ default: '', doc: 'Days since 1970 after which it was to be closed; empty: never.' }),
  }),
  capabilities: () => userCapabilities,
  run: async (call): Promise<ActionOutcome> => {
    const { user, password, account, expiry } = call.data;
    const why = whyNot(user, true, call);
    if (why !== undefined) return refused(why);
    if (!/^\d{0,9}$/.test(expiry)) return refused(`\`${expiry}\` is no number of days`);
    const now = readLock(user, call.accountsRoot);
    if (now === undefined) return unchanged(`there is no user \`${user}\` any more`);
    // Whoever changed it since knows better.
    const options = [
      ...(password && now.isLocked ? ['-U'] : []),
      ...(account && now.expiry === LONG_AGO ? ['-e', expiry] : []),
    ];
    if (options.length === 0) return unchanged(`the account of \`${user}\` is open already`);
    const trouble = call.isDryRun ? undefined : await usermod(options, user, call);
    return (
      trouble ?? {
        kind: 'done',
        summary: `${call.isDryRun ? 'would open' : 'opened'} the account of \`${user}\` again`,
        changes: [{ object: `user ${user}`, before: 'locked', after: 'open' }],
      }
    );
  },
});

function whyNot(
  user: string,
  isSystemAllowed: boolean,
  { settings, accountsRoot }: Pick<DeedCall<unknown>, 'settings' | 'accountsRoot'>,
): string | undefined {
  if (!NAME.test(user)) return `\`${user.slice(0, 100)}\` is no name of a user`;
  const account = findAccount(user, accountsRoot);
  if (account === undefined) return `there is no user \`${user}\` in \`/etc/passwd\``;
  if (account.uid === 0) return `user \`${user}\` is root, whose account stays open`;
  if (account.uid === process.getuid?.()) return `user \`${user}\` is the one that Peregrine runs as`;
  if (settings.users.includes(user)) return `user \`${user}\` is protected: \`response.protected.users\``;
  return account.uid < FIRST_PERSON_UID && !isSystemAllowed
    ? `user \`${user}\` is one of the system, number ${account.uid}; \`system: true\` allows it`
    : undefined;
}

/** `undefined` where it was done. */
async function usermod(
  options: readonly string[],
  user: string,
  { accountsRoot, signal }: Pick<DeedCall<unknown>, 'accountsRoot' | 'signal'>,
): Promise<ActionOutcome | undefined> {
  const place = accountsRoot === '' ? [] : ['--prefix', accountsRoot];
  const end = await runProgram({
    command: ['usermod', ...place, ...options, user],
    ...{ input: '', environment: {}, folder: '/', account: undefined, timeoutMs: USERMOD_LIMIT_MS, signal },
  });
  switch (end.kind) {
    case 'absent':
      return refused(`\`usermod\` cannot be run: ${end.reason}`);
    case 'cut':
      return { kind: 'unknown', reason: `\`usermod\`: ${end.reason}` };
    case 'ended':
      if (end.exitCode === 0) return undefined;
      // Another program writes the files.
      return /lock/.test(end.stderr)
        ? { kind: 'retry', reason: `\`usermod\` says: ${end.stderr.trim().slice(0, 300)}`, afterMs: 500 }
        : refused(`\`usermod\` says: ${end.stderr.trim().slice(0, 300)}`);
  }
}
