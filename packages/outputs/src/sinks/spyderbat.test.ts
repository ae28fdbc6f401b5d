import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type HttpReceiver, openHttpReceiver, type ReceiverAnswer } from '../../testing/http-receiver.ts';
import { sampleAlert } from '../../testing/sample-alerts.ts';
import { bodyOf, requestsOf, sampleCall, settingsOf } from '../../testing/sink-contract.ts';
import { prepareRequest } from '../transport/prepare-request.ts';
import { systemTrust } from '../transport/tls-trust.ts';
import { spyderbat } from './spyderbat.ts';

let receiver: HttpReceiver;
beforeAll(async () => {
  receiver = await openHttpReceiver();
});
beforeEach(() => {
  receiver.answer({ status: 200 });
});
afterAll(() => receiver.close());

async function send(times: number): Promise<readonly unknown[]> {
  if (spyderbat.kind !== 'http') throw new Error('it speaks HTTP');
  const settings = settingsOf(spyderbat, { orguid: 'o/1', apikey: 'abc', apiurl: `${receiver.origin}/` });
  const client = await spyderbat.client?.(settings.config, {
    hub: sampleCall.hub,
    tls: systemTrust,
    timeoutMs: 10_000,
    debug: () => {},
    environment: {},
  });
  if (client === undefined) throw new Error('it brings a client');
  const answers: unknown[] = [];
  const [request] = requestsOf(settings, sampleAlert('whole'));
  for (let i = 0; i < times && request !== undefined; i++) {
    const prepared = prepareRequest(request, {}, sampleCall);
    answers.push(await client.send(prepared, new AbortController().signal));
  }
  client.close();
  return answers;
}

function answersOf(list: ReceiverAnswer): void {
  receiver.answer(({ method }) => (method === 'GET' ? list : { status: 200 }));
}

test('the source is made once, before the first event', async () => {
  answersOf({ status: 200, body: '[{"uid":"other"}]' });
  const before = receiver.requests.length;
  expect(await send(2)).toMatchObject([{ status: 200 }, { status: 200 }]);
  const seen = receiver.requests.slice(before);
  const sources = '/api/v1/org/o%2F1/source';
  expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
    `GET ${sources}/`,
    `POST ${sources}/`,
    `POST ${sources}/falcosidekick_o%2F1/data/sb-agent`,
    `POST ${sources}/falcosidekick_o%2F1/data/sb-agent`,
  ]);
  expect(JSON.parse(seen[1]?.body ?? '')).toEqual({
    name: 'falcosidekick',
    description: '',
    uid: 'falcosidekick_o/1',
  });
  for (const { headers } of seen) expect(headers).toContainEqual(['Authorization', 'Bearer abc']);
});

test('a source that is there is used', async () => {
  answersOf({ status: 200, body: '[{"uid":"falcosidekick_o/1"}]' });
  const before = receiver.requests.length;
  await send(1);
  expect(receiver.requests.slice(before).map(({ method }) => method)).toEqual(['GET', 'POST']);
});

test('while sources cannot be looked at, alerts wait', async () => {
  answersOf({ status: 401, body: 'who are you' });
  expect(await send(1)).toEqual([{ trouble: 'cannot look for the source: status 401: who are you' }]);
});

test('an event tells of a process', () => {
  const fields = { ...sampleAlert('whole').fields, 'proc.cmdline': 'nginx -g', 'container.id': 'abc' };
  expect(bodyOf(settingsOf(spyderbat), { ...sampleAlert('whole'), fields })).toEqual({
    schema: 'falco_alert::1.0.0',
    id: sampleCall.deliveryId,
    monotonic_time: 0,
    orc_time: 1_709_288_430,
    time: 1_709_288_405.408,
    pid: 4711,
    level: 'high',
    msg: expect.arrayContaining(['File', 'below', '/etc']),
    args: 'nginx -g',
    container: 'abc',
  });
});

test('alerts without a process are not for Spyderbat', () => {
  expect(requestsOf(settingsOf(spyderbat), sampleAlert('shell'))).toEqual([]);
});
