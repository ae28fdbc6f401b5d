/** Amazon's services, played by a server that checks signatures and keeps requests. */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import {
  type AwsAnswer,
  type AwsRequest,
  type AwsServer,
  awsIdentity,
  startAwsServer,
} from '@peregrine/sources/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openHttpReceiver } from '../../testing/http-receiver.ts';
import { numbered, type OpenSink, openSink } from '../../testing/open-sink.ts';
import { sampleAlert, sampleAlerts } from '../../testing/sample-alerts.ts';
import type { Written } from '../../testing/sink-contract.ts';
import type { Sink } from '../sink.ts';
import { awsCloudwatchLogs } from './aws-cloudwatch-logs.ts';
import { awsKinesis } from './aws-kinesis.ts';
import { awsLambda } from './aws-lambda.ts';
import { awsS3 } from './aws-s3.ts';
import { awsSns } from './aws-sns.ts';
import { awsSqs } from './aws-sqs.ts';

const corpora = join(import.meta.dirname, '../../../../corpora/sinks');
const services = ['sqs', 'sns', 'lambda', 'kinesis', 's3', 'logs', 'sts'];

let server: AwsServer;
/** What the service answers; `undefined`: as it does when all is well. */
let special: (request: AwsRequest) => AwsAnswer | undefined = () => undefined;
const opened: OpenSink[] = [];

beforeAll(async () => {
  server = await startAwsServer(services, (request) => special(request) ?? usual(request));
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  special = () => undefined;
});
afterEach(async () => {
  for (const sink of opened.splice(0)) await sink.close();
});

const keys = {
  accesskeyid: awsIdentity.accessKeyId,
  secretaccesskey: awsIdentity.secretAccessKey,
  region: 'eu-west-1',
  checkidentity: 'false',
};

async function open(sink: Sink, written: Written = {}, shared: Written = {}): Promise<OpenSink> {
  const own = sink === awsSqs ? { url: `${server.url}/123456789012/falco` } : {};
  const found = await openSink(
    sink,
    { ...own, ...written },
    { shared: { ...keys, endpoint: server.url, ...shared } },
  );
  opened.push(found);
  return found;
}

const md5 = (text: unknown): string => createHash('md5').update(String(text)).digest('hex');
const xml = (body: string): AwsAnswer => ({ type: 'text/xml', body });

function usual({ target, path, body, bytes }: AwsRequest): AwsAnswer {
  const action = new URLSearchParams(bytes.toString('utf8')).get('Action') ?? target.split('.')[1] ?? '';
  switch (action) {
    case 'SendMessage':
      return { body: { MessageId: 'm-1', MD5OfMessageBody: md5(body.MessageBody) } };
    case 'SendMessageBatch':
      return {
        body: {
          Successful: (body.Entries as { Id: string; MessageBody: string }[]).map(({ Id, MessageBody }) => ({
            ...{ Id, MessageId: `m-${Id}`, MD5OfMessageBody: md5(MessageBody) },
          })),
          Failed: [],
        },
      };
    case 'Publish':
      return xml(
        '<PublishResponse><PublishResult><MessageId>n-1</MessageId></PublishResult></PublishResponse>',
      );
    case 'GetCallerIdentity':
      return xml(
        '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/hub</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>',
      );
    case 'AssumeRole':
      return xml(
        [
          '<AssumeRoleResponse><AssumeRoleResult><Credentials>',
          `<AccessKeyId>${awsIdentity.accessKeyId}</AccessKeyId>`,
          `<SecretAccessKey>${awsIdentity.secretAccessKey}</SecretAccessKey>`,
          '<SessionToken>of the role</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>',
          '</Credentials></AssumeRoleResult></AssumeRoleResponse>',
        ].join(''),
      );
    case 'PutRecord':
      return { body: { ShardId: 's-1', SequenceNumber: '1' } };
    case 'PutRecords':
      return {
        body: {
          FailedRecordCount: 0,
          Records: (body.Records as unknown[]).map(() => ({ ShardId: 's-1', SequenceNumber: '1' })),
        },
      };
    default:
      return path.includes('/invocations')
        ? { body: '"done"', headers: { 'x-amz-log-result': Buffer.from('START\nEND').toString('base64') } }
        : { type: 'application/xml', body: target === 'PUT' ? '' : {} };
  }
}

