/** Functions of Google Cloud, with the machine's own identity: Cloud Functions, metadata and the function are one server. */

import { generateKeyPairSync } from 'node:crypto';
import { Secret } from '@peregrine/base';
import {
  type HttpReceiver,
  openHttpReceiver,
  type ReceivedRequest,
  type ReceiverAnswer,
  sampleAlert,
} from '@peregrine/outputs/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AttemptFacts, callRemote, problemsOf, RUN_ID } from '../../testing/call-remote.ts';
import { closedAddress, openSilentServer } from '../../testing/silent-server.ts';
import { gcpFunction } from './gcp-function.ts';

let receiver: HttpReceiver;
/** What the function answers, and what is found out about it. */
let answer: ReceiverAnswer;
let described: ReceiverAnswer;
/** What the library of Google reads by itself; as it was, after each test. */
const before = new Map<string, string | undefined>();

function identityToken(audience: string): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part({ aud: audience, exp: 4_102_444_800 })}.c2ln`;
}

function metadata(path: string): ReceiverAnswer {
  const { pathname, searchParams } = new URL(path, receiver.origin);
  const headers = { 'metadata-flavor': 'Google' };
  if (pathname.endsWith('/identity'))
    return { status: 200, headers, body: identityToken(searchParams.get('audience') ?? '') };
  if (pathname.endsWith('/token'))
    return {
      ...{ status: 200, headers: { ...headers, 'content-type': 'application/json' } },
      body: '{"access_token":"T","expires_in":3600,"token_type":"Bearer"}',
    };
  return { status: 200, headers, body: pathname.endsWith('/project-id') ? 'my-project' : 'x' };
}

beforeEach(async () => {
  receiver = await openHttpReceiver();
  for (const [name, value] of [
    ['GCE_METADATA_HOST', receiver.origin.replace('http://', '')],
    ['METADATA_SERVER_DETECTION', 'assume-present'],
    ['GOOGLE_APPLICATION_CREDENTIALS', ''],
    ['HOME', '/nonexistent'],
    ['GOOGLE_CLOUD_PROJECT', 'my-project'],
  ] as const) {
    before.set(name, process.env[name]);
    process.env[name] = value;
  }
  answer = { status: 200, body: '{"deleted": true}' };
  described = { status: 200, body: JSON.stringify({ serviceConfig: { uri: `${receiver.origin}/react` } }) };
  receiver.answer(({ path }) => {
    if (path.startsWith('/computeMetadata')) return metadata(path);
    return path.startsWith('/v2/') ? described : answer;
  });
});
afterEach(async () => {
  await receiver.close();
  for (const [name, value] of before)
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
});

const shell = sampleAlert('shell');
const call = (more: Readonly<Record<string, unknown>> = {}, facts: AttemptFacts = {}) =>
  callRemote(
    gcpFunction,
    {
      ...{ gcp_function_name: 'falco-react', gcp_function_location: 'us-central1' },
      ...{ gcp_endpoint: receiver.origin, ...more },
    },
    { alert: shell, ...facts },
  );
const calls = (): readonly ReceivedRequest[] =>
  receiver.requests.filter(({ path }) => !path.startsWith('/computeMetadata'));
const headerOf = (request: ReceivedRequest | undefined, wanted: string): string | undefined =>
  request?.headers.find(([name]) => name.toLowerCase() === wanted)?.[1];

test('its address is looked up, and it is called with an identity token for that', async () => {
  expect(await call({}, { context: { a: 'b' } })).toEqual({
    kind: 'done',
    summary: 'called function falco-react of us-central1',
    results: { deleted: true, http_status: 200 },
  });
  const [lookUp, request] = calls();
  expect(lookUp).toMatchObject({
    method: 'GET',
    path: '/v2/projects/my-project/locations/us-central1/functions/falco-react',
  });
  expect(headerOf(lookUp, 'authorization')).toBe('Bearer T');
  expect(request).toMatchObject({ method: 'POST', path: '/react' });
  expect(headerOf(request, 'authorization')).toBe(`Bearer ${identityToken(`${receiver.origin}/react`)}`);
  expect(headerOf(request, 'content-type')).toBe('application/json');
  expect(headerOf(request, 'idempotency-key')).toBe(RUN_ID);
  expect(request?.body.startsWith(shell.json.slice(0, -1))).toBe(true);
  expect(JSON.parse(request?.body ?? '')).toMatchObject({ context: { a: 'b' } });
});

test('an address that is given is not looked up', async () => {
  expect(await call({ gcp_function_url: `${receiver.origin}/mine` })).toMatchObject({ kind: 'done' });
  expect(calls().map(({ path }) => path)).toEqual(['/mine']);
});

test('a project that is given', async () => {
  await call({ gcp_project: 'other' });
  expect(calls()[0]?.path).toContain('/projects/other/');
});

test('in a dry run, it is looked up, and not called', async () => {
  expect(await call({}, { isDryRun: true })).toEqual({
    kind: 'done',
    summary: `would call function falco-react of us-central1 at ${receiver.origin}/react`,
  });
  expect(calls().map(({ method }) => method)).toEqual(['GET']);
});

describe('what goes wrong', () => {
  test.each([
    [{ status: 403, body: 'no' }, { kind: 'refused' }],
    [{ status: 500, body: 'oops' }, { kind: 'unknown' }],
    [
      { status: 429, headers: { 'retry-after': '2' } },
      { kind: 'retry', afterMs: 2_000 },
    ],
    // COMPAT: only 200 is good.
    [{ status: 204 }, { kind: 'unknown' }],
  ])('the function answers %j', async (given, expected) => {
    answer = given;
    expect(await call()).toMatchObject(expected);
  });

  test.each([
    [{ status: 404, body: 'none' }, 'refused'],
    [{ status: 500 }, 'retry'],
    [{ status: 200, body: '{}' }, 'refused'],
  ])('looking it up is answered with %j', async (given, kind) => {
    described = given;
    expect(await call()).toMatchObject({ kind });
    expect(calls().map(({ method }) => method)).toEqual(['GET']);
  });

  test('nobody is there', async () => {
    expect(await call({ gcp_function_url: await closedAddress() })).toMatchObject({ kind: 'retry' });
  });

  test('it does not answer in time, and may have been called', async () => {
    const silent = await openSilentServer();
    const stop = new AbortController();
    const outcome = call({ gcp_function_url: silent.origin }, { signal: stop.signal });
    await silent.asked;
    stop.abort();
    expect(await outcome).toMatchObject({ kind: 'unknown' });
    await silent.close();
  });

  test('nobody tells the project in time, and nothing was called', async () => {
    process.env.GOOGLE_CLOUD_PROJECT = '';
    const stop = new AbortController();
    stop.abort();
    expect(await call({}, { signal: stop.signal })).toMatchObject({
      kind: 'retry',
      reason: expect.stringContaining('no project'),
    });
    expect(calls()).toEqual([]);
  });

  test('an account that is none', async () => {
    const settings = () => ({ credentials: new Secret('nonsense') });
    expect(await call({}, { ports: { settings } })).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('`gcp.credentials`'),
    });
  });
});

test('the project of a service account', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const account = {
    project_id: 'of-the-account',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    client_email: 'falco@p.iam.gserviceaccount.com',
  };
  const settings = () => ({ credentials: new Secret(JSON.stringify(account)) });
  expect(await call({}, { ports: { settings }, isDryRun: true })).toMatchObject({ kind: 'done' });
  expect(calls()[0]?.path).toContain('/projects/of-the-account/');
});

test.each([
  [{ gcp_function_name: 'a/b', gcp_function_location: 'x' }, '`gcp_function_name`'],
  [{ gcp_function_name: 'a', gcp_function_location: '../x' }, '`gcp_function_location`'],
  [{ gcp_function_name: 'a' }, 'gcp_function_location'],
])('%j is refused', (parameters, why) => {
  expect(problemsOf(gcpFunction, parameters).join('\n')).toContain(why);
});

test('how long it may take', () => {
  expect(gcpFunction.timeoutMs({ gcp_function_timeout: 0 })).toBe(60_000);
  expect(gcpFunction.timeoutMs({ gcp_function_timeout: 10 })).toBe(10_000);
});
