/** Cloud Storage, played by a server that makes objects only where there are none. */

import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { Secret } from '@peregrine/base';
import {
  type HttpReceiver,
  openHttpReceiver,
  type ReceivedRequest,
  type ReceiverAnswer,
} from '@peregrine/outputs/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { artifactOf, FILE_NAME, keep, storeProblems } from '../../testing/keep.ts';
import { closedAddress, openSilentServer } from '../../testing/silent-server.ts';
import { gcpGcsStore } from './gcp-gcs.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const account = {
  private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  client_email: 'falco@p.iam.gserviceaccount.com',
};
const settings = { credentials: new Secret(JSON.stringify(account)) };

let receiver: HttpReceiver;
const objects = new Map<string, string>();
beforeEach(async () => {
  objects.clear();
  receiver = await openHttpReceiver();
  receiver.answer(put);
});
afterEach(() => receiver.close());

function put({ path, body }: ReceivedRequest): ReceiverAnswer {
  const { pathname, searchParams } = new URL(path, receiver.origin);
  const name = searchParams.get('name') ?? '';
  if (pathname !== '/upload/storage/v1/b/captures/o') return { status: 404, body: 'no bucket' };
  if (searchParams.get('ifGenerationMatch') === '0' && objects.has(name)) return { status: 412 };
  objects.set(name, body);
  return { status: 200, body: '{}' };
}

const keepIt = (content: string, more: Readonly<Record<string, unknown>> = {}) =>
  keep(
    gcpGcsStore,
    { bucket: 'captures', prefix: 'node 1', endpoint: receiver.origin, ...more },
    artifactOf(content),
    { settings },
  );

test('an object with its type, under the prefix, signed by the account', async () => {
  expect(await keepIt('root:x')).toEqual({ kind: 'kept', place: `gs://captures/node 1/${FILE_NAME}` });
  expect([...objects]).toEqual([[`node 1/${FILE_NAME}`, 'root:x']]);
  const [request] = receiver.requests;
  expect(request?.method).toBe('POST');
  const headers = Object.fromEntries(
    (request?.headers ?? []).map(([name, value]) => [name.toLowerCase(), value]),
  );
  expect(headers).toMatchObject({ 'content-type': 'text/plain' });
  const [head = '', claims = '', signature = ''] = (headers.authorization ?? '')
    .replace('Bearer ', '')
    .split('.');
  const key = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }));
  expect(verify('sha256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url'))).toBe(
    true,
  );
});

test('nothing is written over', async () => {
  await keepIt('root:x');
  const second = await keepIt('root:y');
  expect(second).toMatchObject({ kind: 'kept', place: expect.stringMatching(/passwd-[0-9a-f]{12}\.txt$/) });
  expect(await keepIt('root:y')).toEqual(second);
  expect([...objects.values()]).toEqual(['root:x', 'root:y']);
});

test.each([
  [
    { status: 403, body: 'no' },
    { kind: 'refused', reason: 'status 403: no' },
  ],
  [
    { status: 429, headers: { 'retry-after': '3' } },
    { kind: 'retry', afterMs: 3_000 },
  ],
  [{ status: 500 }, { kind: 'retry' }],
])('%j', async (answer, expected) => {
  receiver.answer(answer);
  expect(await keepIt('x')).toMatchObject(expected);
  expect(receiver.requests).toHaveLength(1);
});

test('a bucket that is not there', async () => {
  expect(await keepIt('x', { bucket: 'other' })).toMatchObject({ kind: 'refused' });
  expect(storeProblems(gcpGcsStore, { bucket: 'a/b' })).toHaveLength(1);
});

test('nobody is there, or nobody answers', async () => {
  expect(await keepIt('x', { endpoint: await closedAddress() })).toMatchObject({ kind: 'retry' });
  const silent = await openSilentServer();
  const stop = new AbortController();
  const parameters = { bucket: 'captures', endpoint: silent.origin };
  const kept = keep(gcpGcsStore, parameters, artifactOf('x'), { settings, signal: stop.signal });
  await silent.asked;
  stop.abort();
  expect(await kept).toMatchObject({ kind: 'retry' });
  await silent.close();
});

test('an account that is none', async () => {
  const wrong = { credentials: new Secret('nonsense') };
  const kept = await keep(gcpGcsStore, { bucket: 'captures' }, artifactOf('x'), { settings: wrong });
  expect(kept).toMatchObject({ kind: 'refused', reason: expect.stringContaining('`gcp.credentials`') });
});