/** A request without what is of the moment: its time and signature, and what the client library says of itself. */
function wireOf({ method, path, headers, bytes }: AwsRequest): string {
  const shown = Object.entries(headers).filter(([name]) =>
    /^(?:content-type|x-amz-(?!date|security|content-sha|user-agent|sdk).*)$/.test(name),
  );
  const lines = shown.map(([name, value]) => `${name}: ${value}`).sort();
  const text = bytes.toString('utf8');
  const body = text.startsWith('Action=') ? text.split('&').sort().map(decodeURIComponent).join('\n') : text;
  return `${method} ${path}\n${lines.join('\n')}\n\n${body.replaceAll(server.url, 'https://sqs.example.org')}\n`;
}

describe.each([
  [awsSqs, {}],
  [awsSns, {}],
  [awsLambda, {}],
  [awsKinesis, {}],
  [awsS3, {}],
  [awsCloudwatchLogs, {}],
] as const)('$name', (sink, written) => {
  test.each(sampleAlerts)('sends the alert %s', async (name, alert) => {
    const { send } = await open(sink, written);
    expect(await send(alert)).toEqual([{ kind: 'delivered' }]);
    expect(server.requests).toHaveLength(1);
    const wire = server.requests.map(wireOf).join('\n');
    await expect(wire).toMatchFileSnapshot(join(corpora, sink.name, `${name}.http`));
  });

  test('waits while it is not let in, and never tells the key', async () => {
    const { send, debugLines } = await open(sink, written, { secretaccesskey: 'wr0ng-guess' });
    const outcomes = await send(sampleAlert('test'));
    expect(outcomes).toMatchObject([
      { kind: 'retry', reason: expect.stringMatching(/signature|403|Unknown/i) },
    ]);
    expect(JSON.stringify([outcomes, debugLines])).not.toContain('wr0ng-guess');
  });

  test('waits when the service is busy, for as long as it says', async () => {
    special = () => ({
      status: 503,
      headers: { 'retry-after': '7' },
      body: { __type: 'ServiceUnavailable', message: 'busy' },
    });
    const { send } = await open(sink, written);
    expect(await send(sampleAlert('test'))).toMatchObject([{ kind: 'retry', afterMs: 7_000 }]);
    expect(server.requests).toHaveLength(1);
    special = () => undefined;
    expect(await send(sampleAlert('test'))).toEqual([{ kind: 'delivered' }]);
  });

  test('waits where nobody listens', async () => {
    const { send } = await open(
      sink,
      { ...written, ...(sink === awsSqs ? { url: 'http://127.0.0.1:1/1/q' } : {}) },
      {
        endpoint: 'http://127.0.0.1:1',
      },
    );
    expect(await send(sampleAlert('test'))).toMatchObject([
      { kind: 'retry', reason: expect.stringContaining('ECONNREFUSED') },
    ]);
  });
});

