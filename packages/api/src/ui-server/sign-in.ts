/** Who asks: sessions, passwords, one-time links, and the limits on guessing. */

import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Role } from '../contract/index.ts';
import type { AccountRecords, SessionRecord, UserRecord } from './account-records.ts';
import { AttemptLimiter } from './attempt-limiter.ts';
import { ApiError, type Caller } from './handlers.ts';
import { isPassword, TooManyAtOnce } from './passwords.ts';
import { basicIn, cookieIn } from './request-parts.ts';

export interface SignInOptions {
  readonly accounts: AccountRecords;
  /** Nobody is asked: only for a server that nobody else can reach. */
  readonly isOpen: boolean;
  /** Of the cookie that has a session's token. */
  readonly cookieName: string;
  readonly nowMs: () => number;
}

/** A caller, and what proves that a request is the interface's own. */
export interface Identity {
  readonly caller: Caller;
  /** To be sent with whatever changes something; `undefined`: not needed, as credentials came with the request itself. */
  readonly csrfToken: string | undefined;
  readonly session: SessionRecord | undefined;
}

const IDLE_MS = 12 * 60 * 60_000;
const LONGEST_MS = 7 * 24 * 60 * 60_000;
/** So that who is no longer known at the provider is out after a day. */
const LONGEST_OIDC_MS = 24 * 60 * 60_000;
const LINK_MS = 10 * 60_000;
const TOUCH_MS = 60_000;
/** A password that came with a request is not computed again for the next one. */
const BASIC_MS = 60_000;
const MOST_REMEMBERED = 1_000;

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
const newToken = (): string => randomBytes(32).toString('base64url');

/** Neither expired nor unused for too long. */
export function isLive({ expiresMs, lastSeenMs }: SessionRecord, nowMs: number): boolean {
  return nowMs < expiresMs && nowMs < lastSeenMs + IDLE_MS;
}

export class SignIn {
  readonly #options: SignInOptions;
  readonly #limiter: AttemptLimiter;
  readonly #openToken = newToken();
  readonly #memoryKey = randomBytes(32);
  readonly #remembered = new Map<string, { readonly name: string; readonly untilMs: number }>();
  #link: { readonly hash: string; readonly untilMs: number } | undefined;

  constructor(options: SignInOptions) {
    this.#options = options;
    this.#limiter = new AttemptLimiter(options.nowMs);
  }

