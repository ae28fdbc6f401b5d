/** The cookie that sessions are known by: no script reads it, no other site sends it, and over TLS no other host sets it. */

import type { ServerResponse } from 'node:http';

export class SessionCookie {
  readonly name: string;
  readonly #isSecure: boolean;

  /** `isSecure`: browsers reach the server over TLS. */
  constructor(isSecure: boolean) {
    this.#isSecure = isSecure;
    this.name = isSecure ? '__Host-peregrine' : 'peregrine-session';
  }

  set(response: ServerResponse, value: string, maxAgeSeconds?: number): void {
    const age = maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`;
    const secure = this.#isSecure ? '; Secure' : '';
    response.appendHeader(
      'set-cookie',
      `${this.name}=${value}; Path=/; HttpOnly; SameSite=Strict${secure}${age}`,
    );
  }

  clear(response: ServerResponse): void {
    this.set(response, '', 0);
  }
}
