/** Ways in which a server misbehaves when a test asks it to. */

import { StatusError } from '../status.ts';
import type { RequestInfo } from './request-info.ts';

/** Which requests; what is absent does not count. */
export interface RequestMatch {
  readonly user?: string;
  readonly verb?: string;
  readonly resource?: string;
  /** Empty: the object itself, and nothing below it. */
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

export type Misbehaviour =
  /** Answers with this in place of carrying the request out. */
  | { readonly kind: 'answer'; readonly code: number; readonly retryAfterS?: number }
  /** Carries it out later. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** Never answers, and carries nothing out. */
  | { readonly kind: 'hang' }
  /** Breaks the connection in place of carrying the request out. */
  | { readonly kind: 'refuse' }
  /** Carries the request out, then breaks the connection in place of answering. */
  | { readonly kind: 'drop' };

export interface FaultRule {
  readonly how: Misbehaviour;
  readonly match: RequestMatch;
  /** How many requests it is to meet. */
  readonly times: number;
}

export class Faults {
  #rules: { readonly rule: FaultRule; left: number }[] = [];

  add(rule: FaultRule): void {
    this.#rules.push({ rule, left: rule.times });
  }

  clear(): void {
    this.#rules = [];
  }

  /** What the next request like this one meets; it then counts as met. */
  take(info: RequestInfo, user: string): Misbehaviour | undefined {
    const found = this.#rules.find(({ rule, left }) => left > 0 && matches(rule.match, info, user));
    if (found === undefined) return undefined;
    found.left--;
    return found.rule.how;
  }
}

function matches(match: RequestMatch, info: RequestInfo, user: string): boolean {
  return Object.entries(match).every(([key, wanted]) => {
    if (key === 'user') return user === wanted;
    return Object.entries(info).some(([name, value]) => name === key && value === wanted);
  });
}

const reasons: Readonly<Record<number, readonly [string, string]>> = {
  409: [
    'Conflict',
    'the object has been modified; please apply your changes to the latest version and try again',
  ],
  429: ['TooManyRequests', 'Too many requests, please try again later.'],
  500: ['InternalError', 'Internal error occurred: etcdserver: request timed out'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: ['Timeout', 'Timeout: request did not complete within the allotted timeout'],
};

export function faultStatus(code: number, retryAfterS: number | undefined): StatusError {
  const [reason, message] = reasons[code] ?? ['Unknown', 'unknown'];
  return new StatusError({
    code,
    reason,
    message,
    details: retryAfterS === undefined ? {} : { retryAfterSeconds: retryAfterS },
    headers: retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) },
  });
}
