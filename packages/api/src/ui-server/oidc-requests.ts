/** The two addresses of signing in at an OpenID provider: the way there, and the way back. Both answer with a redirect. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccountRecords } from './account-records.ts';
import { OidcRefusal, type OidcSignIn } from './oidc-sign-in.ts';
import { cookieIn } from './request-parts.ts';
import { redirect } from './responses.ts';
import type { SessionCookie } from './session-cookie.ts';
import type { SignIn } from './sign-in.ts';

export const OIDC_PATH = '/sign-in/oidc';
export const OIDC_CALLBACK_PATH = '/sign-in/oidc/callback';

export interface OidcRequestsOptions {
  readonly oidc: OidcSignIn;
  readonly signIn: SignIn;
  readonly cookie: SessionCookie;
  readonly accounts: AccountRecords;
  /** Where people open the server, without a path. */
  readonly ownUrl: () => string;
  readonly nowMs: () => number;
  readonly onTrouble: (text: string) => void;
}

export class OidcRequests {
  readonly #options: OidcRequestsOptions;

  constructor(options: OidcRequestsOptions) {
    this.#options = options;
  }

  async begin(response: ServerResponse): Promise<void> {
    const { oidc, cookie } = this.#options;
    try {
      const { address, token } = await oidc.begin(this.#callbackUrl());
      cookie.setForReturn(response, token);
      redirect(response, address.href);
    } catch (error) {
      this.#refuse(response, error);
    }
  }

  async finish(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): Promise<void> {
    const { oidc, cookie, signIn } = this.#options;
    const address = request.socket.remoteAddress ?? '';
    const answered = new URL(`${this.#callbackUrl()}?${query}`);
    cookie.clearForReturn(response);
    try {
      const token = cookieIn(request.headers.cookie, cookie.returnName);
      const begun = await oidc.finish(answered, token, address);
      await signIn.endSessionOf(request);
      cookie.set(response, begun.token);
      await this.#audit(begun.name, address, 'done');
      redirect(response, '/');
    } catch (error) {
      if (error instanceof OidcRefusal) await this.#audit('', address, error.code);
      this.#refuse(response, error);
    }
  }

  #callbackUrl(): string {
    return `${this.#options.ownUrl()}${OIDC_CALLBACK_PATH}`;
  }

  /** The page says what the code means; the log says more. */
  #refuse(response: ServerResponse, error: unknown): void {
    if (!(error instanceof OidcRefusal)) throw error;
    this.#options.onTrouble(`somebody could not sign in with OpenID Connect: ${error.message}`);
    redirect(response, `/sign-in?oidc=${error.code}`);
  }

  async #audit(user: string, address: string, outcome: string): Promise<void> {
    const { accounts, nowMs } = this.#options;
    const detail = `oidc ${outcome}`;
    await accounts.addAudit({ timeMs: nowMs(), user, address, action: 'signIn', target: user, detail });
  }
}
