/** Outputs to Google Cloud, Azure and Yandex Cloud: what is signed, who we are, and what answers mean. */

import { createHmac, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import type { HubAlert } from '@peregrine/alert';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HttpReceiver, openHttpReceiver, type ReceivedRequest } from '../../testing/http-receiver.ts';
import { sampleAlert } from '../../testing/sample-alerts.ts';
import { signedFor } from '../../testing/signature-v4.ts';
import { settingsOf, type Written } from '../../testing/sink-contract.ts';
import { type OpenOutput, openOutput } from '../../testing/sink-exchange.ts';
import type { Sink } from '../sink.ts';
import { azureEventhub } from './azure-eventhub.ts';
import { gcpChronicle } from './gcp-chronicle.ts';
import { gcpCloudfunctions } from './gcp-cloudfunctions.ts';
import { gcpCloudrun } from './gcp-cloudrun.ts';
import { gcpPubsub } from './gcp-pubsub.ts';
import { gcpStorage } from './gcp-storage.ts';
import { objectName } from './parts/object-name.ts';
import { yandexDatastreams } from './yandex-datastreams.ts';
import { yandexS3 } from './yandex-s3.ts';

let receiver: HttpReceiver;
const opened: OpenOutput[] = [];
beforeEach(async () => {
  receiver = await openHttpReceiver();
});
afterEach(async () => {
  for (const output of opened.splice(0)) await output.close();
  await receiver.close();
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});
afterAll(() => receiver.close());

/** What the libraries of Google and Azure read by themselves; as it was, after each test. */
const environment: Record<string, string | undefined> = {};
function setEnvironment(name: string, value: string): void {
  environment[name] = process.env[name];
  process.env[name] = value;
}

function open(sink: Sink, written: Written, shared: Written = {}): OpenOutput {
  const output = openOutput(settingsOf(sink, written, shared));
  opened.push(output);
  return output;
}

const headerOf = ({ headers }: ReceivedRequest, wanted: string): string | undefined =>
  headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
const decoded = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');
const [shell, whole] = [sampleAlert('shell'), sampleAlert('whole')];
const kindsOf = (outcomes: readonly { readonly kind: string }[]): readonly string[] =>
  outcomes.map(({ kind }) => kind);

