/** Functions over HTTP, played by servers on this machine. */

import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import {
  type Certificates,
  createCertificates,
  type HttpReceiver,
  openHttpReceiver,
  sampleAlert,
} from '@peregrine/outputs/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AttemptFacts } from '../../testing/call-remote.ts';
import { callRemote, problemsOf, RUN_ID } from '../../testing/call-remote.ts';
import { closedAddress, openSilentServer } from '../../testing/silent-server.ts';
import { httpFunction } from './http-function.ts';

let receiver: HttpReceiver;
beforeEach(async () => {
  receiver = await openHttpReceiver();
});
afterEach(() => receiver.close());

const [shell, hostile] = [sampleAlert('shell'), sampleAlert('hostile')];
const environment = { TOKEN: 's3cret-value' };
const call = (more: Readonly<Record<string, unknown>> = {}, facts: AttemptFacts = {}) =>
  callRemote(
    httpFunction,
    { url: `${receiver.origin}/react`, ...more },
    { ports: { environment }, ...facts },
  );
const headersOf = (index = 0) =>
  Object.fromEntries(
    (receiver.requests[index]?.headers ?? []).map(([name, value]) => [name.toLowerCase(), value]),
  );

test('what is sent', async () => {
  receiver.answer({ status: 200, body: '{"deleted": {"pod": "alpine"}, "at": 1610667584834631763}' });
  const outcome = await call(
    { headers: { Authorization: 'Bearer ${TOKEN}' } },
    { alert: shell, context: { 'falco-talon.rule': 'React' }, ports: { environment } },
  );
  expect(outcome).toEqual({
    kind: 'done',
    summary: `called POST ${receiver.origin}/react (200)`,
    results: { 'deleted.pod': 'alpine', at: 1610667584834631763n, http_status: 200 },
  });
  expect(receiver.requests).toMatchObject([{ method: 'POST', path: '/react' }]);
  expect(headersOf()).toMatchObject({
    'content-type': 'application/json',
    'user-agent': 'peregrine',
    'idempotency-key': RUN_ID,
    authorization: 'Bearer s3cret-value',
  });
  const [{ body } = { body: '' }] = receiver.requests;
  expect(body.startsWith(shell.json.slice(0, -1))).toBe(true);
  expect(JSON.parse(body)).toMatchObject({ context: { 'falco-talon.rule': 'React' } });
});

test('PUT, and statuses that are expected', async () => {
  receiver.answer({ status: 202 });
  expect(await call({ method: 'put', expected_status: [202] })).toMatchObject({ kind: 'done' });
  expect(receiver.requests[0]?.method).toBe('PUT');
  receiver.answer({ status: 200 });
  expect(await call({ expected_status: [202] })).toMatchObject({ kind: 'unknown' });
});

test('a CloudEvent', async () => {
  await call({ cloudevents: true }, { alert: hostile });
  expect(headersOf()).toMatchObject({
    'ce-specversion': '1.0',
    'ce-id': hostile.uuid,
    'ce-type': 'falco.rule.output.v1',
    'ce-priority': 'Critical',
    'content-type': 'application/json',
  });
  expect(headersOf()['x-evil']).toBeUndefined();
  expect(JSON.parse(receiver.requests[0]?.body ?? '')).toMatchObject({ uuid: hostile.uuid });
});

test('nothing of an alert is put into headers or address', async () => {
  const alert = { ...shell, fields: { token: 'from the alert' } };
  const url = `${receiver.origin}/\${TOKEN}?x=\${TOKEN}`;
  expect(await call({ url, headers: { A: '${K8S_POD_NAME}' } }, { alert })).toEqual({
    kind: 'refused',
    reason: "the hub's environment has no `K8S_POD_NAME`",
  });
  expect(await call({ url }, { alert })).toMatchObject({
    summary: `called POST ${receiver.origin}/\${TOKEN} (200)`,
  });
  expect(receiver.requests.map(({ path }) => path)).toEqual(['/s3cret-value?x=s3cret-value']);
});

test('in a dry run, nothing is called', async () => {
  expect(await call({}, { isDryRun: true, ports: { environment } })).toEqual({
    kind: 'done',
    summary: `would call POST ${receiver.origin}/react`,
  });
  expect(receiver.requests).toEqual([]);
});

