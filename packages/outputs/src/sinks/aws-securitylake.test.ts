/** Files of the Security Lake, as a server that checks signatures gets them, read back. */

import { join } from 'node:path';
import { type AwsServer, awsIdentity, startAwsServer } from '@peregrine/sources/testing';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { numbered, openSink } from '../../testing/open-sink.ts';
import { sampleAlert, sampleAlerts } from '../../testing/sample-alerts.ts';
import { settingsOf } from '../../testing/sink-contract.ts';
import type { AnyClientSink } from '../sink.ts';
import { awsSecuritylake } from './aws-securitylake.ts';

const corpora = join(import.meta.dirname, '../../../../corpora/sinks/aws.securitylake');
let server: AwsServer;
let status = 200;
beforeAll(async () => {
  server = await startAwsServer('s3', () => ({ status, type: 'application/xml', body: '' }));
});
afterAll(() => server.close());

const open = () =>
  openSink(
    awsSecuritylake,
    {},
    {
      shared: {
        accesskeyid: awsIdentity.accessKeyId,
        secretaccesskey: awsIdentity.secretAccessKey,
        checkidentity: 'false',
        endpoint: server.url,
      },
    },
  );

const fileOf = (bytes: Buffer): ArrayBuffer => new Uint8Array(bytes).buffer;
const shown = (value: unknown): string =>
  JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? Number(part) : part), 2);

test('a batch is one file for each day, and findings are what they were', async () => {
  const sink = await open();
  expect(await sink.send(...sampleAlerts.map(([, alert]) => alert))).toEqual(
    sampleAlerts.map(() => ({ kind: 'delivered' })),
  );
  expect(server.requests.map(({ path }) => path.split('?')[0])).toEqual([
    '/aws-security-data-lake-eu-west-1-abc/ext/falco/region%3Deu-west-1/accountId%3D123456789012/eventDay%3D20210114/11111111-2222-5333-8444-55551f6f2a01.parquet',
    '/aws-security-data-lake-eu-west-1-abc/ext/falco/region%3Deu-west-1/accountId%3D123456789012/eventDay%3D20240301/11111111-2222-5333-8444-55551c0d7e02.parquet',
  ]);
  for (const [i, { bytes, headers }] of server.requests.entries()) {
    expect(headers['content-type']).toBe('Apache Parquet');
    const file = fileOf(bytes);
    const { schema } = parquetMetadata(file);
    const names = schema.map(
      ({ name, type = 'group', repetition_type = '' }) => `${name} ${type} ${repetition_type}`,
    );
    const rows = await parquetReadObjects({ file });
    await expect(`${names.join('\n')}\n\n${shown(rows)}\n`).toMatchFileSnapshot(
      join(corpora, `file-${i}.txt`),
    );
  }
  await sink.close();
});

test('a thousand alerts come back in order', async () => {
  server.requests.length = 0;
  const sink = await open();
  const alerts = numbered(sampleAlert('whole'), 1_000);
  expect((await sink.send(...alerts))[999]).toEqual({ kind: 'delivered' });
  const rows = await parquetReadObjects({ file: fileOf(server.requests[0]?.bytes ?? Buffer.of()) });
  expect(rows.map(({ message }) => message)).toEqual(alerts.map(({ rule }) => rule));
  expect(rows.map(({ raw_data }) => raw_data)).toEqual(alerts.map(({ json }) => json));
  await sink.close();
});

test('what the bucket does not take waits', async () => {
  const sink = await open();
  status = 503;
  expect(await sink.send(sampleAlert('test'))).toMatchObject([{ kind: 'retry' }]);
  status = 200;
  expect(await sink.send(sampleAlert('test'))).toEqual([{ kind: 'delivered' }]);
  await sink.close();
});

test('alerts are gathered for as long as is said', () => {
  const settings = settingsOf(awsSecuritylake, { interval: '7', batchsize: '50' });
  expect((awsSecuritylake as AnyClientSink).batching?.(settings.config)).toMatchObject({
    mostAlerts: 50,
    waitMs: 420_000,
  });
  expect(() => settingsOf(awsSecuritylake, { interval: '1' })).toThrow('must be 5 to 60');
});
