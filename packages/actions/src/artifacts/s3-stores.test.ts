/** Amazon S3 and MinIO, played by a server that checks signatures, conditions and checksums. */

import { readFileSync } from 'node:fs';
import { request as forward } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Secret } from '@peregrine/base';
import { createCertificates } from '@peregrine/outputs/testing';
import { awsIdentity } from '@peregrine/sources/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BucketServer, startBuckets } from '../../testing/buckets.ts';
import { artifactOf, FILE_NAME, type KeepFacts, keep, storeProblems } from '../../testing/keep.ts';
import { closedAddress, openSilentServer } from '../../testing/silent-server.ts';
import { awsS3Store } from './aws-s3.ts';
import { minioS3Store } from './minio-s3.ts';

let server: BucketServer;
beforeAll(async () => {
  server = await startBuckets();
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  server.objects.clear();
  server.special = () => undefined;
});

const { accessKeyId, secretAccessKey } = awsIdentity;
const aws = (endpoint: string, secret = secretAccessKey) => ({
  ...{ accesskeyid: accessKeyId, secretaccesskey: new Secret(secret), region: 'eu-west-1', endpoint },
  ...{ rolearn: '', externalid: '', checkidentity: true },
});
const minio = (endpoint: string, secret = secretAccessKey) => ({
  ...{ endpoint: endpoint.replace('http://', ''), access_key: accessKeyId, secret_key: new Secret(secret) },
  ...{ use_ssl: false, checkcert: true, cacertfile: '', region: 'us-east-1' },
});
const place = { bucket: 'captures', prefix: '/node-1/' };
const file = artifactOf('root:x');

describe.each([
  { store: awsS3Store, settingsAt: aws, at: (key: string) => `s3://captures/${key}` },
  { store: minioS3Store, settingsAt: minio, at: (key: string) => `${server.url}/captures/${key}` },
])('$store.name', ({ store, settingsAt, at }) => {
  const keepIt = (content = file, facts: KeepFacts = {}) =>
    keep(store, place, content, { settings: settingsAt(server.url), ...facts });

  test('an object with its type, under the prefix', async () => {
    expect(await keepIt()).toEqual({ kind: 'kept', place: at(`node-1/${FILE_NAME}`) });
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({
      path: `/captures/node-1/${FILE_NAME}?x-id=PutObject`,
      headers: { 'content-type': 'text/plain', 'if-none-match': '*' },
    });
    expect(server.objects.get(`/captures/node-1/${FILE_NAME}`)).toBe('root:x');
  });

  test('nothing is written over', async () => {
    await keepIt();
    const second = await keepIt(artifactOf('root:y'));
    expect(second).toMatchObject({ place: expect.stringMatching(/passwd-[0-9a-f]{12}\.txt$/) });
    expect(await keepIt(artifactOf('root:y'))).toEqual(second);
    expect([...server.objects.values()]).toEqual(['root:x', 'root:y']);
  });

  test('a service that knows no conditions', async () => {
    server.special = ({ headers }) =>
      headers['if-none-match'] === undefined
        ? undefined
        : { status: 501, type: 'application/xml', body: '<Error><Code>NotImplemented</Code></Error>' };
    expect(await keepIt()).toMatchObject({ kind: 'kept' });
    expect([...server.objects.keys()]).toEqual([expect.stringMatching(/passwd-[0-9a-f]{12}\.txt$/)]);
  });

  test.each([
    [403, 'AccessDenied', {}, { kind: 'refused', reason: 'AccessDenied: said' }],
    [429, 'SlowDown', { 'retry-after': '4' }, { kind: 'retry', afterMs: 4_000 }],
    [503, 'SlowDown', {}, { kind: 'retry' }],
    [500, 'InternalError', {}, { kind: 'retry' }],
  ])('%s %s', async (status, code, headers, expected) => {
    server.special = () => ({
      ...{ status, headers, type: 'application/xml' },
      body: `<Error><Code>${code}</Code><Message>said</Message></Error>`,
    });
    expect(await keepIt()).toMatchObject(expected);
    expect(server.requests).toHaveLength(1);
  });

  test('a bucket that is not there', async () => {
    const settings = settingsAt(server.url);
    expect(await keep(store, { bucket: 'other' }, file, { settings })).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('NoSuchBucket'),
    });
  });

  test('the wrong key, which is not told', async () => {
    const outcome = await keepIt(file, { settings: settingsAt(server.url, 'wr0ng-guess') });
    expect(outcome).toMatchObject({ kind: 'refused' });
    expect(JSON.stringify(outcome)).not.toContain('wr0ng-guess');
  });

  test('nobody is there, or nobody answers', async () => {
    const closed = settingsAt(await closedAddress());
    expect(await keepIt(file, { settings: closed })).toMatchObject({ kind: 'retry' });
    const silent = await openSilentServer();
    const stop = new AbortController();
    const kept = keepIt(file, { settings: settingsAt(silent.origin), signal: stop.signal });
    await silent.asked;
    stop.abort();
    expect(await kept).toMatchObject({ kind: 'retry' });
    await silent.close();
  });

  test('a bucket is a name', () => {
    expect(storeProblems(store, { bucket: 'a/b' })).toEqual(['`bucket` is no name of a bucket']);
    expect(storeProblems(store, {})).toHaveLength(1);
  });
});

test('the region of the bucket', async () => {
  await keep(awsS3Store, { ...place, region: 'eu-central-1' }, file, { settings: aws(server.url) });
  expect(server.requests[0]?.headers.authorization).toContain('/eu-central-1/s3/');
});

test('MinIO without settings', async () => {
  expect(await keep(minioS3Store, place, file)).toMatchObject({
    kind: 'refused',
    reason: '`minio.endpoint`, `minio.access_key` and `minio.secret_key` must be set',
  });
});

describe('MinIO over TLS', () => {
  const certificates = createCertificates();
  let host = '';
  let close = (): void => {};
  beforeAll(async () => {
    const read = (path: string): string => readFileSync(path, 'utf8');
    const { cert, key } = certificates.server;
    // Signatures are for the name that the client speaks to, which it passes on as it is.
    const gate = createServer({ cert: read(cert), key: read(key) }, (incoming, response) => {
      const { method, url: path, headers } = incoming;
      const onward = forward(new URL(path ?? '/', server.url), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(response);
      });
      incoming.pipe(onward);
    });
    await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve));
    host = `127.0.0.1:${(gate.address() as AddressInfo).port}`; // It listens on an address.
    close = () => {
      gate.closeAllConnections();
      gate.close();
    };
  });
  afterAll(() => {
    close();
    certificates.remove();
  });

  const keepWith = (more: Readonly<Record<string, unknown>>) =>
    keep(minioS3Store, place, file, { settings: { ...minio(host), ...more } });

  test('whom to trust', async () => {
    expect(await keepWith({ use_ssl: true })).toMatchObject({ kind: 'retry' });
    expect(await keepWith({ use_ssl: true, cacertfile: certificates.authority })).toEqual({
      kind: 'kept',
      place: `https://${host}/captures/node-1/${FILE_NAME}`,
    });
    expect(await keepWith({ endpoint: `https://${host}`, checkcert: false })).toMatchObject({ kind: 'kept' });
  });

  test('a file that is not there', async () => {
    expect(await keepWith({ cacertfile: join(certificates.folder, 'none') })).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('`minio.cacertfile`'),
    });
  });
});
