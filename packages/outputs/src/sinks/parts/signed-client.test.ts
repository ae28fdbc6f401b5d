import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpReceiver, openHttpReceiver } from '../../../testing/http-receiver.ts';
import { sampleCall } from '../../../testing/sink-contract.ts';
import { prepareRequest } from '../../transport/prepare-request.ts';
import { systemTrust } from '../../transport/tls-trust.ts';
import { signedClient } from './signed-client.ts';

let receiver: HttpReceiver;
beforeAll(async () => {
  receiver = await openHttpReceiver();
});
afterAll(() => receiver.close());

const never = new Promise<never>(() => {});

test.each([
  ['is there', async () => ({ authorization: 'x' }), 60_000, { status: 200 }],
  ['fails', () => Promise.reject(new Error('no\nsession')), 60_000, { trouble: 'no credential: no session' }],
  ['does not come', () => never, 20, { trouble: 'no credential: none within 20 ms' }],
])('a credential %s', async (_title, sign, timeoutMs, expected) => {
  const context = { hub: sampleCall.hub, tls: systemTrust, timeoutMs, debug: () => {}, environment: {} };
  const client = signedClient(context, sign);
  const request = prepareRequest({ url: receiver.origin }, {}, sampleCall);
  expect(await client.send(request, new AbortController().signal)).toMatchObject(expected);
  client.close();
});

test('whoever stops does not wait for it', async () => {
  const context = {
    hub: sampleCall.hub,
    tls: systemTrust,
    timeoutMs: 60_000,
    debug: () => {},
    environment: {},
  };
  const stopping = new AbortController();
  const answer = signedClient(context, () => never).send(
    prepareRequest({ url: receiver.origin }, {}, sampleCall),
    stopping.signal,
  );
  stopping.abort();
  expect(await answer).toEqual({ trouble: 'no credential: given up', isUnsent: true });
});