describe('credentials', () => {
  test('who they are of is asked once', async () => {
    const { send, debugLines } = await open(awsSqs, {}, { checkidentity: 'true' });
    for (let i = 0; i < 2; i++) expect(await send(sampleAlert('test'))).toEqual([{ kind: 'delivered' }]);
    expect(debugLines).toEqual(['the credentials are those of arn:aws:iam::1:user/hub']);
    expect(server.requests.map(({ bytes }) => bytes.toString('utf8').includes('GetCallerIdentity'))).toEqual([
      ...[true, false, false],
    ]);
  });

  test('that cannot be checked hold alerts back, and say which key asks for it', async () => {
    special = ({ bytes }) =>
      bytes.toString('utf8').includes('GetCallerIdentity')
        ? {
            status: 403,
            type: 'text/xml',
            body: '<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>no such key</Message></Error></ErrorResponse>',
          }
        : undefined;
    const { send } = await open(awsSqs, {}, { checkidentity: 'true' });
    expect(await send(sampleAlert('test'))).toMatchObject([
      { kind: 'retry', reason: 'the credentials could not be checked (`aws.checkidentity`): no such key' },
    ]);
  });

  test('of the container and the region of the instance are found, where no setting has them', async () => {
    const around = await openHttpReceiver();
    around.answer(({ method, path }) => {
      if (path === '/credentials') {
        const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey } = awsIdentity;
        const found = {
          AccessKeyId,
          SecretAccessKey,
          Token: 'of the container',
          Expiration: '2999-01-01T00:00:00Z',
        };
        return { status: 200, body: JSON.stringify(found), headers: { 'content-type': 'application/json' } };
      }
      return method === 'PUT' ? { status: 200, body: 'a token' } : { status: 200, body: 'ap-south-1' };
    });
    const nowhere = join(import.meta.dirname, 'nowhere');
    for (const [name, value] of Object.entries({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${around.origin}/credentials`,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: around.origin,
      AWS_CONFIG_FILE: nowhere,
      AWS_SHARED_CREDENTIALS_FILE: nowhere,
    }))
      vi.stubEnv(name, value);
    for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE', 'AWS_ACCESS_KEY_ID'])
      vi.stubEnv(name, undefined);
    const none = { accesskeyid: '', secretaccesskey: '', region: '' };
    const { send } = await open(awsSqs, {}, none);
    expect(await send(sampleAlert('test'))).toEqual([{ kind: 'delivered' }]);
    const { headers } = server.requests[0] ?? {};
    expect(headers?.['x-amz-security-token']).toBe('of the container');
    expect(headers?.authorization).toContain('/ap-south-1/sqs/aws4_request');
    vi.unstubAllEnvs();
    await around.close();
  });

  test('of a role are got with the external id, and are those of the requests', async () => {
    const role = { rolearn: 'arn:aws:iam::1:role/falco', externalid: 'xyz' };
    const { send } = await open(awsSqs, {}, role);
    expect(await send(sampleAlert('test'))).toEqual([{ kind: 'delivered' }]);
    const [asked, sent] = server.requests;
    const wanted = Object.fromEntries(new URLSearchParams(asked?.bytes.toString('utf8')));
    expect(wanted).toMatchObject({ Action: 'AssumeRole', RoleArn: role.rolearn, ExternalId: 'xyz' });
    expect(sent?.headers['x-amz-security-token']).toBe('of the role');
  });
});

describe('batches', () => {
  const alerts = numbered(sampleAlert('whole'), 4);
  const aborted = (error: object) => ({ kind: 'retry', ...error });

  test('of SQS: each message has its outcome', async () => {
    special = ({ body }) => ({
      body: {
        Successful: (body.Entries as { Id: string; MessageBody: string }[])
          .filter(({ Id }) => Id === '0' || Id === '3')
          .map(({ Id, MessageBody }) => ({ Id, MessageId: Id, MD5OfMessageBody: md5(MessageBody) })),
        Failed: [
          { Id: '1', SenderFault: true, Code: 'InvalidMessageContents', Message: 'no' },
          { Id: '2', SenderFault: false, Code: 'InternalError', Message: 'later' },
        ],
      },
    });
    const { send } = await open(awsSqs);
    expect(await send(...alerts)).toEqual([
      { kind: 'delivered' },
      { kind: 'rejected', reason: 'InvalidMessageContents: no' },
      aborted({ reason: 'InternalError: later', afterMs: undefined }),
      { kind: 'delivered' },
    ]);
  });

  test('of a queue that keeps order', async () => {
    const { send } = await open(awsSqs, { url: `${server.url}/1/falco.fifo` });
    expect((await send(...alerts)).map(({ kind }) => kind)).toEqual(alerts.map(() => 'delivered'));
    const entries = server.requests[0]?.body.Entries as {
      MessageGroupId: string;
      MessageDeduplicationId: string;
    }[];
    expect(entries.map(({ MessageGroupId }) => MessageGroupId)).toEqual(alerts.map(() => 'falco'));
    expect(new Set(entries.map(({ MessageDeduplicationId }) => MessageDeduplicationId)).size).toBe(4);
  });

  test('of Kinesis: each record has its outcome', async () => {
    special = ({ body }) => ({
      body: {
        FailedRecordCount: 1,
        Records: (body.Records as unknown[]).map((_, i) =>
          i === 2
            ? { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'slow down' }
            : { ShardId: 's', SequenceNumber: '1' },
        ),
      },
    });
    const { send } = await open(awsKinesis);
    expect(await send(...alerts)).toEqual([
      ...[{ kind: 'delivered' }, { kind: 'delivered' }],
      aborted({ reason: 'ProvisionedThroughputExceededException: slow down', afterMs: undefined }),
      { kind: 'delivered' },
    ]);
  });

  test('of CloudWatch are in the order of time, and no more than a day in one request', async () => {
    const day = 86_400_000_000_000n;
    const [a, b, c] = numbered(sampleAlert('whole'), 3).map((alert, i) => ({
      ...alert,
      timeNs: alert.timeNs + ([2n, 0n, 1n][i] ?? 0n) * day,
    }));
    special = ({ body }) =>
      JSON.stringify(body).includes('Rule 1')
        ? { body: { rejectedLogEventsInfo: { tooOldLogEventEndIndex: 1 } } }
        : { body: {} };
    const { send } = await open(awsCloudwatchLogs);
    expect(a && b && c && (await send(a, b, c))).toEqual([
      { kind: 'delivered' },
      { kind: 'rejected', reason: 'CloudWatch takes no events that are older than 14 days' },
      { kind: 'delivered' },
    ]);
    expect(server.requests.map(({ body }) => (body.logEvents as unknown[]).length)).toEqual([1, 1, 1]);
  });
});

test('group and stream of CloudWatch are made where they are missing, and not before', async () => {
  const there = new Set<string>();
  const missing = { status: 400, body: { __type: 'ResourceNotFoundException', message: 'it is not there' } };
  special = ({ target }) => {
    const action = target.split('.')[1] ?? '';
    if (action === 'PutLogEvents') return there.has('stream') ? { body: {} } : missing;
    if (action === 'CreateLogStream') {
      if (!there.has('group')) return missing;
      there.add('stream');
    }
    if (action === 'CreateLogGroup') there.add('group');
    return { body: {} };
  };
  const { send } = await open(awsCloudwatchLogs, { loggroup: 'alerts', logstream: 'node-7' });
  for (let i = 0; i < 2; i++) expect(await send(sampleAlert('test'))).toEqual([{ kind: 'delivered' }]);
  expect(server.requests.map(({ target }) => target.split('.')[1])).toEqual([
    ...[
      'PutLogEvents',
      'CreateLogStream',
      'CreateLogGroup',
      'CreateLogStream',
      'PutLogEvents',
      'PutLogEvents',
    ],
  ]);
  expect(server.requests[3]?.body).toEqual({ logGroupName: 'alerts', logStreamName: 'node-7' });
});

test('what is too large is cut, and says so', async () => {
  const fields = { 'proc.cmdline': 'x'.repeat(2_000_000) };
  const json = JSON.stringify({ output_fields: fields });
  const { send } = await open(awsSqs);
  expect(await send({ ...sampleAlert('test'), fields, json })).toEqual([{ kind: 'delivered' }]);
  const text = String(server.requests[0]?.body.MessageBody);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(262_144);
  expect(JSON.parse(text).output_fields['proc.cmdline']).toMatch(/^x+\[\.\.\.\]$/);
});

test('a topic that wants JSON, and one that keeps order', async () => {
  const { send } = await open(awsSns, { rawjson: 'true', topicarn: 'arn:aws:sns:eu-west-1:1:falco.fifo' });
  expect(await send(sampleAlert('whole'))).toEqual([{ kind: 'delivered' }]);
  const sent = Object.fromEntries(new URLSearchParams(server.requests[0]?.bytes.toString('utf8')));
  expect(sent).toMatchObject({ Message: sampleAlert('whole').json, MessageGroupId: 'falco' });
});

test('a function that fails is called again; its log is for those who debug', async () => {
  special = () => ({
    body: '{"errorMessage":"boom"}',
    headers: {
      'x-amz-function-error': 'Unhandled',
      'x-amz-log-result': Buffer.from('oh no').toString('base64'),
    },
  });
  const { send, debugLines } = await open(awsLambda);
  expect(await send(sampleAlert('test'))).toEqual([
    { kind: 'retry', reason: 'the function failed (Unhandled): {"errorMessage":"boom"}', afterMs: undefined },
  ]);
  expect(debugLines).toEqual(['log of the function: oh no']);
});
