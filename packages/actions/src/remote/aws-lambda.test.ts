/** AWS Lambda, played by a server that checks signatures. */

import { Secret } from '@peregrine/base';
import { sampleAlert } from '@peregrine/outputs/testing';
import { type AwsAnswer, type AwsServer, awsIdentity, startAwsServer } from '@peregrine/sources/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AttemptFacts, callRemote } from '../../testing/call-remote.ts';
import { closedAddress, openSilentServer } from '../../testing/silent-server.ts';
import { awsLambda } from './aws-lambda.ts';

let server: AwsServer;
let answer: AwsAnswer;
beforeAll(async () => {
  server = await startAwsServer('lambda', () => answer);
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  answer = { body: '{"deleted": true}' };
});

const shell = sampleAlert('shell');
const keys = {
  accesskeyid: awsIdentity.accessKeyId,
  region: 'eu-west-1',
  rolearn: '',
  externalid: '',
  checkidentity: true,
};
const portsAt = (endpoint: string, secret = awsIdentity.secretAccessKey) => ({
  settings: () => ({ ...keys, secretaccesskey: new Secret(secret), endpoint }),
});
const call = (more: Readonly<Record<string, unknown>> = {}, facts: AttemptFacts = {}) =>
  callRemote(
    awsLambda,
    { aws_lambda_name: 'falco-react', ...more },
    { alert: shell, ports: portsAt(server.url), ...facts },
  );
const typesOf = () => server.requests.map(({ headers }) => headers['x-amz-invocation-type']);

test('what is sent, and what the function answers', async () => {
  expect(await call({}, { context: { 'aws.region': 'eu-west-1' } })).toEqual({
    kind: 'done',
    summary: 'called Lambda function falco-react',
    results: { deleted: true },
  });
  expect(server.requests).toHaveLength(1);
  const [request] = server.requests;
  expect(request?.method).toBe('POST');
  expect(request?.path).toBe('/2015-03-31/functions/falco-react/invocations?Qualifier=%24LATEST');
  expect(typesOf()).toEqual(['RequestResponse']);
  const text = request?.bytes.toString('utf8') ?? '';
  expect(text.startsWith(shell.json.slice(0, -1))).toBe(true);
  expect(JSON.parse(text)).toMatchObject({
    context: { 'aws.region': 'eu-west-1' },
    trace_id: expect.any(String),
  });
});

test('an alias, and an alert that is handed over', async () => {
  answer = { status: 202, body: '' };
  const parameters = { aws_lambda_alias_or_version: 'live', aws_lambda_invocation_type: 'Event' };
  expect(await call(parameters)).toEqual({
    kind: 'done',
    summary: 'handed the alert to Lambda function falco-react',
  });
  expect(server.requests[0]?.path).toContain('?Qualifier=live');
  expect(typesOf()).toEqual(['Event']);
});

test.each([
  ['arn:aws:lambda:eu-central-1:1:function:react', '?Qualifier=%24LATEST'],
  ['arn:aws:lambda:eu-central-1:1:function:react:live', 'live/invocations'],
  ['react:live', 'live/invocations'],
])('%s', async (name, end) => {
  expect(await call({ aws_lambda_name: name })).toMatchObject({ kind: 'done' });
  const [{ path, headers } = { path: '', headers: {} }] = server.requests;
  expect(path.endsWith(end), path).toBe(true);
  expect(headers.authorization).toContain(
    name.startsWith('arn') ? '/eu-central-1/lambda/' : '/eu-west-1/lambda/',
  );
});

describe('without calling it', () => {
  beforeEach(() => {
    answer = { status: 204, body: '' };
  });

  test('a dry run asks whether it would be allowed', async () => {
    expect(await call({}, { isDryRun: true })).toEqual({
      kind: 'done',
      summary: 'would call Lambda function falco-react, which is allowed',
    });
    expect(await call({ aws_lambda_invocation_type: 'Event' }, { isDryRun: true })).toMatchObject({
      kind: 'done',
    });
    expect(typesOf()).toEqual(['DryRun', 'DryRun']);
  });

  test('a call that is a dry run changes nothing', async () => {
    expect(await call({ aws_lambda_invocation_type: 'dryrun' })).toMatchObject({ kind: 'unchanged' });
    expect(typesOf()).toEqual(['DryRun']);
  });
});

