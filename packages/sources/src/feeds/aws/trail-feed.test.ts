/** S3 and SQS, played by servers that check signatures. */

import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type AwsAnswer,
  type AwsRequest,
  type AwsServer,
  awsIdentity,
  startAwsServer,
} from '../../../testing/aws-server.ts';
import { filesToldOf, TrailFeed } from './trail-feed.ts';

const record = (eventID: string) => ({
  ...{ eventVersion: '1.09', eventID, eventName: 'ConsoleLogin', eventSource: 'signin.amazonaws.com' },
  eventTime: '2026-11-25T10:00:00Z',
});
const file = (...ids: readonly string[]): Buffer => gzipSync(JSON.stringify({ Records: ids.map(record) }));
const files: Readonly<Record<string, Buffer>> = {
  'logs/1.json.gz': file('a', 'b'),
  'logs/2.json.gz': file('c'),
  'logs/digest.txt': Buffer.from('none of ours'),
};

let server: AwsServer;
let messages: string[] = [];
let deleted: unknown[] = [];
const told: string[] = [];

/** Both services behind one address. */
function answer({ target, path, body }: AwsRequest): AwsAnswer {
  return target.startsWith('AmazonSQS.') ? answerOfQueue(target, body) : answerOfStore(path);
}

function answerOfStore(path: string): AwsAnswer {
  const url = new URL(path, 'http://x');
  if (url.searchParams.has('list-type')) {
    const after = url.searchParams.get('start-after') ?? '';
    const keys = Object.keys(files).filter((key) => key > after && key.startsWith('logs/'));
    const contents = keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
    return {
      type: 'application/xml',
      body: `<ListBucketResult><Name>bucket</Name>${contents}</ListBucketResult>`,
    };
  }
  const found = files[url.pathname.replace('/bucket/', '')];
  return { type: 'application/octet-stream', body: found ?? Buffer.from('') };
}

function answerOfQueue(target: string, body: AwsRequest['body']): AwsAnswer {
  const type = 'application/x-amz-json-1.0';
  switch (target) {
    case 'AmazonSQS.GetQueueUrl':
      return { type, body: { QueueUrl: `${server.url}/1/${body.QueueName}` } };
    case 'AmazonSQS.ReceiveMessage': {
      const text = messages.shift();
      const message = { Body: text, ReceiptHandle: 'r-1', MessageId: 'm', MD5OfBody: md5(text ?? '') };
      return { type, body: text === undefined ? {} : { Messages: [message] } };
    }
    default:
      deleted.push(body.ReceiptHandle);
      return { type, body: {} };
  }
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

beforeEach(async () => {
  process.env.AWS_ACCESS_KEY_ID = awsIdentity.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = awsIdentity.secretAccessKey;
  messages = [];
  deleted = [];
  told.length = 0;
  server = await startAwsServer(['s3', 'sqs'], answer);
});
afterEach(() => server.close());

const open = (address: string): Promise<TrailFeed> =>
  TrailFeed.open({
    ...{ address, endpoint: server.url, region: 'eu-west-1', profile: undefined, mostEventBytes: 10_000 },
    ...{ deletesMessages: true, tell: (_, text) => told.push(text) },
  });

test('the files of a bucket, once', async () => {
  const feed = await open('s3://bucket/logs/');
  const ids: unknown[] = [];
  for (
    let batch = await feed.next(AbortSignal.timeout(20_000));
    batch !== undefined;
    batch = await feed.next(AbortSignal.timeout(20_000))
  )
    ids.push(...batch.events.map(({ document }) => document.textAt('eventID')));
  expect([ids, told]).toEqual([['a', 'b', 'c'], []]);
  await feed.close();
});

test('the files that a queue tells of; a message goes when all its alerts are out', async () => {
  messages = [
    JSON.stringify({
      Type: 'Notification',
      Message: JSON.stringify({ s3Bucket: 'bucket', s3ObjectKey: ['logs/1.json.gz', 'logs/2.json.gz'] }),
    }),
  ];
  const feed = await open('sqs://trail');
  const first = await feed.next(AbortSignal.timeout(20_000));
  const second = await feed.next(AbortSignal.timeout(20_000));
  expect(
    [first, second].map((batch) => batch?.events.map(({ document }) => document.textAt('eventID'))),
  ).toEqual([['a', 'b'], ['c']]);
  first?.done();
  expect(deleted).toEqual([]);
  second?.done();
  while (deleted.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect([deleted, told]).toEqual([['r-1'], []]);
  await feed.close();
});

describe('what messages tell of', () => {
  test.each([
    ['CloudTrail', { s3Bucket: 'b', s3ObjectKey: ['x', 'y'] }, ['x', 'y']],
    [
      'CloudTrail through SNS',
      { Type: 'Notification', Message: '{"s3Bucket":"b","s3ObjectKey":["x"]}' },
      ['x'],
    ],
    ['S3', { Records: [{ s3: { bucket: { name: 'b' }, object: { key: 'a+b%2Fc' } } }] }, ['a b/c']],
    ['nobody', { hello: 1 }, []],
  ])('%s', (_, body, keys) => {
    expect(filesToldOf(JSON.stringify(body))).toEqual(keys.map((key) => ({ bucket: 'b', key })));
  });

  test('no text throws', () => {
    expect(filesToldOf('nonsense')).toEqual([]);
  });
});
