/**
 * Of several hubs one acts, so that an alert leads to one action whichever hub it came to: the others hand alerts that match a
 * rule over to it, and keep them until it has them.
 */

import { createHash, timingSafeEqual } from 'node:crypto';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { decodeStored, type HubAlert } from '@peregrine/alert';
import { type HubAnswer, refusal } from '@peregrine/api';

/** Path at the hub that acts. */
export const FORWARD_PATH = '/response/alerts';
/** Mark of alerts that another hub handed over: they are for the responder alone. */
export const FORWARDED = 'response';

const LIMIT_MS = 10_000;
const TYPE = 'application/x-ndjson';

export interface ForwardOptions {
  /** `host:port` of the hub that acts. */
  readonly leader: string;
  /** Who does not have it may not hand over alerts. */
  readonly secret: string;
  readonly isTls: boolean;
  /** Authorities to trust beside those of the system, PEM. */
  readonly authorities: readonly string[];
}

/** Resolves when the other hub has them in its journal; rejects where it does not take them. */
export async function forwardAlerts(
  alerts: readonly HubAlert[],
  { leader, secret, isTls, authorities }: ForwardOptions,
  signal: AbortSignal,
): Promise<void> {
  const body = alerts.map(({ json }) => `${json}\n`).join('');
  const headers = { 'content-type': TYPE, authorization: `Bearer ${secret}` };
  const url = new URL(FORWARD_PATH, `${isTls ? 'https' : 'http'}://${leader}`);
  const within = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  const status = await new Promise<number>((resolve, reject) => {
    const given = { method: 'POST', headers, signal: within };
    const request = isTls
      ? tlsRequest(url, { ...given, ...(authorities.length === 0 ? {} : { ca: [...authorities] }) })
      : plainRequest(url, given);
    request.on('error', reject);
    request.on('response', (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', reject);
    });
    request.end(body);
  });
  if (status !== 200) throw new Error(`the hub that acts, ${leader}, answers ${status}`);
}

/** The other side. `keep` resolves to whether they are in the journal. */
export async function takeForwarded(
  body: Buffer,
  authorization: string | undefined,
  secret: string,
  keep: (alerts: readonly HubAlert[]) => Promise<boolean>,
): Promise<HubAnswer> {
  if (!isSame(authorization ?? '', `Bearer ${secret}`)) return refusal(401, 'the secret is another one');
  const lines = body
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  const alerts = lines.flatMap((line) => decodeStored(Buffer.from(`\n${line}`))?.alert ?? []);
  if (alerts.length !== lines.length) return refusal(400, 'these are no alerts of a hub');
  if (alerts.length === 0 || (await keep(alerts))) return { status: 200 };
  return refusal(503, 'the journal does not take them');
}

/** In a time that tells nothing of either. */
function isSame(first: string, second: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(first), digest(second));
}
