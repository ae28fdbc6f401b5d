/** Alerts as findings in Amazon's Security Lake: files of Parquet, one for each day that a batch touches. */

import type { S3Client } from '@aws-sdk/client-s3';
import { delivered, integer, schema, text } from '@peregrine/base';
import { type Delivery, defineClientSink, type SinkConfig } from '../sink.ts';
import { awsDestination, awsSection } from './parts/aws.ts';
import { type Finding, findingOf, findingSchema } from './parts/ocsf-finding.ts';

const MINUTE_MS = 60_000;
const MOST_BYTES_TOGETHER = 64 * 1024 * 1024;

const config = schema({
  bucket: text({ doc: 'Bucket of the lake.', example: 'aws-security-data-lake-eu-west-1-abc' }),
  region: text({ doc: 'Region of the lake.', example: 'eu-west-1' }),
  prefix: text({ doc: 'Place of the custom source in the bucket.', example: 'ext/falco' }),
  accountid: text({ doc: 'Account that the findings are of.', example: '123456789012' }),
  interval: integer({ default: 5, min: 5, max: 60, doc: 'Minutes that alerts are gathered for one file.' }),
  batchsize: integer({ default: 1000, min: 1, max: 100_000, doc: 'Most alerts in one file.' }),
});
type Config = SinkConfig<typeof config.keys, typeof awsSection.config.keys>;

export const awsSecuritylake = defineClientSink({
  name: 'aws.securitylake',
  title: 'AWSSecurityLake',
  // COMPAT: the label has a dot at its end.
  destination: 'awssecuritylake.',
  category: 'siem',
  doc: "Puts alerts as findings into Amazon's Security Lake.",
  shared: awsSection,
  config,
  enabledBy: ['bucket', 'region', 'accountid', 'prefix'],
  batching: ({ batchsize, interval }) => ({
    mostAlerts: batchsize,
    mostBytes: MOST_BYTES_TOGETHER,
    waitMs: interval * MINUTE_MS,
  }),
  open: async (settings, context) => {
    const { PutObjectCommand, S3Client: Client } = await import('@aws-sdk/client-s3');
    const { parquetWriteBuffer } = await import('hyparquet-writer');
    const { bucket, region, shared } = settings;
    return awsDestination<S3Client>({
      settings: shared,
      context,
      region,
      create: (options) => new Client({ ...options, forcePathStyle: options.endpoint !== undefined }),
      deliver: async (client, deliveries, abortSignal) => {
        for (const [day, part] of byDay(deliveries)) {
          const findings = part.map(({ alert }) => findingOf(alert));
          const file = parquetWriteBuffer({ columnData: columnData(findings), schema: findingSchema() });
          const command = new PutObjectCommand({
            Bucket: bucket,
            Key: keyOf(settings, day, part),
            Body: new Uint8Array(file),
            ContentType: 'Apache Parquet',
            ACL: 'bucket-owner-full-control',
          });
          await client.send(command, { abortSignal });
        }
        return delivered;
      },
    });
  },
});

/** The lake finds findings by the day on which they happened. */
function byDay(deliveries: readonly Delivery[]): ReadonlyMap<string, readonly Delivery[]> {
  return Map.groupBy(deliveries, ({ alert }) =>
    new Date(Number(alert.timeNs / 1_000_000n)).toISOString().slice(0, 10).replaceAll('-', ''),
  );
}

/** Named for the first alert in it: a batch that is sent again replaces what the first attempt left. */
function keyOf({ prefix, region, accountid }: Config, day: string, part: readonly Delivery[]): string {
  const place = prefix.replace(/^\/+|\/+$/g, '');
  return `${place}/region=${region}/accountId=${accountid}/eventDay=${day}/${part[0]?.call.deliveryId}.parquet`;
}

/** Every finding has the same columns. */
function columnData(findings: readonly Finding[]) {
  const names = Object.keys(findings[0] ?? {}) as (keyof Finding)[]; // Those of `findingOf`.
  return names.map((name) => ({ name, data: findings.map((finding) => finding[name]) }));
}
