/** The cookie that sessions are known by: no script reads it, no other site sends it, and over TLS no other host sets it. */

import type { ServerResponse } from 'node:http';

const RETURN_SECONDS = 600;

export class SessionCookie {
  readonly name: string;
  /** Of the cookie of who is on the way to an OpenID provider. */
  readonly returnName: string;
  readonly #isSecure: boolean;

  /** `isSecure`: browsers reach the server over TLS. */
  constructor(isSecure: boolean) {
    this.#isSecure = isSecure;
    this.name = isSecure ? '__Host-peregrine' : 'peregrine-session';
    this.returnName = isSecure ? '__Host-peregrine-oidc' : 'peregrine-oidc';
  }

  set(response: ServerResponse, value: string, maxAgeSeconds?: number): void {
    this.#add(response, this.name, value, { sameSite: 'Strict', maxAgeSeconds });
  }

  clear(response: ServerResponse): void {
    this.set(response, '', 0);
  }

  /** Browsers send it when another site sends them back to us, too: it proves where they left, and nothing else. */
  setForReturn(response: ServerResponse, value: string): void {
    this.#add(response, this.returnName, value, { sameSite: 'Lax', maxAgeSeconds: RETURN_SECONDS });
  }

  clearForReturn(response: ServerResponse): void {
    this.#add(response, this.returnName, '', { sameSite: 'Lax', maxAgeSeconds: 0 });
  }

  #add(
    response: ServerResponse,
    name: string,
    value: string,
    options: { readonly sameSite: 'Strict' | 'Lax'; readonly maxAgeSeconds: number | undefined },
  ): void {
    const { sameSite, maxAgeSeconds } = options;
    const age = maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`;
    const secure = this.#isSecure ? '; Secure' : '';
    response.appendHeader(
      'set-cookie',
      `${name}=${value}; Path=/; HttpOnly; SameSite=${sameSite}${secure}${age}`,
    );
  }
}
