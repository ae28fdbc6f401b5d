/** Checks signatures of Amazon's kind (Signature Version 4) by means of its own. */

import { createHash, createHmac } from 'node:crypto';
import type { ReceivedRequest } from './http-receiver.ts';

export interface SigningKey {
  readonly id: string;
  readonly secret: string;
}

const digest = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
const keyed = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text, 'utf8').digest();

/** What the signature is for, `region/service`; `undefined` where it is wrong. */
export function signedFor(request: ReceivedRequest, key: SigningKey): string | undefined {
  const headers = new Map(request.headers.map(([name, value]) => [name.toLowerCase(), value]));
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      headers.get('authorization') ?? '',
    );
  if (match === null) return undefined;
  const [, id, day = '', region = '', service = '', names = '', signature] = match;
  if (id !== key.id || !names.split(';').includes('host')) return undefined;
  const [path = '', query = ''] = request.path.split('?');
  const canonical = [
    request.method,
    service === 's3' ? path : path.split('/').map(encodeURIComponent).join('/'),
    query.split('&').sort().join('&'),
    ...names.split(';').map((name) => `${name}:${(headers.get(name) ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    names,
    digest(request.body),
  ].join('\n');
  if (service === 's3' && headers.get('x-amz-content-sha256') !== digest(request.body)) return undefined;
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', headers.get('x-amz-date') ?? '', scope, digest(canonical)].join('\n');
  const signing = keyed(keyed(keyed(keyed(`AWS4${key.secret}`, day), region), service), 'aws4_request');
  return keyed(signing, toSign).toString('hex') === signature ? `${region}/${service}` : undefined;
}