describe('Google', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const account = {
    type: 'service_account',
    project_id: 'p',
    private_key_id: 'k1',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    client_email: 'falco@p.iam.gserviceaccount.com',
    client_id: '1',
  };
  const credentials = Buffer.from(JSON.stringify(account), 'utf8').toString('base64');

  /** What the token says; throws where the signature is not the account's. */
  function claimsIn(request: ReceivedRequest | undefined): Readonly<Record<string, unknown>> {
    const token = (request && headerOf(request, 'authorization'))?.replace('Bearer ', '') ?? '';
    const [head = '', claims = '', signature = ''] = token.split('.');
    const key = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }));
    const isSigned = verify(
      'sha256',
      Buffer.from(`${head}.${claims}`),
      key,
      Buffer.from(signature, 'base64url'),
    );
    if (!isSigned) throw new Error('the signature is wrong');
    return JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
  }

  test.each([
    [gcpPubsub, { projectid: 'p', topic: 't' }, '/v1/projects/p/topics/t:publish'],
    [
      gcpStorage,
      { bucket: 'b', prefix: 'falco' },
      '/upload/storage/v1/b/b/o?uploadType=media&name=falco%2F2024-03-01%2F2024-03-01T10%3A20%3A05.408091526Z-',
    ],
    [
      gcpCloudfunctions,
      { name: 'projects/p/locations/l/functions/f' },
      '/v1/projects/p/locations/l/functions/f:call',
    ],
    [
      gcpChronicle,
      { region: 'eu', projectid: 'p', instanceid: 'i' },
      '/v1beta/projects/p/locations/eu/instances/i/logTypes/FALCO_IDS/logs:import',
    ],
  ])('$name is signed by the service account', async (sink, written, path) => {
    const output = open(sink, { ...written, endpoint: receiver.origin }, { credentials });
    expect((await output.deliver(whole)).outcome).toEqual({ kind: 'delivered' });
    const [request] = receiver.requests;
    expect(request?.path.startsWith(path), request?.path).toBe(true);
    expect(claimsIn(request)).toMatchObject({
      iss: account.client_email,
      sub: account.client_email,
      scope: 'https://www.googleapis.com/auth/cloud-platform',
    });
  });

  test('without an account, the token of the machine', async () => {
    setEnvironment('GCE_METADATA_HOST', receiver.origin.replace('http://', ''));
    setEnvironment('METADATA_SERVER_DETECTION', 'assume-present');
    setEnvironment('GOOGLE_APPLICATION_CREDENTIALS', '');
    setEnvironment('HOME', '/nonexistent');
    receiver.answer(({ path }) =>
      path.startsWith('/computeMetadata')
        ? {
            status: 200,
            headers: { 'metadata-flavor': 'Google', 'content-type': 'application/json' },
            body: path.includes('/token')
              ? '{"access_token":"T","expires_in":3600,"token_type":"Bearer"}'
              : '"x"',
          }
        : { status: 200 },
    );
    const output = open(gcpPubsub, { projectid: 'p', topic: 't', endpoint: receiver.origin });
    expect((await output.deliver(shell)).outcome).toEqual({ kind: 'delivered' });
    const published = receiver.requests.find(({ path }) => path.includes(':publish'));
    expect(published && headerOf(published, 'authorization')).toBe('Bearer T');
  });

  test('an account that is none is told of, and alerts wait', async () => {
    const output = open(gcpPubsub, { projectid: 'p', topic: 't' }, { credentials: 'nonsense' });
    expect((await output.deliver(shell)).outcome).toMatchObject({
      kind: 'retry',
      reason: expect.stringContaining('`gcp.credentials` is not the JSON of a service account'),
    });
  });

  test('Pub/Sub: messages with attributes, several at once', async () => {
    const written = {
      projectid: 'p',
      topic: 't',
      endpoint: receiver.origin,
      customattributes: { env: 'prod' },
    };
    const output = open(gcpPubsub, written, { credentials });
    expect(kindsOf(await output.deliverAll([shell, whole]))).toEqual(['delivered', 'delivered']);
    const { messages } = JSON.parse(receiver.requests[0]?.body ?? '');
    expect(messages).toMatchObject([{ attributes: { env: 'prod' } }, { attributes: { env: 'prod' } }]);
    expect(messages.map(({ data }: { data: string }) => decoded(data))).toEqual([shell.json, whole.json]);
    receiver.answer({ status: 429, headers: { 'retry-after': '7' } });
    expect(await output.deliverAll([shell])).toEqual([
      expect.objectContaining({ kind: 'retry', afterMs: 7_000 }),
    ]);
    receiver.answer({ status: 404 });
    expect(kindsOf(await output.deliverAll([shell]))).toEqual(['retry']);
  });

  test('Storage: an object that is there already was written by an earlier attempt', async () => {
    const output = open(gcpStorage, { bucket: 'b', endpoint: receiver.origin }, { credentials });
    receiver.answer({ status: 412 });
    expect((await output.deliver(shell)).outcome).toEqual({ kind: 'delivered' });
    expect(receiver.requests[0]?.path).toContain('&ifGenerationMatch=0');
    expect(receiver.requests[0]?.body).toBe(shell.json);
  });

  test('Cloud Functions: an error of the function, and its id in the log', async () => {
    const written = { name: 'projects/p/locations/l/functions/f', endpoint: receiver.origin };
    const output = open(gcpCloudfunctions, written, { credentials });
    receiver.answer({ status: 200, body: '{"executionId":"e1","result":"ok"}' });
    expect(await output.deliver(shell)).toMatchObject({
      outcome: { kind: 'delivered' },
      notes: ['POST OK (200)', 'Call CloudFunction OK (e1)'],
    });
    expect(JSON.parse(receiver.requests[0]?.body ?? '')).toEqual({ data: shell.json });
    receiver.answer({ status: 200, body: '{"executionId":"e2","error":"KeyError"}' });
    expect((await output.deliver(shell)).outcome).toEqual({
      kind: 'rejected',
      reason: 'the function failed: KeyError',
    });
    expect(() => settingsOf(gcpCloudfunctions, { name: 'f' })).toThrow('`gcp.cloudfunctions.name` is not');
  });

  test('Chronicle: logs are collected after they were made', async () => {
    const written = { region: 'eu', projectid: 'p', instanceid: 'i', endpoint: receiver.origin };
    const output = open(gcpChronicle, written, { credentials });
    const later: HubAlert = { ...shell, timeNs: 4_000_000_000_500_000_000n };
    expect(kindsOf(await output.deliverAll([shell, later]))).toEqual(['delivered', 'delivered']);
    const { logs } = JSON.parse(receiver.requests[0]?.body ?? '').inlineSource;
    expect(logs).toMatchObject([
      { logEntryTime: '2021-01-14T23:39:44Z', collectionTime: '2024-03-01T10:20:30Z' },
      { logEntryTime: '2096-10-02T07:06:40Z', collectionTime: '2096-10-02T07:06:41Z' },
    ]);
    expect(decoded(logs[0].data)).toBe(shell.json);
    expect(() => settingsOf(gcpChronicle, { ...written, region: 'a/b' })).toThrow(
      '`gcp.chronicle.region` has',
    );
  });

  test('Cloud Run: a token of the user, and an error of the service', async () => {
    const output = open(gcpCloudrun, { endpoint: receiver.origin, jwt: 'J' });
    expect((await output.deliver(shell)).outcome.kind).toBe('delivered');
    expect(receiver.requests[0] && headerOf(receiver.requests[0], 'authorization')).toBe('Bearer J');
    receiver.answer({ status: 500 });
    expect((await output.deliver(shell)).outcome.kind).toBe('rejected');
    receiver.answer({ status: 503 });
    expect((await output.deliver(shell)).outcome.kind).toBe('retry');
    expect(() => settingsOf(gcpCloudrun, { jwt: '' })).toThrow('`gcp.cloudrun.jwt` is not set');
  });
});

