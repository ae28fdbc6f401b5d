/** Ways in which a server misbehaves when a test asks it to. */

import { StatusError, staleVersion } from '../status.ts';
import { type Answer, document, text } from './answers.ts';
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
  500: ['InternalError', 'Internal error occurred: etcdserver: request timed out'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: ['Timeout', 'Timeout: request did not complete within the allotted timeout'],
};

/** What servers say in such a case. */
export function faultAnswer(
  { code, retryAfterS }: { readonly code: number; readonly retryAfterS?: number },
  info: RequestInfo,
): { readonly answer: Answer; readonly headers: Readonly<Record<string, string>> } {
  const headers = retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) };
  // Servers that are busy do not get as far as to make a Status of it.
  if (code === 429) return { answer: text('Too many requests, please try again later.\n', 429), headers };
  if (code === 409)
    return { answer: document(staleVersion({ ...info, kind: '' }, info.name).body, 409), headers };
  const [reason, message] = reasons[code] ?? ['Unknown', 'unknown'];
  const details = retryAfterS === undefined ? {} : { retryAfterSeconds: retryAfterS };
  return { answer: document(new StatusError({ code, reason, message, details }).body, code), headers };
}