  /** `undefined`: nobody that is known. Throws an `ApiError` for who guesses too much. */
  async identify(request: IncomingMessage): Promise<Identity | undefined> {
    const address = request.socket.remoteAddress ?? '';
    if (this.#options.isOpen) {
      const caller: Caller = { name: 'local', role: 'admin', via: 'open', address };
      return { caller, csrfToken: this.#openToken, session: undefined };
    }
    const token = cookieIn(request.headers.cookie, this.#options.cookieName);
    if (token !== undefined && token !== '') {
      const found = await this.#bySession(token, address);
      if (found !== undefined) return found;
    }
    const basic = basicIn(request.headers.authorization);
    return basic && this.#byBasic(basic.name, basic.password, address);
  }

  async #bySession(token: string, address: string): Promise<Identity | undefined> {
    const { accounts, nowMs } = this.#options;
    const session = await accounts.session(hashOf(token));
    if (session === undefined) return undefined;
    const now = nowMs();
    const user = await accounts.user(session.user);
    if (!isLive(session, now) || user === undefined || user.isDisabled) {
      await accounts.removeSession(session.tokenHash);
      return undefined;
    }
    if (now - session.lastSeenMs > TOUCH_MS) await accounts.touchSession(session.tokenHash, now);
    const { name, role } = user;
    return { caller: { name, role, via: session.via, address }, csrfToken: session.csrfToken, session };
  }

  async #byBasic(name: string, password: string, address: string): Promise<Identity | undefined> {
    const { accounts, nowMs } = this.#options;
    const key = createHmac('sha256', this.#memoryKey).update(`${name}\0${password}`).digest('hex');
    const known = this.#remembered.get(key);
    const isKnown = known !== undefined && known.untilMs > nowMs();
    const user = isKnown ? await accounts.user(name) : await this.#check(name, password, address);
    if (user === undefined || user.isDisabled) return undefined;
    if (!isKnown) {
      const [oldest] = this.#remembered.keys();
      if (this.#remembered.size >= MOST_REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
      this.#remembered.set(key, { name, untilMs: nowMs() + BASIC_MS });
    }
    return {
      caller: { name, role: user.role, via: 'basic', address },
      csrfToken: undefined,
      session: undefined,
    };
  }

  /** After a change of a password, or of who may sign in. */
  forgetPasswordsOf(name: string): void {
    for (const [key, known] of this.#remembered) if (known.name === name) this.#remembered.delete(key);
  }

  /** The user whose password it is. Throws an `ApiError` for who guesses too much. */
  async #check(name: string, password: string, address: string): Promise<UserRecord | undefined> {
    const limiter = this.#limiter;
    const [ofAddress, ofName] = [`address ${networkOf(address)}`, `user ${name.slice(0, 256)}`];
    const pauseMs = Math.max(limiter.pauseOf(ofAddress), limiter.pauseOf(ofName));
    if (pauseMs > 0) {
      throw new ApiError(429, 'too-many-attempts', 'there were too many attempts to sign in', {
        hint: `try again in ${Math.ceil(pauseMs / 1000)} s`,
        retryAfterSeconds: Math.ceil(pauseMs / 1000),
      });
    }
    const user = await this.#options.accounts.user(name);
    let isRight: boolean;
    try {
      isRight = await isPassword(user?.isDisabled === true ? undefined : user?.passwordHash, password);
    } catch (error) {
      if (!(error instanceof TooManyAtOnce)) throw error;
      throw new ApiError(429, 'busy', 'too many sign in at once', { retryAfterSeconds: 1 });
    }
    if (isRight) {
      // Who knows one password must not guess others for it: what is taken back are failures with this name.
      limiter.forgive(ofAddress, limiter.failuresOf(ofName));
      limiter.forgive(ofName);
    } else {
      limiter.fail(ofAddress);
      limiter.fail(ofName);
    }
    return isRight ? user : undefined;
  }

  /** A new session, and the cookie's value; `undefined`: name or password is wrong. */
  async signIn(
    name: string,
    password: string,
    address: string,
  ): Promise<{ readonly token: string; readonly identity: Identity } | undefined> {
    const user = await this.#check(name, password, address);
    return user && this.begin(user.name, user.role, 'password', address);
  }

  /** Whether it is the password of who has signed in already. */
  async isOwnPassword(name: string, password: string, address: string): Promise<boolean> {
    return (await this.#check(name, password, address)) !== undefined;
  }

  /** A new session of a user who has shown to be one. */
  async begin(
    name: string,
    role: Role,
    via: SessionRecord['via'],
    address: string,
  ): Promise<{ readonly token: string; readonly identity: Identity }> {
    const { accounts, nowMs } = this.#options;
    const now = nowMs();
    await accounts.removeExpiredSessions(now);
    const token = newToken();
    const session: SessionRecord = {
      tokenHash: hashOf(token),
      user: name,
      via,
      csrfToken: newToken(),
      createdMs: now,
      lastSeenMs: now,
      expiresMs: now + (via === 'oidc' ? LONGEST_OIDC_MS : LONGEST_MS),
    };
    await accounts.addSession(session);
    await accounts.changeUser(name, { lastSeenMs: now });
    return {
      token,
      identity: { caller: { name, role, via, address }, csrfToken: session.csrfToken, session },
    };
  }

  /** The token of a link that signs in once, as the user of that name, who is made if need be. */
  createLink(): string {
    const token = newToken();
    this.#link = { hash: hashOf(token), untilMs: this.#options.nowMs() + LINK_MS };
    return token;
  }

  /** `undefined`: it was used, is too old, or never was. */
  async followLink(token: string, address: string): Promise<{ readonly token: string } | undefined> {
    const link = this.#link;
    if (link === undefined || link.untilMs < this.#options.nowMs()) return undefined;
    const isRight = timingSafeEqual(Buffer.from(link.hash), Buffer.from(hashOf(token)));
    if (!isRight) return undefined;
    this.#link = undefined;
    const { accounts, nowMs } = this.#options;
    await accounts.addUser({
      name: LINK_USER,
      role: 'admin',
      source: 'config',
      passwordHash: undefined,
      createdMs: nowMs(),
      lastSeenMs: undefined,
      isDisabled: false,
    });
    return this.begin(LINK_USER, 'admin', 'link', address);
  }

  /** The session that a browser has, when it begins another. */
  async endSessionOf(request: IncomingMessage): Promise<void> {
    const token = cookieIn(request.headers.cookie, this.#options.cookieName);
    if (token !== undefined && token !== '') await this.#options.accounts.removeSession(hashOf(token));
  }

  async signOut({ session }: Identity): Promise<void> {
    if (session !== undefined) await this.#options.accounts.removeSession(session.tokenHash);
  }
}

/** Of IPv6 the first 64 bits, as one machine has all addresses that begin with them. */
export function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - after.length;
  return [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...after].slice(0, 4).join(':');
}

/** Whoever followed the link that the program printed. */
const LINK_USER = 'local';
