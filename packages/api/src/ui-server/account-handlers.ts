/** Signing in and out, users, the audit log: what the server answers by itself. */

import type { z } from 'zod';
import type { Operations, OwnSession, Session, User } from '../contract/index.ts';
import type { AccountRecords, UserRecord } from './account-records.ts';
import { ApiError } from './handlers.ts';
import { OIDC_PATH } from './oidc-requests.ts';
import { hashPassword, weaknessOf } from './passwords.ts';
import { type Identity, isLive, type SignIn } from './sign-in.ts';

type Body<K extends keyof Operations> = Operations[K] extends { readonly body: infer S }
  ? S extends z.ZodType
    ? z.infer<S>
    : undefined
  : undefined;

export interface AccountOptions {
  readonly accounts: AccountRecords;
  readonly signIn: SignIn;
  readonly isOpen: boolean;
  readonly hasDefaultPassword: boolean;
  /** What the button for the OpenID provider says; `undefined`: there is none. */
  readonly oidcTitle: string | undefined;
  readonly version: string;
  readonly nowMs: () => number;
}

const timeOf = (ms: number): string => new Date(ms).toISOString();

export class AccountHandlers {
  readonly #options: AccountOptions;

  constructor(options: AccountOptions) {
    this.#options = options;
  }

  async session(identity: Identity | undefined): Promise<Session> {
    const { accounts, isOpen, version, hasDefaultPassword, oidcTitle } = this.#options;
    const hasPasswords = async (): Promise<boolean> =>
      oidcTitle === undefined || (await accounts.users()).some(({ source }) => source !== 'oidc');
    return {
      user:
        identity === undefined
          ? null
          : { name: identity.caller.name, role: identity.caller.role, via: identity.caller.via },
      hasPasswords: !isOpen && (await hasPasswords()),
      oidc: oidcTitle === undefined ? null : { title: oidcTitle, path: OIDC_PATH },
      csrfToken: identity?.csrfToken ?? '',
      version,
      hasDefaultPassword,
    };
  }

  async changePassword(identity: Identity, { current, next }: Body<'changePassword'>): Promise<{ ok: true }> {
    const { accounts, signIn } = this.#options;
    const { name, address } = identity.caller;
    const user = await accounts.user(name);
    if (user?.source !== 'password')
      throw new ApiError(
        409,
        'not-here',
        'the configuration or the OpenID provider has the password of this user',
      );
    if (!(await signIn.isOwnPassword(name, current, address)))
      throw new ApiError(403, 'wrong-password', 'the present password is another one');
    await this.#setPassword(name, next);
    await accounts.removeSessionsOf(name, identity.session?.tokenHash);
    return { ok: true };
  }

  async #setPassword(name: string, password: string): Promise<void> {
    const why = weaknessOf(name, password);
    if (why !== undefined) throw new ApiError(400, 'weak-password', `this password will not do: ${why}`);
    await this.#options.accounts.changeUser(name, { passwordHash: await hashPassword(password) });
    this.#options.signIn.forgetPasswordsOf(name);
  }

  async listOwnSessions({ caller, session }: Identity): Promise<{ sessions: OwnSession[] }> {
    const { accounts, nowMs } = this.#options;
    const live = (await accounts.sessionsOf(caller.name)).filter((one) => isLive(one, nowMs()));
    return {
      sessions: live.map(({ tokenHash, via, createdMs, lastSeenMs }) => ({
        via,
        createdAt: timeOf(createdMs),
        lastSeenAt: timeOf(lastSeenMs),
        isThis: tokenHash === session?.tokenHash,
      })),
    };
  }

  async endOtherSessions({ caller, session }: Identity): Promise<{ ok: true }> {
    await this.#options.accounts.removeSessionsOf(caller.name, session?.tokenHash);
    return { ok: true };
  }

  /** Of whatever source: ending sessions changes nothing that the configuration or a provider says. */
  async endSessions(name: string): Promise<{ ok: true }> {
    const { accounts } = this.#options;
    if ((await accounts.user(name)) === undefined)
      throw new ApiError(404, 'no-user', `there is no user \`${name}\``);
    await accounts.removeSessionsOf(name);
    return { ok: true };
  }

  async listUsers(): Promise<{ users: User[] }> {
    return { users: (await this.#options.accounts.users()).map(shown) };
  }

  async addUser({ name, role, password }: Body<'addUser'>): Promise<User> {
    const { accounts, nowMs } = this.#options;
    const why = weaknessOf(name, password);
    if (why !== undefined) throw new ApiError(400, 'weak-password', `this password will not do: ${why}`);
    if (name.includes(':')) throw new ApiError(400, 'bad-name', 'a name has no colon');
    const user: UserRecord = {
      name,
      role,
      source: 'password',
      passwordHash: await hashPassword(password),
      createdMs: nowMs(),
      lastSeenMs: undefined,
      isDisabled: false,
    };
    if (!(await accounts.addUser(user)))
      throw new ApiError(409, 'user-exists', `there is a user \`${name}\` already`);
    return shown(user);
  }

  async changeUser(name: string, { role, password, isDisabled }: Body<'changeUser'>): Promise<User> {
    const { accounts, signIn } = this.#options;
    const user = await this.#own(name);
    if (user.source === 'oidc' && (role !== undefined || password !== undefined))
      throw new ApiError(409, 'not-here', `\`${name}\` has role and password from the OpenID provider`);
    if (isDisabled === true || (role !== undefined && role !== 'admin')) await this.#keepAnAdmin(name);
    await accounts.changeUser(name, {
      ...(role === undefined ? {} : { role }),
      ...(isDisabled === undefined ? {} : { isDisabled }),
    });
    if (password !== undefined) await this.#setPassword(name, password);
    if (password !== undefined || isDisabled === true) await accounts.removeSessionsOf(name);
    signIn.forgetPasswordsOf(name);
    return shown(await this.#own(name));
  }

  async removeUser(name: string): Promise<{ ok: true }> {
    const { accounts, signIn } = this.#options;
    await this.#own(name);
    await this.#keepAnAdmin(name);
    await accounts.removeUser(name);
    signIn.forgetPasswordsOf(name);
    return { ok: true };
  }

  async #own(name: string): Promise<UserRecord> {
    const user = await this.#options.accounts.user(name);
    if (user === undefined) throw new ApiError(404, 'no-user', `there is no user \`${name}\``);
    if (user.source === 'config')
      throw new ApiError(409, 'not-here', `\`${name}\` is a user of the configuration, and is changed there`);
    return user;
  }

  async #keepAnAdmin(name: string): Promise<void> {
    const users = await this.#options.accounts.users();
    const others = users.filter((user) => user.name !== name && user.role === 'admin' && !user.isDisabled);
    if (others.length === 0)
      throw new ApiError(409, 'last-admin', 'nobody would be left who may change users');
  }

  async auditLog(query: {
    limit?: number | undefined;
    cursor?: string | undefined;
    user?: string | undefined;
    action?: string | undefined;
  }) {
    const { entries, next } = await this.#options.accounts.audit({
      limit: query.limit ?? 100,
      cursor: query.cursor,
      user: query.user,
      action: query.action,
    });
    return {
      entries: entries.map(({ timeMs, ...entry }) => ({ ...entry, time: timeOf(timeMs) })),
      next: next ?? null,
    };
  }
}

function shown({ name, role, source, createdMs, lastSeenMs, isDisabled }: UserRecord): User {
  return {
    name,
    role,
    source,
    createdAt: timeOf(createdMs),
    lastSeenAt: lastSeenMs === undefined ? null : timeOf(lastSeenMs),
    isDisabled,
  };
}