describe('what goes wrong', () => {
  const failure = (status: number, type: string, headers: Record<string, string> = {}): AwsAnswer => ({
    status,
    headers: { 'x-amzn-errortype': type, ...headers },
    body: { message: 'said' },
  });

  test.each([
    [failure(403, 'AccessDeniedException'), { kind: 'refused', reason: 'AccessDeniedException: said' }],
    [failure(404, 'ResourceNotFoundException'), { kind: 'refused' }],
    [failure(429, 'TooManyRequestsException', { 'retry-after': '3' }), { kind: 'retry', afterMs: 3_000 }],
    [failure(500, 'ServiceException'), { kind: 'unknown' }],
    [
      { headers: { 'x-amz-function-error': 'Unhandled' }, body: '{"errorMessage": "half done"}' },
      { kind: 'unknown', reason: expect.stringContaining('half done') },
    ],
  ])('%j', async (given, expected) => {
    answer = given;
    expect(await call()).toMatchObject(expected);
    // Whether to try again is not for the client library to say.
    expect(server.requests).toHaveLength(1);
  });

  test('the wrong key, which is not told', async () => {
    const outcome = await call({}, { ports: portsAt(server.url, 'wr0ng-guess') });
    expect(outcome).toMatchObject({ kind: 'refused' });
    expect(JSON.stringify(outcome)).not.toContain('wr0ng-guess');
  });

  describe('before it is called', () => {
    const role = 'arn:aws:iam::1:role/hub';
    const withRole = async (given: AwsAnswer) => {
      const sts = await startAwsServer(['sts', 'lambda'], () => given);
      const { settings } = portsAt(sts.url);
      const outcome = await call({}, { ports: { settings: () => ({ ...settings(), rolearn: role }) } });
      await sts.close();
      return { outcome, paths: sts.requests.map(({ path }) => path) };
    };

    test('a role that it may not take', async () => {
      const body =
        '<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>';
      const { outcome, paths } = await withRole({ status: 403, type: 'text/xml', body });
      expect(outcome).toMatchObject({ kind: 'refused', reason: 'AccessDenied: no' });
      expect(paths).toEqual(['/']);
    });

    test('trouble of the service that gives roles', async () => {
      const body =
        '<ErrorResponse><Error><Code>InternalFailure</Code><Message>x</Message></Error></ErrorResponse>';
      const { outcome, paths } = await withRole({ status: 500, type: 'text/xml', body });
      expect(outcome).toMatchObject({ kind: 'retry', reason: 'InternalFailure: x' });
      expect(new Set(paths)).toEqual(new Set(['/']));
    });

    test('nobody answers who gives roles', async () => {
      const silent = await openSilentServer();
      const stop = new AbortController();
      const { settings } = portsAt(silent.origin);
      const ports = { settings: () => ({ ...settings(), rolearn: role }) };
      const outcome = call({}, { ports, signal: stop.signal });
      await silent.asked;
      stop.abort();
      expect(await outcome).toMatchObject({ kind: 'retry' });
      await silent.close();
    });
  });

  test('nobody is there', async () => {
    expect(await call({}, { ports: portsAt(await closedAddress()) })).toMatchObject({ kind: 'retry' });
  });

  test('it does not answer in time, and may have been called', async () => {
    const silent = await openSilentServer();
    const stop = new AbortController();
    const outcome = call({}, { ports: portsAt(silent.origin), signal: stop.signal });
    await silent.asked;
    stop.abort();
    expect(await outcome).toEqual({ kind: 'unknown', reason: 'no answer before its time was over' });
    await silent.close();
  });
});

test('a long alert is cut to what Lambda takes', async () => {
  answer = { status: 202, body: '' };
  const long = {
    ...shell,
    output: 'x'.repeat(300_000),
    json: JSON.stringify({ output: 'x'.repeat(300_000) }),
  };
  expect(await call({ aws_lambda_invocation_type: 'Event' }, { alert: long })).toMatchObject({
    kind: 'done',
  });
  expect(server.requests[0]?.bytes.length).toBeLessThan(262_144);
});
