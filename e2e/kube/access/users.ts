/** Who is asking: bearer tokens of users and of service accounts. */

import { randomBytes } from 'node:crypto';

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

const AUTHENTICATED = 'system:authenticated';
export const MASTERS = 'system:masters';

export const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

export class Users {
  readonly #byToken = new Map<string, User>();
  readonly #tokens = new Map<string, string>();

  /** The token of a user, the same each time; groups count the first time. */
  tokenOf(name: string, groups: readonly string[]): string {
    const known = this.#tokens.get(name);
    if (known !== undefined) return known;
    const token = randomBytes(24).toString('base64url');
    this.#tokens.set(name, token);
    this.#byToken.set(token, { name, groups: [...groups, AUTHENTICATED] });
    return token;
  }

  serviceAccountToken(namespace: string, name: string): string {
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
    return this.tokenOf(`system:serviceaccount:${namespace}:${name}`, groups);
  }

  /** `undefined`: it says who it is, and is nobody. */
  whoIs(authorization: string | undefined): User | undefined {
    if (authorization === undefined) return anonymous;
    const [, token = ''] = /^Bearer (.+)$/i.exec(authorization) ?? [];
    return this.#byToken.get(token);
  }
}