describe('Azure Event Hubs', () => {
  const policy =
    'Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=c2VjcmV0PQ==';

  /** Whether the signature is that of the key, for the resource, and for the future. */
  function isSigned(authorization: string | undefined, resource: string): boolean {
    const parts = new URLSearchParams((authorization ?? '').replace('SharedAccessSignature ', ''));
    const expiry = parts.get('se') ?? '';
    const expected = createHmac('sha256', 'c2VjcmV0PQ==')
      .update(`${encodeURIComponent(resource)}\n${expiry}`)
      .digest('base64');
    return (
      parts.get('sr') === resource &&
      parts.get('skn') === 'send' &&
      parts.get('sig') === expected &&
      Number(expiry) > Date.now() / 1_000
    );
  }

  test('events are sent with the signature of a policy, several at once', async () => {
    receiver.answer({ status: 201 });
    const output = open(azureEventhub, { namespace: receiver.origin, connectionstring: policy });
    expect(kindsOf(await output.deliverAll([shell, sampleAlert('hostile')]))).toEqual([
      'delivered',
      'delivered',
    ]);
    const [request] = receiver.requests;
    expect(request?.path).toBe('/falco/messages?api-version=2014-01&timeout=60');
    expect(request && headerOf(request, 'content-type')).toBe('application/vnd.microsoft.servicebus.json');
    expect(isSigned(request && headerOf(request, 'authorization'), `${receiver.origin}/falco/messages`)).toBe(
      true,
    );
    const events: readonly { Body: string }[] = JSON.parse(request?.body ?? '');
    expect(events.map(({ Body }) => Body)).toEqual([shell.json, sampleAlert('hostile').json]);
  });

  test('without a policy, the token of the machine', async () => {
    setEnvironment('IDENTITY_ENDPOINT', `${receiver.origin}/identity`);
    setEnvironment('IDENTITY_HEADER', 'word');
    receiver.answer(({ path, headers }) => {
      if (!path.startsWith('/identity')) return { status: 201 };
      const isAsked =
        path.includes('resource=https%3A%2F%2Feventhubs.azure.net') &&
        headers.some(([, value]) => value === 'word');
      const body = {
        access_token: 'T',
        expires_on: String(Math.floor(Date.now() / 1_000) + 3_600),
        token_type: 'Bearer',
        resource: 'x',
      };
      return isAsked
        ? { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
        : { status: 400 };
    });
    const output = open(azureEventhub, { namespace: receiver.origin });
    expect((await output.deliver(shell)).outcome).toEqual({ kind: 'delivered' });
    const sent = receiver.requests.filter(({ path }) => path.startsWith('/falco'));
    expect(sent.map((request) => headerOf(request, 'authorization'))).toEqual(['Bearer T']);
  });

  test.each([
    [{ namespace: 'ns' }, 'https://ns.servicebus.windows.net/falco/messages'],
    [
      { namespace: 'ns.servicebus.chinacloudapi.cn' },
      'https://ns.servicebus.chinacloudapi.cn/falco/messages',
    ],
    [{ namespace: '', connectionstring: policy }, 'https://ns.servicebus.windows.net/falco/messages'],
  ])('%j', (written, address) => {
    if (azureEventhub.kind !== 'http') throw new Error('it speaks HTTP');
    const call = { hub: { version: '', addedFields: [], enabledOutputs: [] }, deliveryId: '', nowMs: 0 };
    const [request] = [azureEventhub.request(shell, settingsOf(azureEventhub, written).config, call)].flat();
    expect(String(request?.url).split('?')[0]).toBe(address);
  });

  test.each([
    [{ namespace: '' }, '`azure.eventhub.namespace` is not set'],
    [{ connectionstring: 'Endpoint=sb://x' }, '`azure.eventhub.connectionstring` has no'],
  ])('%j is refused', (written, why) => {
    expect(() => settingsOf(azureEventhub, written)).toThrow(why);
  });
});

describe('Yandex', () => {
  const key = { id: 'YCAJ', secret: 'YCP/+=' };
  const shared = { accesskeyid: key.id, secretaccesskey: key.secret };

  test('objects are put with a signature, under the alert’s time and the id of the delivery', async () => {
    const output = open(yandexS3, { bucket: 'b', endpoint: receiver.origin }, shared);
    expect((await output.deliver(whole)).outcome).toEqual({ kind: 'delivered' });
    const [request] = receiver.requests;
    expect(request?.method).toBe('PUT');
    expect(request?.path).toMatch(
      /^\/b\/falco\/2024-03-01\/2024-03-01T10%3A20%3A05\.408091526Z-[0-9a-f-]{36}\.json$/,
    );
    expect(request && signedFor(request, key)).toBe('ru-central1/s3');
    expect(request && signedFor({ ...request, body: '{}' }, key)).toBeUndefined();
    expect(request?.body).toBe(whole.json);
  });

  test.each([
    [403, '<Error><Code>InvalidAccessKeyId</Code></Error>', 'retry'],
    [404, '<Error><Code>NoSuchBucket</Code></Error>', 'retry'],
    [400, '<Error><Code>RequestTimeout</Code></Error>', 'retry'],
    [400, '<Error><Code>EntityTooLarge</Code></Error>', 'rejected'],
    [503, '<Error><Code>SlowDown</Code></Error>', 'retry'],
  ])('status %i %s', async (status, body, kind) => {
    receiver.answer({ status, body });
    const output = open(yandexS3, { bucket: 'b', endpoint: receiver.origin }, shared);
    expect((await output.deliver(shell)).outcome.kind).toBe(kind);
  });

  test('records are put with a signature, and those without room are sent again', async () => {
    const records = [
      { SequenceNumber: '1', ShardId: 's' },
      { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'm' },
    ];
    receiver.answer({ status: 200, body: JSON.stringify({ FailedRecordCount: 1, Records: records }) });
    const output = open(yandexDatastreams, { streamname: '/a/b', endpoint: receiver.origin }, shared);
    expect(kindsOf(await output.deliverAll([shell, whole]))).toEqual(['delivered', 'retry']);
    const [request] = receiver.requests;
    expect(request && signedFor(request, key)).toBe('ru-central1/kinesis');
    expect(request && headerOf(request, 'x-amz-target')).toBe('Kinesis_20131202.PutRecords');
    const sent = JSON.parse(request?.body ?? '');
    expect(sent.StreamName).toBe('/a/b');
    expect(sent.Records.map(({ Data }: { Data: string }) => decoded(Data))).toEqual([shell.json, whole.json]);
  });

  test.each([
    ['ResourceNotFoundException', ['retry']],
    ['AccessDeniedException', ['retry']],
    ['ProvisionedThroughputExceededException', ['retry']],
    ['ValidationException', ['rejected']],
  ])('%s', async (type, kinds) => {
    receiver.answer({ status: 400, body: JSON.stringify({ __type: type }) });
    const output = open(yandexDatastreams, { streamname: 's', endpoint: receiver.origin }, shared);
    expect(kindsOf(await output.deliverAll([shell]))).toEqual(kinds);
  });

  test('keys are wanted', () => {
    expect(() => settingsOf(yandexS3, {}, { accesskeyid: '' })).toThrow('`yandex.s3.bucket` needs');
  });
});

test.each([
  ['', 0n, '1970-01-01/1970-01-01T00:00:00Z-id.json'],
  ['a/b/', 1_500_000_000n, 'a/b/1970-01-01/1970-01-01T00:00:01.5Z-id.json'],
])('objects below `%s`', (prefix, timeNs, name) => {
  expect(objectName(prefix, { ...shell, timeNs }, 'id')).toBe(name);
});
