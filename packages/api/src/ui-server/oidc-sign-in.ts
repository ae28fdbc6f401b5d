/**
 * Signing in at an OpenID provider: attempts that are under way, each bound to one browser and good for one answer, and what
 * becomes of who comes back.
 */

import { createHash, randomBytes } from 'node:crypto';
import { type OidcFailure, type Role, roles } from '../contract/index.ts';
import type { AccountRecords } from './account-records.ts';
import {
  type OidcAttempt,
  type OidcPerson,
  OidcProvider,
  type OidcProviderOptions,
} from './oidc-provider.ts';
import type { SignIn } from './sign-in.ts';

export interface OidcOptions extends OidcProviderOptions {
  /** What the button says. */
  readonly title: string;
  /** Roles by what the claim says. */
  readonly roles: Readonly<Record<string, Role>>;
  /** Of those of whom the claim says nothing that has a role; `undefined`: they are not let in. */
  readonly defaultRole: Role | undefined;
}

/** Why somebody is not in; `detail` is for the log. */
export class OidcRefusal extends Error {
  readonly code: OidcFailure;

  constructor(code: OidcFailure, detail: string) {
    // Part of it is what the browser brought along: one line of the log, and no more.
    super(detail.replaceAll(/[\p{C}\u2028\u2029]+/gu, ' ').slice(0, 500));
    this.code = code;
  }
}

export interface OidcSignInOptions {
  readonly settings: OidcOptions;
  readonly accounts: AccountRecords;
  readonly signIn: SignIn;
  readonly nowMs: () => number;
}

const ATTEMPT_MS = 10 * 60_000;
const MOST_ATTEMPTS = 10_000;

export class OidcSignIn {
  readonly #options: OidcSignInOptions;
  readonly #provider: OidcProvider;
  /** By what the browser's cookie has. Oldest first. */
  readonly #attempts = new Map<string, OidcAttempt & { readonly untilMs: number }>();

  constructor(options: OidcSignInOptions) {
    this.#options = options;
    this.#provider = new OidcProvider(options.settings);
  }

  /** Throws where the provider does not answer as one. */
  async prepare(): Promise<void> {
    await this.#provider.prepare().catch((error: unknown) => {
      throw new OidcRefusal('unreachable', whyOf(error));
    });
  }

  /** Where to send the browser, and what it has to bring back in a cookie. */
  async begin(redirectUrl: string): Promise<{ readonly address: URL; readonly token: string }> {
    const { address, attempt } = await this.#provider.begin(redirectUrl).catch((error: unknown) => {
      throw new OidcRefusal('unreachable', whyOf(error));
    });
    const token = randomBytes(32).toString('base64url');
    const [oldest] = this.#attempts.keys();
    if (this.#attempts.size >= MOST_ATTEMPTS && oldest !== undefined) this.#attempts.delete(oldest);
    this.#attempts.set(token, { ...attempt, untilMs: this.#options.nowMs() + ATTEMPT_MS });
    return { address, token };
  }

  /** A session for who comes back. Throws an `OidcRefusal`. */
  async finish(
    answered: URL,
    token: string | undefined,
    address: string,
  ): Promise<{ readonly token: string; readonly name: string }> {
    const attempt = this.#attempts.get(token ?? '');
    this.#attempts.delete(token ?? '');
    if (attempt === undefined || attempt.untilMs <= this.#options.nowMs())
      throw new OidcRefusal('expired', 'there is no such sign-in under way');
    const error = answered.searchParams.get('error');
    if (error !== null && answered.searchParams.get('state') === attempt.state)
      throw new OidcRefusal(error === 'access_denied' ? 'denied' : 'refused', `the provider says ${error}`);
    const person = await this.#provider.finish(answered, attempt).catch((cause: unknown) => {
      throw new OidcRefusal('refused', whyOf(cause));
    });
    const role = this.#roleOf(person);
    await this.#enter(person, role);
    const begun = await this.#options.signIn.begin(person.name, role, 'oidc', address);
    return { token: begun.token, name: person.name };
  }

  /** The highest of all that the claim gives. */
  #roleOf({ name, groups }: OidcPerson): Role {
    const { roles: byGroup, defaultRole } = this.#options.settings;
    const given = groups.flatMap((group) => (Object.hasOwn(byGroup, group) ? [byGroup[group]] : []));
    const highest = roles.findLast((role) => given.includes(role)) ?? defaultRole;
    if (highest === undefined) throw new OidcRefusal('no-role', `\`${name}\` has no role here`);
    return highest;
  }

  /** INVARIANT: a name belongs to whoever had it first: who can choose a name at the provider does not become another user. */
  async #enter({ name, subject }: OidcPerson, role: Role): Promise<void> {
    const { accounts, nowMs } = this.#options;
    if (!/^[^\p{C}:]{1,256}$/u.test(name)) throw new OidcRefusal('bad-name', 'the name is empty or too long');
    const identity = `oidc$${createHash('sha256').update(subject).digest('base64url')}`;
    await accounts.addUser({
      ...{ name, role, source: 'oidc', passwordHash: identity },
      ...{ createdMs: nowMs(), lastSeenMs: undefined, isDisabled: false },
    });
    const user = await accounts.user(name);
    if (user?.source !== 'oidc' || user.passwordHash !== identity)
      throw new OidcRefusal('name-taken', `\`${name}\` is another user here`);
    if (user.isDisabled) throw new OidcRefusal('locked-out', `\`${name}\` is locked out`);
    if (user.role !== role) await accounts.changeUser(name, { role });
  }
}

function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== error.message
    ? `${error.message}: ${cause.message}`
    : error.message;
}
