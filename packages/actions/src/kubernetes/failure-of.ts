/** What the API server answered, or why it did not, as a `KubeFailure`: the one place where that is decided. */

import { objectIn, parseObject, textIn } from '@peregrine/base';
import { KubeFailure } from './kube-port.ts';

/** Longest text of the server that is repeated, UTF-16 units. */
const MOST_LENGTH = 500;
/** Somebody between us and the object gave up waiting: it may be done all the same. */
const gaveUp = new Set([502, 504]);

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

/** `what`: `DELETE /api/v1/...`. `isChange`: the request would have changed something. */
export function failureOfAnswer(
  what: string,
  { status, headers, body }: Answer,
  isChange: boolean,
): KubeFailure {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  const told = parseObject(text);
  const message = (textIn(told?.message) || text.trim() || 'it said nothing').slice(0, MOST_LENGTH);
  return new KubeFailure(`${status} of the API server to ${what}: ${message}`, {
    status,
    reason: textIn(told?.reason) || (reasons[status] ?? 'Unknown'),
    afterMs: waitOf(headers['retry-after'], objectIn(told?.details)?.retryAfterSeconds),
    mayBeDone: isChange && gaveUp.has(status),
  });
}

/** `isSent`: the request may have reached the server. */
export function failureOfError(what: string, error: unknown, isSent: boolean): KubeFailure {
  const why = error instanceof Error ? error.message : String(error);
  return new KubeFailure(`${what}: the API server cannot be reached: ${why}`, {
    status: 0,
    reason: 'Unreachable',
    mayBeDone: isSent,
    cause: error,
  });
}

/** Where an answer has no `Status` that says it. */
const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function waitOf(header: string | readonly string[] | undefined, told: unknown): number | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (typeof text === 'string' && /^\d+$/.test(text)) return Number(text) * 1000;
  const at = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return Math.max(0, at - Date.now());
  return typeof told === 'number' && told > 0 ? told * 1000 : undefined;
}