describe('what is answered', () => {
  test.each([
    [
      { status: 403, body: 'no' },
      { kind: 'refused', reason: expect.stringContaining('status 403: no') },
    ],
    [
      { status: 500, body: 'oops' },
      { kind: 'unknown', reason: expect.stringContaining('status 500: oops') },
    ],
    [
      { status: 429, headers: { 'retry-after': '7' } },
      { kind: 'retry', afterMs: 7_000 },
    ],
    [{ status: 503 }, { kind: 'retry', afterMs: undefined }],
  ])('%j', async (answer, expected) => {
    receiver.answer(answer);
    expect(await call()).toMatchObject(expected);
    expect(receiver.requests).toHaveLength(1);
  });

  test('redirects are not followed', async () => {
    receiver.answer({ status: 307, headers: { location: `${receiver.origin}/other` } });
    expect(await call()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('sent on to') });
    expect(receiver.requests).toHaveLength(1);
  });

  test('what it says of our secrets is not told', async () => {
    receiver.answer({ status: 400, body: 'bad header Bearer s3cret-value' });
    const outcome = await call({ headers: { Authorization: 'Bearer ${TOKEN}' } });
    expect(JSON.stringify(outcome)).not.toContain('s3cret-value');
    expect(outcome).toMatchObject({ reason: expect.stringContaining('Bearer ***') });
  });

  test('an endless answer ends', async () => {
    receiver.answer({ status: 200, body: JSON.stringify('x'.repeat(5_000_000)) });
    expect(await call()).toMatchObject({
      kind: 'done',
      summary: expect.stringContaining('longer than 64 KiB'),
      results: { http_status: 200 },
    });
  });
});

test('who does not answer in time may have done it', async () => {
  const silent = await openSilentServer();
  const stop = new AbortController();
  const outcome = call({ url: silent.origin }, { signal: stop.signal });
  await silent.asked;
  stop.abort();
  expect(await outcome).toMatchObject({
    kind: 'unknown',
    reason: expect.stringContaining('no answer before'),
  });
  await silent.close();
});

test('a connection that breaks may have done it; none at all has not', async () => {
  const silent = await openSilentServer();
  const outcome = call({ url: silent.origin });
  await silent.asked;
  await silent.close();
  expect(await outcome).toMatchObject({ kind: 'unknown' });
  expect(await call({ url: await closedAddress() })).toMatchObject({ kind: 'retry' });
});

describe('with TLS', () => {
  let certificates: Certificates;
  let origin = '';
  let close = (): void => {};
  const callers: (string | undefined)[] = [];
  beforeAll(async () => {
    certificates = createCertificates();
    const read = (path: string): string => readFileSync(path, 'utf8');
    const { cert, key } = certificates.server;
    const options = {
      cert: read(cert),
      key: read(key),
      ca: read(certificates.authority),
      requestCert: true,
      rejectUnauthorized: false,
    };
    const server = createServer(options, (request, response) => {
      callers.push(
        'authorized' in request.socket && request.socket.authorized === true ? 'known' : undefined,
      );
      request.resume().on('end', () => response.end('{}'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`; // It listens on an address.
    close = () => {
      server.closeAllConnections();
      server.close();
    };
  });
  afterAll(() => {
    close();
    certificates.remove();
  });

  test('whom to trust, and who we are', async () => {
    expect(await call({ url: origin })).toMatchObject({ kind: 'retry' });
    expect(callers).toEqual([]);
    expect(await call({ url: origin, ca_file: certificates.authority })).toMatchObject({ kind: 'done' });
    expect(await call({ url: origin, check_cert: false })).toMatchObject({ kind: 'done' });
    const { cert: cert_file, key: key_file } = certificates.client;
    expect(await call({ url: origin, ca_file: certificates.authority, cert_file, key_file })).toMatchObject({
      kind: 'done',
    });
    expect(callers).toEqual([undefined, undefined, 'known']);
  });

  test('a file that is not there', async () => {
    expect(await call({ url: origin, ca_file: '/nowhere/ca.crt' })).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('/nowhere/ca.crt'),
    });
  });
});

test.each([
  [{ url: 'ftp://x' }, '`url`'],
  [{ url: 'http://me:pass@x/' }, '`url` has a name or a password in it'],
  [{ url: 'http://x/', cert_file: 'a' }, '`key_file` is not set'],
  [{ url: 'http://x/', key_file: 'a' }, '`cert_file` is not set'],
  [{ url: 'http://x/', headers: { 'a b': 'c' } }, '`headers` has `a b`'],
  [{ url: 'http://x/', method: 'GET' }, '`method`'],
  [{ url: 'http://x/', expected_status: [99] }, 'expected_status'],
])('%j is refused', (parameters, why) => {
  expect(problemsOf(httpFunction, parameters).join('\n')).toContain(why);
});
