/** Alerts as objects in a bucket of Amazon S3, or of what speaks its protocol. */

import type { ObjectCannedACL, PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { delivered, optional, schema, text, url } from '@peregrine/base';
import { type Delivery, defineClientSink, type SinkConfig } from '../sink.ts';
import { type AwsSettings, awsDestination, awsSection } from './parts/aws.ts';

/** Objects that are put at the same time: they have no order. */
const MOST_TOGETHER = 20;
const MOST_BYTES_TOGETHER = 4 * 1024 * 1024;

const config = schema({
  bucket: text({ doc: 'Name of the bucket.', example: 'falco-alerts' }),
  prefix: text({ default: 'falco', doc: 'Beginning of the names of objects.' }),
  endpoint: optional(
    url({ doc: "Address of the service, where it is not Amazon's own.", example: 'https://minio:9000' }),
  ),
  objectcannedacl: text({
    default: 'bucket-owner-full-control',
    doc: 'Ready-made access rights of the objects; empty, none are asked for.',
  }),
});
type Config = SinkConfig<typeof config.keys, typeof awsSection.config.keys>;

export const awsS3 = defineClientSink({
  name: 'aws.s3',
  title: 'AWSS3',
  category: 'storage',
  doc: 'Puts each alert as an object into a bucket of Amazon S3.',
  shared: awsSection,
  config,
  enabledBy: ['bucket'],
  example: { bucket: 'falco-alerts' },
  hasConcurrency: true,
  batching: () => ({ mostAlerts: MOST_TOGETHER, mostBytes: MOST_BYTES_TOGETHER, waitMs: 0 }),
  open: async (settings, context) => {
    const { PutObjectCommand, S3Client: Client } = await import('@aws-sdk/client-s3');
    const endpoint = settings.endpoint ?? settings.shared.endpoint;
    return awsDestination<S3Client>({
      settings: settings.shared satisfies AwsSettings,
      context,
      endpoint,
      rejects: ['EntityTooLarge', 'KeyTooLongError'],
      // Buckets of others are in the path: their names are in nobody's DNS.
      create: (options) => new Client({ ...options, forcePathStyle: endpoint !== undefined }),
      deliver: async (client, deliveries, abortSignal) => {
        await Promise.all(
          deliveries.map((delivery) =>
            client.send(new PutObjectCommand(objectOf(delivery, settings)), { abortSignal }),
          ),
        );
        return delivered;
      },
    });
  },
});

/**
 * COMPAT: falcosidekick's names, with the alert's time in place of the clock's and the id of the delivery behind it, so
 * that an alert that is sent again replaces itself and no two have one name.
 */
function objectOf(
  { alert, call }: Delivery,
  { bucket, prefix, objectcannedacl }: Config,
): PutObjectCommandInput {
  const time = utcTime(alert.timeNs);
  return {
    Bucket: bucket,
    Key: `${prefix}/${time.slice(0, 10)}/${time}-${call.deliveryId}.json`,
    Body: Buffer.from(alert.json),
    ContentType: 'application/json',
    ChecksumAlgorithm: 'CRC32',
    // The service knows which there are; new ones are no error here.
    ...(objectcannedacl === '' ? {} : { ACL: objectcannedacl as ObjectCannedACL }),
  };
}

/** RFC 3339 in UTC, with a fraction where there is one. */
function utcTime(timeNs: bigint): string {
  const seconds = new Date(Number(timeNs / 1_000_000n)).toISOString().slice(0, 19);
  const fraction = String(timeNs % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${seconds}${fraction === '' ? '' : `.${fraction}`}Z`;
}
